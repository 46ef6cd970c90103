// What routing by complexity kept of the large model's quality in a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hwprofiles/base/units.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"

namespace microdc {

struct RoutingOutcome {
  std::string small, large;  ///< targets
  std::string curve, router;
  std::int64_t requests = 0;  ///< sent to one of both
  std::int64_t to_large = 0;
  std::int64_t moved_by_law = 0;  ///< to the other one than their difficulty asks for
  std::int64_t spilled = 0;       ///< elsewhere because of a queue; no quality is claimed for them
  double large_share = 0;         ///< as it came out
  // Of the measured pair of models; empty: not known for this curve.
  std::optional<double> gap_recovered;
  std::optional<double> quality_retained;    ///< over "everyone picks the large model"
  std::optional<double> retained_if_random;  ///< floor
  std::optional<double> retained_if_oracle;  ///< ceiling
  /// Tokens of all these requests at the large target's price; empty: it is a pool, or has no
  /// price.
  std::optional<Money> everyone_large;
};

/// Nullopt if nothing was routed by complexity.
std::optional<RoutingOutcome> routing_outcome(const Scenario& scenario,
                                              const SimulationResult& result);

}  // namespace microdc
