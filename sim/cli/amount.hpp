// Numbers and amounts of money as people type them: "2.000", "60k EUR", "€60,000", "60.000 €".
#pragma once

#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/quantity_text.hpp"

namespace microdc::cli {

/// The number may end in k, m, M, Mio, million, bn or Mrd; points, commas, blanks and apostrophes
/// before groups of three digits are thousands separators, a point or comma before one or two
/// digits is a decimal one: "2.000" and "2 000" are 2000, "2.5" is 2.5. Files are stricter
/// (parse_quantity). Errors, without place: no number, separators that can be read in two ways.
Result<double> read_number(std::string_view text);

/// Reads such a number with its currency before, behind or on both sides of it: a three-letter code
/// in any case, €, £, $ (the `home` currency if that is a dollar, else USD) or a dollar of a place
/// ("CA$", "C$", "$ CA", "$" before and "CAD" behind). Errors besides: no currency, two of them.
Result<ParsedQuantity> read_amount(std::string_view text, std::string_view home);

}  // namespace microdc::cli
