// A small scenario with round numbers, and a made-up hour of it.
#pragma once

#include "hwprofiles/catalog.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"

namespace microdc::testing {

/// Two servers "a100-1x" on one site, PUE 1.5, 0.20 EUR/kWh, prices one EUR per USD.
Scenario small_scenario();

/// 2000 requests, 1,000,000 prompt and 500,000 answer tokens, 2 kWh of IT and 3 kWh of the
/// facility.
SimulationResult one_hour();

const HardwareCatalog& hardware();

inline constexpr double hours_per_year = 8766;

}  // namespace microdc::testing
