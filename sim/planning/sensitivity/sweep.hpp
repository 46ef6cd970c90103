// `--sweep path=a:b:n`: values of one field in equal steps, and the grid of several.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

inline constexpr std::size_t max_sweep_points = 10000;

struct SweepAxis {
  std::string path;
  std::vector<std::string> values;  ///< as for --set: "0.25 EUR/kWh"
};

/// "sites/0/electricity_price=0.1:0.3 EUR/kWh:5": first and last value, the unit at one of them or
/// both, and how many. Errors: another form, no numbers, two different units, no whole number of at
/// least 1 or more than max_sweep_points of values; the place is "--sweep".
Result<SweepAxis> parse_sweep(std::string_view text);

/// All axes; error if their grid has more than max_sweep_points points or a path stands twice.
Result<std::vector<SweepAxis>> parse_sweeps(const std::vector<std::string>& texts);

/// Number of points of the grid; 1 without axes.
std::size_t sweep_points(const std::vector<SweepAxis>& axes);
/// The changes of one point; the last axis runs fastest.
std::vector<Override> changes_of(const std::vector<SweepAxis>& axes, std::size_t point);

}  // namespace microdc
