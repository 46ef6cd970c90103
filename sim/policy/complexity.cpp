#include "sim/policy/complexity.hpp"

#include "sim/policy/routing_curves.hpp"
#include "sim/scenario/targets.hpp"

namespace microdc {
namespace {

/// What the completed requests of the routed workloads cost at the large cloud.
std::optional<Money> everyone_large(const Scenario& scenario, const SimulationResult& result) {
  const auto target = target_index(scenario, scenario.gateway.complexity->large);
  if (!target || !is_cloud(scenario, *target)) return std::nullopt;
  const CloudSpec& cloud = scenario.clouds[*target - scenario.pools.size()];
  if (!cloud.input_price || !cloud.output_price) return std::nullopt;
  Money total(0);
  for (std::size_t i = 0; i < scenario.workloads.size() && i < result.streams.size(); ++i) {
    if (!routed_by_complexity(scenario, scenario.workloads[i])) continue;
    const RequestCounts& counts = result.streams[i].counts;
    total += *cloud.input_price * (static_cast<double>(counts.input_tokens) / 1e6) +
             *cloud.output_price * (static_cast<double>(counts.output_tokens) / 1e6);
  }
  return total;
}

}  // namespace

std::optional<RoutingOutcome> routing_outcome(const Scenario& scenario,
                                              const SimulationResult& result) {
  if (!scenario.gateway.complexity) return std::nullopt;
  const ComplexitySpec& spec = *scenario.gateway.complexity;
  RoutingOutcome outcome{
      .small = spec.small, .large = spec.large, .curve = spec.curve, .router = spec.router};
  for (std::size_t i = 0; i < scenario.workloads.size() && i < result.streams.size(); ++i) {
    if (!routed_by_complexity(scenario, scenario.workloads[i])) continue;
    const RoutingCounts& counts = result.streams[i].routing;
    outcome.requests += counts.small + counts.large;
    outcome.to_large += counts.large;
    outcome.moved_by_law += counts.moved_by_law;
    outcome.spilled += counts.spilled;
  }
  if (outcome.requests == 0) return std::nullopt;
  outcome.large_share =
      static_cast<double>(outcome.to_large) / static_cast<double>(outcome.requests);
  outcome.everyone_large = everyone_large(scenario, result);
  const RoutingCurve* curve = find_routing_curve(spec.curve);
  if (curve == nullptr) return outcome;
  const auto retained = [&](std::string_view router) -> std::optional<double> {
    const auto recovered = gap_recovered(*curve, router, outcome.large_share);
    return recovered ? std::optional(curve->retained(*recovered)) : std::nullopt;
  };
  outcome.gap_recovered = gap_recovered(*curve, spec.router, outcome.large_share);
  outcome.quality_retained = retained(spec.router);
  outcome.retained_if_random = retained("random");
  outcome.retained_if_oracle = retained("oracle");
  return outcome;
}

}  // namespace microdc
