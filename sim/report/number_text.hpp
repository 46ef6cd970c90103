// Numbers for people: three significant digits, the unit that keeps them short.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace microdc {

/// Three significant digits, thousands apart: "0.0123", "1.23", "12.3", "123", "12,300".
std::string rounded_text(double value);
/// Two significant digits, for what is known no better: "1.4", "23", "4,400".
std::string rough_text(double value);
/// A whole number, thousands apart: "19,366".
std::string count_text(std::int64_t count);
/// "1 year", "4 years", "2.5 years"
std::string years_text(double years);
/// A time [s]: "85 µs", "12.3 ms", "1.23 s", "12 min 5 s", "3 h 20 min", "2.5 d".
std::string duration_text(double seconds);
/// [W]: "850 W", "1.23 kW".
std::string power_text(double watts);
/// [kWh]: "0.85 Wh", "1.23 kWh", "1.23 MWh".
std::string energy_text(double kwh);
/// "1.23 EUR", "12,300 EUR".
std::string money_text(double amount, std::string_view currency);
/// An amount to the hundredth, without currency: "-12,345.60".
std::string cents_text(std::int64_t hundredths);
/// In the place of a number: "not known (no price of X)", with the first of what is missing.
std::string not_known_text(const std::vector<std::string>& missing);
/// A share of one: "12.3 %".
std::string share_text(double share);

}  // namespace microdc
