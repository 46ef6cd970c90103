#include "hwprofiles/base/thousands.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {

std::string with_thousands(std::string digits) {
  const std::size_t start = digits.front() == '-' ? 1 : 0;
  const std::size_t point = std::min(digits.find('.'), digits.size());
  for (std::size_t at = point; at > start + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string whole_text(double value) { return with_thousands(fmt::format("{:.0f}", value)); }

}  // namespace microdc
