#pragma once

#include <string>
#include <string_view>

namespace microdc {

/// ASCII letters in lower case, whatever the locale.
std::string lower_case(std::string_view text);

/// The form in which names of catalogs are compared: lower case, without '-', '_' and blanks, so
/// that "H100-SXM-80GB", "h100 sxm 80gb" and "h100_sxm_80gb" are one name.
std::string name_key(std::string_view name);

/// The same for words of people's own languages, in UTF-8: without accents too, so that "München",
/// "munchen" and "MÜNCHEN" are one word.
std::string spoken_key(std::string_view word);

}  // namespace microdc
