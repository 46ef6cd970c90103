// Amounts of money as people type them: "60000 EUR", "60k EUR", "€60,000", "60.000 €".
#pragma once

#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/quantity_text.hpp"

namespace microdc::cli {

/// Reads a number with its currency before or behind it: a three-letter code in any case, €, £ or $
/// (the `home` currency if that is a dollar, else USD). The number may end in k, M or Mio; points,
/// commas, blanks and apostrophes before groups of three digits are thousands separators, a point
/// or comma before one or two digits is a decimal one. Files are stricter (parse_quantity). Errors,
/// without place: no number, no currency, separators that can be read in two ways.
Result<ParsedQuantity> read_amount(std::string_view text, std::string_view home);

}  // namespace microdc::cli
