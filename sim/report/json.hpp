// The answer for programs. Its keys are a contract (docs/outputs.md, result.json).
#pragma once

#include <map>
#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/report.hpp"

namespace microdc {

inline constexpr int result_schema_version = 1;

/// The result as one object. All but the member "engine" is equal for equal inputs and seed.
OrderedJson result_json(const Report& report);

/// Every number of the result under its path: "requests.completed", "latency.ttft_s.p50",
/// "replicas.0.busy_share". Leaves out what says nothing about the rack: versions, seed, engine,
/// bands, comparisons.
std::map<std::string, double> result_figures(const Report& report);

}  // namespace microdc
