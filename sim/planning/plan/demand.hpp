// What has to be served: the requests of the busiest week, once made, shared by all candidates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"
#include "sim/workload/generators.hpp"

namespace microdc {

/// Work that one pool gets: of workloads routed by complexity the requests that are easy or hard
/// enough, as far as the law lets them go there. What clouds take is not among it.
struct PoolDemand {
  double share = 0;                   ///< of all requests
  std::vector<std::int32_t> prompts;  ///< lengths, ascending [tokens]
  std::vector<std::int32_t> answers;  ///< lengths, ascending [tokens]
  /// Tokens in the hour with most of them, without requests that may spill to another place.
  double busy_hour_input = 0;
  double busy_hour_output = 0;
  double busy_hour_requests = 0;  ///< in the hour with most of them
  /// Of lookups: clouds may answer some of these requests, which no pool computes then.
  bool clouds_may_answer = false;
  /// Length that the share `quantile` of all prompts does not exceed; 0 without prompts.
  [[nodiscard]] double prompt_quantile(double quantile) const;
  /// Share of its requests that have to be within the targets if `attainment` of all requests are
  /// to be, even if every other pool's are: 0 for a pool that few requests go to.
  [[nodiscard]] double least_attainment(double attainment) const;
  [[nodiscard]] double mean_prompt() const;
  [[nodiscard]] double mean_answer() const;
};

struct Demand {
  Scenario scenario;                   ///< with workloads that last a week
  std::vector<RequestStream> streams;  ///< one per workload
  std::vector<PoolDemand> pools;       ///< one per pool of the scenario
  std::vector<PoolDemand> lookups;     ///< by workload: its requests that look documents up
  /// What each cloud answers whatever the rack does; empty if that is not known beforehand.
  std::vector<CloudResult> clouds;
  std::int64_t requests = 0;
  int weeks_looked_at = 1;                     ///< of which this is the busiest
  std::int64_t week_seed = 0;                  ///< with which its requests were made
  std::filesystem::path base_folder;           ///< of relative paths in the scenario
  [[nodiscard]] double prompt_tokens() const;  ///< of all requests
};

/// Working days of a week.
inline constexpr int week_days = 5;

/// Office days are made for the working days of 13 weeks, a quarter, and the week whose busiest
/// hour has most tokens is taken (fewer weeks if they would be more than 4 million requests). Other
/// workloads are taken as the scenario has them. Errors: those of make_requests.
Result<Demand> busiest_week(const Scenario& scenario, const std::filesystem::path& base_folder);

/// The same week, made with the same seed, under `growth` times the load. Errors: the same.
Result<Demand> grown_week(const Demand& today, double growth);

/// A week of other luck: draw i (from 1) of who asks what, when. Only its streams are made, which
/// is all that a simulation needs. Errors: the same.
Result<Demand> drawn_week(const Demand& demand, std::uint64_t draw);

/// The scenario with `growth` times the users, rate or concurrency of each workload; traces are
/// squeezed in time.
Scenario grown(const Scenario& scenario, double growth);

}  // namespace microdc
