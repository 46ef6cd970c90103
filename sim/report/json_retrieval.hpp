// The member `retrieval` of a result, and how distributions of durations are written.
#pragma once

#include "hwprofiles/base/json_io.hpp"
#include "sim/serving/results.hpp"

namespace microdc {

/// mean, p50, p90, p95 and p99 [s]; null where the sample does not support them.
OrderedJson distribution(const DurationHistogram& histogram);

OrderedJson retrieval_json(const SimulationResult& result);

}  // namespace microdc
