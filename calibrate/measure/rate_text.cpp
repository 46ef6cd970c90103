#include "calibrate/measure/rate_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace microdc {
namespace {

std::string digits(double value) {
  if (!(value > 0)) return "0";
  const int decimals = std::max(0, 2 - static_cast<int>(std::floor(std::log10(value))));
  return fmt::format("{:.{}f}", value, decimals);
}

}  // namespace

std::string rate_text(double per_second, const char* unit) {
  static constexpr std::array prefixes{"", "k", "M", "G", "T", "P"};
  std::size_t i = 0;
  while (per_second >= 999.5 && i + 1 < prefixes.size()) {
    per_second /= 1000;
    ++i;
  }
  return fmt::format("{} {}{}/s", digits(per_second), prefixes[i], unit);
}

std::string time_text(double seconds) {
  if (seconds < 999.5e-9) return digits(1e9 * seconds) + " ns";
  if (seconds < 999.5e-6) return digits(1e6 * seconds) + " us";
  if (seconds < 999.5e-3) return digits(1e3 * seconds) + " ms";
  return digits(seconds) + " s";
}

std::string size_text(double bytes) {
  static constexpr std::array prefixes{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t i = 0;
  while (bytes >= 1024 && i + 1 < prefixes.size()) {
    bytes /= 1024;
    ++i;
  }
  return fmt::format("{} {}", digits(bytes), prefixes[i]);
}

}  // namespace microdc
