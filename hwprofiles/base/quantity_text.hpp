// Quantities as people write them: "4.8 TB/s", "350 W", "0.19 EUR/kWh", "30 s", "12 %".
#pragma once

#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

/// What a number in a file measures. Each dimension has one base unit (in brackets) in which the
/// program computes, and a set of units in which it may be written.
enum class Dimension {
  none,              ///< a plain number [1]; percentages ("12 %") are read as fractions
  time,              ///< [s]      ns us ms s min h d y
  rate,              ///< [1/s]    /s, /min, /h, /d
  bytes,             ///< [byte]   B kB MB GB TB PB, KiB MiB GiB TiB
  bytes_per_second,  ///< [B/s]    kB/s … PB/s, Gbit/s …
  flop_per_second,   ///< [FLOP/s] GFLOP/s TFLOP/s PFLOP/s, TOP/s
  power,             ///< [W]      mW W kW MW
  energy,            ///< [J]      J kJ MJ Wh kWh MWh
  money,             ///< [currency] "1200 EUR"
  money_per_energy,  ///< [currency/J] "0.19 EUR/kWh"
  carbon_intensity,  ///< [g/J]    "381 g/kWh" of CO2 equivalent
};

/// A parsed quantity: the value in the dimension's base unit, and the currency code if it had one.
struct ParsedQuantity {
  double value = 0;
  std::string currency;
};

/// Reads a quantity of the given dimension. Errors (without file and place, which the caller knows):
/// no number, not finite, unit missing or not of this dimension (allowed units are listed).
/// Zero may be written without a unit.
Result<ParsedQuantity> parse_quantity(std::string_view text, Dimension dimension);

/// The value with the unit in which a person would write it ("4.8 TB/s"), round-trip exact.
std::string format_quantity(double value, Dimension dimension, std::string_view currency = "");

/// Base unit's symbol, e.g. "B/s"; empty for none.
std::string_view base_unit(Dimension dimension);

/// Units that may be written, e.g. "B/s, kB/s, MB/s, …".
std::string allowed_units(Dimension dimension);

}  // namespace microdc
