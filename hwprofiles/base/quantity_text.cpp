#include "hwprofiles/base/quantity_text.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"

namespace microdc {
namespace {

/// One of this unit is factor / divisor base units: both whole numbers, so that "95 %" is 0.95 exactly
/// and "0.21 EUR/kWh" reads back as it was written.
struct Unit {
  std::string_view symbol;
  double factor;
  double divisor = 1;
};

double to_base(const Unit& unit, double number) { return number * unit.factor / unit.divisor; }

// In each table the units are ordered by size; format_quantity picks among those it finds readable.
constexpr std::array no_units{Unit{"%", 1, 100}};
constexpr std::array time_units{
    Unit{"ns", 1, 1e9}, Unit{"us", 1, 1e6}, Unit{"ms", 1, 1e3}, Unit{"s", 1},
    Unit{"min", 60},  Unit{"h", 3600},  Unit{"d", 86400.0}, Unit{"y", seconds_per_year}};
constexpr std::array rate_units{Unit{"/y", 1, seconds_per_year}, Unit{"/d", 1, 86400},
                                Unit{"/h", 1, 3600}, Unit{"/min", 1, 60}, Unit{"/s", 1}};
constexpr std::array byte_units{Unit{"B", 1},      Unit{"kB", 1e3},          Unit{"KiB", 1024.0},
                                Unit{"MB", 1e6},   Unit{"MiB", 1048576.0},   Unit{"GB", 1e9},
                                Unit{"GiB", 1073741824.0}, Unit{"TB", 1e12},
                                Unit{"TiB", 1099511627776.0}, Unit{"PB", 1e15}};
constexpr std::array bandwidth_units{
    Unit{"B/s", 1},          Unit{"kB/s", 1e3},       Unit{"Mbit/s", 1.25e5}, Unit{"MB/s", 1e6},
    Unit{"Gbit/s", 1.25e8},  Unit{"GB/s", 1e9},       Unit{"Tbit/s", 1.25e11}, Unit{"TB/s", 1e12},
    Unit{"PB/s", 1e15}};
constexpr std::array flop_units{Unit{"FLOP/s", 1},     Unit{"GFLOP/s", 1e9},  Unit{"GOP/s", 1e9},
                                Unit{"TFLOP/s", 1e12}, Unit{"TOP/s", 1e12},   Unit{"PFLOP/s", 1e15},
                                Unit{"POP/s", 1e15}};
constexpr std::array power_units{Unit{"mW", 1, 1e3}, Unit{"W", 1}, Unit{"kW", 1e3}, Unit{"MW", 1e6}};
constexpr std::array energy_units{Unit{"J", 1},     Unit{"kJ", 1e3},    Unit{"Wh", 3600.0},
                                  Unit{"MJ", 1e6},  Unit{"kWh", 3.6e6}, Unit{"MWh", 3.6e9}};
constexpr std::array carbon_units{Unit{"g/MWh", 1, 3.6e9}, Unit{"g/kWh", 1, 3.6e6},
                                  Unit{"kg/kWh", 1000, 3.6e6}};
// Behind a currency code.
constexpr std::array per_energy_units{Unit{"/MWh", 1, 3.6e9}, Unit{"/kWh", 1, 3.6e6}};
constexpr std::array money_units{Unit{"", 1.0}};

std::span<const Unit> units_of(Dimension dimension) {
  switch (dimension) {
    case Dimension::none: return no_units;
    case Dimension::time: return time_units;
    case Dimension::rate: return rate_units;
    case Dimension::bytes: return byte_units;
    case Dimension::bytes_per_second: return bandwidth_units;
    case Dimension::flop_per_second: return flop_units;
    case Dimension::power: return power_units;
    case Dimension::energy: return energy_units;
    case Dimension::money: return money_units;
    case Dimension::money_per_energy: return per_energy_units;
    case Dimension::carbon_intensity: return carbon_units;
  }
  return {};
}

bool is_money(Dimension dimension) {
  return dimension == Dimension::money || dimension == Dimension::money_per_energy;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

Diagnostic wrong_quantity(std::string_view text, Dimension dimension, std::string message) {
  return {.message = std::move(message),
          .found = fmt::format("\"{}\"", text),
          .allowed = fmt::format("a number and one of: {}", allowed_units(dimension)),
          .fix = {}};
}

/// Splits "EUR/kWh" into the currency code (three capital letters) and the rest.
std::string_view take_currency(std::string_view& unit) {
  std::size_t letters = 0;
  while (letters < unit.size() && unit[letters] >= 'A' && unit[letters] <= 'Z') ++letters;
  if (letters != 3) return {};
  const std::string_view code = unit.substr(0, 3);
  unit.remove_prefix(3);
  return code;
}

/// Why what stands behind a number is no currency: "k EUR", ",000 EUR" and " 000 EUR" are parts of
/// numbers as people type them.
Diagnostic wrong_currency(std::string_view text, Dimension dimension, std::string_view unit) {
  Diagnostic error = wrong_quantity(text, dimension, "the currency is missing");
  for (std::size_t at = 1; at < unit.size(); ++at) {
    const std::string_view before = unit.substr(0, at);
    std::string_view rest = unit.substr(at);
    const bool letter = rest.front() >= 'A' && rest.front() <= 'Z';
    const bool begins = before.back() < 'A' || before.back() > 'Z';
    if (!letter || !begins || take_currency(rest).empty()) continue;
    error.message = "numbers in files are written out";
    error.fix = fmt::format(
        "write every digit, without separators, then the currency: \"60000 {}\"", unit.substr(at));
    if (dimension != Dimension::money) error.fix.clear();
    break;
  }
  return error;
}

}  // namespace

Result<ParsedQuantity> parse_quantity(std::string_view text, Dimension dimension) {
  const std::string_view trimmed = trim(text);
  ParsedQuantity quantity;
  const char* const end = trimmed.data() + trimmed.size();
  const auto [rest, error] = std::from_chars(trimmed.data(), end, quantity.value);
  if (error != std::errc() || !std::isfinite(quantity.value)) {
    return wrong_quantity(text, dimension, "this is not a finite number with a unit");
  }
  std::string_view unit = trim({rest, static_cast<std::size_t>(end - rest)});
  if (unit.empty() && (dimension == Dimension::none || quantity.value == 0)) return quantity;
  if (unit.empty()) return wrong_quantity(text, dimension, "the unit is missing");
  if (is_money(dimension)) {
    quantity.currency = take_currency(unit);
    if (quantity.currency.empty()) {
      return wrong_currency(text, dimension, unit);
    }
  }
  for (const Unit& known : units_of(dimension)) {
    if (known.symbol == unit) {
      quantity.value = to_base(known, quantity.value);
      return quantity;
    }
  }
  return wrong_quantity(text, dimension, fmt::format("unit \"{}\" does not fit here", unit));
}

namespace {

/// The shortest number of this unit that reads back as `value`; empty if there is none.
std::string exact_number(const Unit& unit, double value) {
  const double scaled = value * unit.divisor / unit.factor;
  for (const int digits : {15, 16, 17}) {
    const std::string text = fmt::format("{:.{}g}", scaled, digits);
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    if (to_base(unit, number) == value) return fmt::format("{}", number);
  }
  return {};
}

/// In the one unit in which this dimension is written.
std::string in_unit(double value, Dimension dimension, std::string_view symbol) {
  for (const Unit& unit : units_of(dimension)) {
    if (unit.symbol != symbol) continue;
    std::string number = exact_number(unit, value);
    return number.empty() ? fmt::format("{}", value * unit.divisor / unit.factor) : number;
  }
  return {};
}

}  // namespace

std::string format_quantity(double value, Dimension dimension, std::string_view currency) {
  if (dimension == Dimension::none) return fmt::format("{}", value);
  if (dimension == Dimension::money) return fmt::format("{} {}", value, currency);
  if (dimension == Dimension::money_per_energy) {
    return fmt::format("{} {}/kWh", in_unit(value, dimension, "/kWh"), currency);
  }
  if (dimension == Dimension::carbon_intensity) {
    return fmt::format("{} g/kWh", in_unit(value, dimension, "g/kWh"));
  }
  // The unit that gives the shortest text: "350 W" rather than "0.35 kW", and exact on reading back.
  std::string best;
  for (const Unit& unit : units_of(dimension)) {
    const std::string number = exact_number(unit, value);
    if (number.empty()) continue;
    std::string text = fmt::format("{} {}", number, unit.symbol);
    if (best.empty() || text.size() < best.size()) best = std::move(text);
  }
  return best.empty() ? fmt::format("{} {}", value, base_unit(dimension)) : best;
}

std::string_view base_unit(Dimension dimension) {
  switch (dimension) {
    case Dimension::none: return "";
    case Dimension::time: return "s";
    case Dimension::rate: return "/s";
    case Dimension::bytes: return "B";
    case Dimension::bytes_per_second: return "B/s";
    case Dimension::flop_per_second: return "FLOP/s";
    case Dimension::power: return "W";
    case Dimension::energy: return "J";
    case Dimension::money: return "currency";
    case Dimension::money_per_energy: return "currency/J";
    case Dimension::carbon_intensity: return "g/J";
  }
  return "";
}

std::string allowed_units(Dimension dimension) {
  std::vector<std::string> names;
  for (const Unit& unit : units_of(dimension)) {
    names.push_back((is_money(dimension) ? "EUR" : "") + std::string(unit.symbol));
  }
  return join_names(names) + (is_money(dimension) ? " (any three-letter currency code)" : "");
}

}  // namespace microdc
