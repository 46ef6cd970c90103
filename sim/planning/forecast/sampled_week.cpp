#include "sim/planning/forecast/sampled_week.hpp"

#include <algorithm>

#include "sim/workload/generators.hpp"

namespace microdc {

Result<Demand> sampled_week(const Scenario& scenario, const std::filesystem::path& base_folder) {
  double requests = 0;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const bool lasts = workload.rate && workload.duration && !workload.requests;
    if (!is_steady(workload) || !lasts) return busiest_week(scenario, base_folder);
    requests += *workload.rate * *workload.duration;
  }
  const double share = static_cast<double>(enough_requests) / std::max(requests, 1.0);
  if (share >= 1) return busiest_week(scenario, base_folder);
  Scenario shorter = scenario;
  for (WorkloadSpec& workload : shorter.workloads) {
    workload.duration = *workload.duration * share;
  }
  return busiest_week(shorter, base_folder);
}

}  // namespace microdc
