// The first rack of a new scenario: the cheapest servers that carry the load.
#pragma once

#include <optional>

#include "sim/planning/sizing/peak_load.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/scenario/starter.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

struct SizedRack {
  Scenario scenario;
  Money price;  ///< of its servers, in the scenario's currency
  PeakLoad load;
  double capacity = 0;        ///< requests per second that it takes within the objectives
  std::int64_t compared = 0;  ///< servers of the catalog with a price that hold the model
};

/// Puts into the scenario of `answers` the cheapest servers of one type, at most a rack of 42 units
/// full, whose replicas take the peak of a working day within the objectives (replica_capacity)
/// `answers.headroom` times. It is a starting point that was not simulated, no recommendation.
/// Errors: unknown model; infeasible: no server holds the model, none carries the load, or the
/// budget does not pay for those that do (the nearest miss is named). Warning: more prompts than
/// people write.
Result<SizedRack> cheapest_rack(const StarterAnswers& answers, const Catalogs& catalogs,
                                const CheckContext& context);

}  // namespace microdc
