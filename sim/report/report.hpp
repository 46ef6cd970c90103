// Everything that the answer of a simulation is made from.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/economics/cost.hpp"
#include "sim/economics/economics.hpp"
#include "sim/policy/audit.hpp"
#include "sim/policy/complexity.hpp"
#include "sim/report/measured/measured.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"

namespace microdc {

/// Spread of one figure over replications.
struct Band {
  double p10 = 0;
  double p50 = 0;
  double p90 = 0;
};

/// Spread of every figure over replications with laws, prices, powers and overheads drawn from
/// their uncertainty.
struct Bands {
  std::int64_t samples = 0;
  /// By path in the result, e.g. "latency.ttft_s.p50". A figure that some replication could not
  /// tell is absent.
  std::map<std::string, Band> figures;

  /// Null if there is none.
  [[nodiscard]] const Band* find(const std::string& path) const;
};

struct Report {
  Scenario scenario;
  SimulationResult result;
  RunCost cost;
  Economics economics;
  std::optional<ResidencyAudit> residency;
  std::optional<RoutingOutcome> routing;
  std::vector<UnusedDevices> unused_devices;
  std::string inputs_sha256;
  std::optional<Bands> bands;
  std::optional<MeasuredComparison> measured;
};

/// The median request waits longer for a place than it is served.
bool is_overloaded(const SimulationResult& result);
/// What the first sentence says of an overloaded rack; empty for others.
std::string overload_text(const SimulationResult& result);
/// "; 95 % are needed" if fewer requests than the scenario needs met every objective; else empty.
std::string shortfall_text(const Report& report);
/// What a reader must know: the simulation's own caveats, then what this run's counts imply.
std::vector<std::string> caveats_of(const Report& report);
/// What energy and cost lack, each item once.
std::vector<std::string> missing_of(const Report& report);

}  // namespace microdc
