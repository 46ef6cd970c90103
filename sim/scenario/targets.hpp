// Where the gateway may send a request: pools and clouds, which share one set of names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Position among all targets: the scenario's pools, then its clouds. Nullopt if there is none.
std::optional<std::size_t> target_index(const Scenario& scenario, std::string_view name);
/// Name of the target at this position.
const std::string& target_name(const Scenario& scenario, std::size_t target);
inline std::size_t target_count(const Scenario& scenario) {
  return scenario.pools.size() + scenario.clouds.size();
}
inline bool is_cloud(const Scenario& scenario, std::size_t target) {
  return target >= scenario.pools.size();
}

/// Whether the gateway chooses between the small and the large target for each request: a workload
/// that names its pool stays there.
bool routed_by_complexity(const Scenario& scenario, const WorkloadSpec& workload);

/// Whether request `request` of workload `workload` is one of the hard ones, the share large_share
/// of them all. The same request is as difficult in every variant of a scenario, and what is hard
/// at one share is hard at every larger one.
bool is_hard(const Scenario& scenario, std::uint32_t workload, std::uint32_t request);

/// Targets that requests of the workload are meant for, before any spill: the one it names, the
/// small and the large one, or the only pool that takes requests. Names that do not exist are left
/// out.
std::vector<std::size_t> first_targets(const Scenario& scenario, const WorkloadSpec& workload);

}  // namespace microdc
