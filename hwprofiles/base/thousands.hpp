// Digits that people can count.
#pragma once

#include <string>

namespace microdc {

/// A decimal number with its thousands apart: "-12345.5" is "-12,345.5".
std::string with_thousands(std::string digits);

/// A number of things, or an amount whose fraction does not matter, as whole digits: "12,346".
std::string whole_text(double value);

}  // namespace microdc
