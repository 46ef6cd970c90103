// Ranges that several fields of a scenario share, in base units. They stop typing mistakes and
// overflow; they are no statement about what is sensible.
#pragma once

#include "hwprofiles/base/units.hpp"

namespace microdc::scenario_limits {

inline constexpr double max_tokens = 16.0 * 1024 * 1024;  ///< of one prompt or answer
inline constexpr double max_count = 100000;               ///< servers, replicas, ranks
inline constexpr double min_time = 1e-9;                  ///< one tick of logic time [s]
/// [s] A century: well below the 292 years that fit 64-bit nanoseconds.
inline constexpr double max_time = 100 * seconds_per_year;
inline constexpr double min_rate = 1 / seconds_per_year;  ///< [1/s]

}  // namespace microdc::scenario_limits
