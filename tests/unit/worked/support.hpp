// A world that stands still, for examples that let one thing move.
#pragma once

#include "sim/planning/forecast/grid.hpp"
#include "sim/planning/forecast/trends.hpp"

namespace microdc::testing {

/// Trends of factor 1 without noise; models may become as small as they like.
Trends still();
/// The rate of a trend, to set it.
Figure& rate(Trends& trends, TrendName name);
/// A rack that serves everything in time and takes 1,000 kWh for 250 a year.
OperatingGrid one_point();

}  // namespace microdc::testing
