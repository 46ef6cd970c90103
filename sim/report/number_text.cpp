#include "sim/report/number_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hwprofiles/base/thousands.hpp"

namespace microdc {
namespace {

constexpr int significant_digits = 3;

/// The value to so many significant digits, so that a limit such as 1000 is compared after
/// rounding.
double rounded(double value, int digits = significant_digits) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double magnitude = std::floor(std::log10(std::abs(value)));
  const double unit = std::pow(10.0, magnitude - (digits - 1));
  return std::round(value / unit) * unit;
}

std::string two_parts(std::int64_t total, std::int64_t per_large, const char* large,
                      const char* small) {
  const std::int64_t rest = total % per_large;
  if (rest == 0) return fmt::format("{} {}", total / per_large, large);
  return fmt::format("{} {} {} {}", total / per_large, large, rest, small);
}

}  // namespace

std::string rounded_text(double value) {
  const double short_value = rounded(value);
  if (short_value == 0) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(short_value)) + 1e-9));
  if (magnitude < -6) return fmt::format("{:.2e}", short_value);
  const int decimals = std::max(0, significant_digits - 1 - magnitude);
  return with_thousands(fmt::format("{:.{}f}", short_value, decimals));
}

std::string rough_text(double value) {
  const double short_value = rounded(value, 2);
  return std::abs(short_value) < 10 ? fmt::format("{:.2g}", short_value) : whole_text(short_value);
}

std::string count_text(std::int64_t count) { return with_thousands(std::to_string(count)); }

std::string years_text(double years) {
  return fmt::format("{:g} year{}", years, years == 1 ? "" : "s");
}

std::string duration_text(double seconds) {
  const double size = std::abs(rounded(seconds));
  if (size == 0) return "0 s";
  if (size < 1e-3) return rounded_text(seconds * 1e6) + " µs";
  if (size < 1) return rounded_text(seconds * 1e3) + " ms";
  if (size < 120) return rounded_text(seconds) + " s";
  if (size < 3600) return two_parts(std::llround(seconds), 60, "min", "s");
  if (size < 48 * 3600) return two_parts(std::llround(seconds / 60), 60, "h", "min");
  return rounded_text(seconds / 86400) + " d";
}

std::string power_text(double watts) {
  if (std::abs(rounded(watts)) < 1000) return rounded_text(watts) + " W";
  return rounded_text(watts / 1000) + " kW";
}

std::string energy_text(double kwh) {
  const double size = std::abs(rounded(kwh));
  if (size < 1) return rounded_text(kwh * 1000) + " Wh";
  if (size < 1000) return rounded_text(kwh) + " kWh";
  return rounded_text(kwh / 1000) + " MWh";
}

std::string money_text(double amount, std::string_view currency) {
  return fmt::format("{} {}", rounded_text(amount), currency);
}

std::string cents_text(std::int64_t hundredths) {
  const std::string digits = fmt::format("{:03}", std::abs(hundredths));
  const std::size_t units = digits.size() - 2;
  return fmt::format("{}{}.{}", hundredths < 0 ? "-" : "", with_thousands(digits.substr(0, units)),
                     digits.substr(units));
}

std::string not_known_text(const std::vector<std::string>& missing) {
  return missing.empty() ? "not known" : fmt::format("not known ({})", missing.front());
}

std::string share_text(double share) { return rounded_text(share * 100) + " %"; }

}  // namespace microdc
