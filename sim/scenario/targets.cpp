#include "sim/scenario/targets.hpp"

#include <algorithm>

#include "hwprofiles/base/random.hpp"

namespace microdc {

std::optional<std::size_t> target_index(const Scenario& scenario, std::string_view name) {
  for (std::size_t i = 0; i < target_count(scenario); ++i) {
    if (target_name(scenario, i) == name) return i;
  }
  return std::nullopt;
}

const std::string& target_name(const Scenario& scenario, std::size_t target) {
  return is_cloud(scenario, target) ? scenario.clouds.at(target - scenario.pools.size()).name
                                    : scenario.pools.at(target).name;
}

bool routed_by_complexity(const Scenario& scenario, const WorkloadSpec& workload) {
  return workload.pool.empty() && scenario.gateway.complexity.has_value();
}

bool is_hard(const Scenario& scenario, std::uint32_t workload, std::uint32_t request) {
  if (!scenario.gateway.complexity) return false;
  const double difficulty = RandomStream(static_cast<std::uint64_t>(scenario.seed),
                                         RandomPurpose::difficulty, workload, request)
                                .uniform();
  return difficulty >= 1 - scenario.gateway.complexity->large_share;
}

std::vector<std::size_t> first_targets(const Scenario& scenario, const WorkloadSpec& workload) {
  std::vector<std::size_t> targets;
  const auto add = [&](std::string_view name) {
    if (const auto index = target_index(scenario, name)) targets.push_back(*index);
  };
  if (!workload.pool.empty()) {
    add(workload.pool);
  } else if (routed_by_complexity(scenario, workload)) {
    add(scenario.gateway.complexity->small);
    add(scenario.gateway.complexity->large);
  } else {
    const auto only =
        std::find_if(scenario.pools.begin(), scenario.pools.end(),
                     [](const PoolSpec& pool) { return pool.role != PoolSpec::Role::decode; });
    if (only != scenario.pools.end()) {
      targets.push_back(static_cast<std::size_t>(only - scenario.pools.begin()));
    }
  }
  return targets;
}

}  // namespace microdc
