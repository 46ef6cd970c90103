// The week that a forecast simulates again and again.
#pragma once

#include <filesystem>

#include "sim/planning/plan/demand.hpp"

namespace microdc {

/// More requests than this tell a quantile no better, where they arrive at the same rate all the
/// time.
inline constexpr std::int64_t enough_requests = 50'000;

/// The busiest week (demand.hpp). If it has more than `enough_requests` and every workload is of a
/// kind with a steady rate (is_steady) and lasts a duration, all durations are cut in proportion;
/// server failures then fall into the shorter time as they would. Errors: those of busiest_week.
Result<Demand> sampled_week(const Scenario& scenario, const std::filesystem::path& base_folder);

}  // namespace microdc
