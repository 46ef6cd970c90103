#include "sim/planning/plan/demand.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "sim/policy/residency.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/targets.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

constexpr int weeks_of_a_quarter = 13;
constexpr double most_requests = 4e6;  // in all weeks looked at
constexpr Nanoseconds hour = 3600LL * 1'000'000'000;

/// When the requests of a stream arrive. Follow-ups count with their conversation's first prompt:
/// when they come depends on the rack.
std::vector<Nanoseconds> arrivals_of(const RequestStream& stream) {
  std::vector<Nanoseconds> arrivals(stream.trace.requests.size());
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const std::int32_t before = stream.follows.empty() ? -1 : stream.follows[i];
    arrivals[i] = stream.trace.requests[i].arrival +
                  (before < 0 ? 0 : arrivals[static_cast<std::size_t>(before)]);
  }
  return arrivals;
}

/// Tokens that arrive in each hour.
struct HourlyTokens {
  std::vector<double> input, output;
  void add(Nanoseconds arrival, const TraceRequest& request) {
    const auto at = static_cast<std::size_t>(std::max<Nanoseconds>(0, arrival) / hour);
    if (at >= input.size()) {
      input.resize(at + 1);
      output.resize(at + 1);
    }
    input[at] += request.input_tokens;
    output[at] += request.output_tokens;
  }
  /// Hour with most tokens; answers weigh more, since each token is a step.
  [[nodiscard]] std::size_t busiest() const {
    std::size_t best = 0;
    for (std::size_t i = 0; i < input.size(); ++i) {
      if (weight(i) > weight(best)) best = i;
    }
    return best;
  }
  [[nodiscard]] double weight(std::size_t i) const { return input[i] + 10 * output[i]; }
};

double peak_of(const std::vector<RequestStream>& streams) {
  HourlyTokens hours;
  for (const RequestStream& stream : streams) {
    const std::vector<Nanoseconds> arrivals = arrivals_of(stream);
    for (std::size_t i = 0; i < arrivals.size(); ++i)
      hours.add(arrivals[i], stream.trace.requests[i]);
  }
  return hours.input.empty() ? 0 : hours.weight(hours.busiest());
}

/// Where the gateway sends requests, as far as it does not depend on the load.
class Destinations {
 public:
  explicit Destinations(const Scenario& scenario)
      : scenario_(scenario), lawful_(lawful_placements(scenario)) {
    if (scenario.gateway.spill) spill_ = target_index(scenario, scenario.gateway.spill->to);
    for (const WorkloadSpec& workload : scenario.workloads) {
      targets_.push_back(first_targets(scenario, workload));
    }
  }

  /// Pool or cloud that a request is sent to; empty: there is none.
  [[nodiscard]] std::optional<std::size_t> target_of(std::size_t workload,
                                                     std::size_t request) const {
    const std::vector<std::size_t>& targets = targets_[workload];
    if (targets.empty()) return std::nullopt;
    const bool hard = routed_by_complexity(scenario_, scenario_.workloads[workload]) &&
                      is_hard(scenario_, static_cast<std::uint32_t>(workload),
                              static_cast<std::uint32_t>(request));
    std::size_t target = hard ? targets.back() : targets.front();
    if (!lawful_.may(workload, target)) target = hard ? targets.front() : targets.back();
    return target;
  }
  /// Whether requests of a workload may leave this pool when its queue is long.
  [[nodiscard]] bool may_leave(std::size_t workload, std::size_t pool) const {
    return spill_ && *spill_ != pool && lawful_.may(workload, *spill_);
  }
  /// Whether a cloud may answer a request: it is sent to one, or may leave its pool for one.
  [[nodiscard]] bool cloud_may_answer(std::size_t workload, std::size_t request) const {
    const auto target = target_of(workload, request);
    if (!target) return false;
    if (is_cloud(scenario_, *target)) return true;
    return may_leave(workload, *target) && is_cloud(scenario_, *spill_);
  }

 private:
  const Scenario& scenario_;
  PlacementTable lawful_;
  std::optional<std::size_t> spill_;
  std::vector<std::vector<std::size_t>> targets_;  ///< of each workload: the small, the large one
};

std::vector<PoolDemand> demand_of_pools(const Scenario& scenario,
                                        const std::vector<RequestStream>& streams) {
  std::vector<PoolDemand> demands(scenario.pools.size());
  std::vector<HourlyTokens> hours(demands.size());
  const Destinations destinations(scenario);
  double requests = 0;
  for (std::size_t w = 0; w < streams.size(); ++w) {
    const std::vector<Nanoseconds> arrivals = arrivals_of(streams[w]);
    requests += static_cast<double>(arrivals.size());
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      const auto pool = destinations.target_of(w, i);
      if (!pool || is_cloud(scenario, *pool)) continue;
      const TraceRequest& request = streams[w].trace.requests[i];
      demands[*pool].prompts.push_back(request.input_tokens);
      demands[*pool].answers.push_back(request.output_tokens);
      if (!destinations.may_leave(w, *pool)) hours[*pool].add(arrivals[i], request);
    }
  }
  for (std::size_t i = 0; i < demands.size(); ++i) {
    PoolDemand& demand = demands[i];
    std::sort(demand.prompts.begin(), demand.prompts.end());
    std::sort(demand.answers.begin(), demand.answers.end());
    if (requests > 0) demand.share = static_cast<double>(demand.prompts.size()) / requests;
    if (hours[i].input.empty()) continue;
    demand.busy_hour_input = hours[i].input[hours[i].busiest()];
    demand.busy_hour_output = hours[i].output[hours[i].busiest()];
  }
  return demands;
}

std::vector<PoolDemand> demand_of_lookups(const Scenario& scenario,
                                          const std::vector<RequestStream>& streams) {
  std::vector<PoolDemand> demands(streams.size());
  const Destinations destinations(scenario);
  double requests = 0;
  for (std::size_t w = 0; w < streams.size(); ++w) {
    const RequestStream& stream = streams[w];
    requests += static_cast<double>(stream.trace.requests.size());
    if (stream.looks_up.empty()) continue;
    const std::vector<Nanoseconds> arrivals = arrivals_of(stream);
    std::map<Nanoseconds, double> hours;
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
      if (!stream.looks_up[i]) continue;
      demands[w].prompts.push_back(stream.trace.requests[i].input_tokens);
      demands[w].clouds_may_answer =
          demands[w].clouds_may_answer || destinations.cloud_may_answer(w, i);
      double& hourly = hours[arrivals[i] / hour];
      demands[w].busy_hour_requests = std::max(demands[w].busy_hour_requests, ++hourly);
    }
    std::sort(demands[w].prompts.begin(), demands[w].prompts.end());
  }
  for (PoolDemand& demand : demands) {
    if (requests > 0) demand.share = static_cast<double>(demand.prompts.size()) / requests;
  }
  return demands;
}

/// Only office days make a year whose repetitions do not depend on the rack; and only a client
/// without patience, or a run that is cut, leaves a cloud's answer unpaid.
bool clouds_are_known(const Scenario& scenario) {
  return !scenario.horizon && std::all_of(scenario.workloads.begin(), scenario.workloads.end(),
                                          [](const WorkloadSpec& workload) {
                                            return workload.kind == "office_day" &&
                                                   !workload.client_timeout;
                                          });
}

std::vector<CloudResult> demand_of_clouds(const Scenario& scenario,
                                          const std::vector<RequestStream>& streams) {
  std::vector<CloudResult> clouds;
  if (!clouds_are_known(scenario)) return clouds;
  for (const CloudSpec& spec : scenario.clouds) clouds.push_back({.name = spec.name});
  const Destinations destinations(scenario);
  for (std::size_t w = 0; w < streams.size() && !clouds.empty(); ++w) {
    const std::vector<TraceRequest>& requests = streams[w].trace.requests;
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const auto target = destinations.target_of(w, i);
      if (!target || !is_cloud(scenario, *target)) continue;
      CloudResult& cloud = clouds[*target - scenario.pools.size()];
      ++cloud.requests;
      cloud.input_tokens += std::max(1, requests[i].input_tokens);
      cloud.output_tokens += std::max(1, requests[i].output_tokens);
    }
  }
  return clouds;
}

double mean_of(const std::vector<std::int32_t>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double PoolDemand::prompt_quantile(double quantile) const {
  if (prompts.empty()) return 0;
  const double place = std::floor(quantile * static_cast<double>(prompts.size() - 1));
  return prompts[static_cast<std::size_t>(place)];
}
double PoolDemand::least_attainment(double attainment) const {
  return share > 0 ? std::max(0.0, 1 - (1 - attainment) / share) : 0;
}
double Demand::prompt_tokens() const {
  double tokens = 0;
  for (const RequestStream& stream : streams) {
    for (const TraceRequest& request : stream.trace.requests) tokens += request.input_tokens;
  }
  return tokens;
}
double PoolDemand::mean_prompt() const { return mean_of(prompts); }
double PoolDemand::mean_answer() const { return mean_of(answers); }

Scenario grown(const Scenario& scenario, double growth) {
  Scenario more = scenario;
  const auto times = [growth](std::int64_t value) {
    return std::max<std::int64_t>(1, std::llround(growth * static_cast<double>(value)));
  };
  for (WorkloadSpec& workload : more.workloads) {
    if (workload.kind == "office_day") workload.users = times(workload.users);
    if (workload.kind == "closed_loop") workload.concurrency = times(workload.concurrency);
    if (workload.kind == "burst" && workload.requests)
      workload.requests = times(*workload.requests);
    if (workload.kind == "trace") workload.time_scale /= growth;
    if (workload.rate) workload.rate = *workload.rate * growth;
  }
  return more;
}

Result<Demand> busiest_week(const Scenario& scenario, const std::filesystem::path& base_folder) {
  Demand demand{.scenario = scenario, .base_folder = base_folder};
  const bool office = has_office_days(scenario);
  for (WorkloadSpec& workload : demand.scenario.workloads) {
    if (workload.kind == "office_day") workload.duration = Seconds(week_days * seconds_per_day);
  }
  double best = -1;
  int weeks = 1;
  for (int week = 0; week < weeks; ++week) {
    Scenario candidate = demand.scenario;
    candidate.seed = scenario.seed + 1'000'003 * week;
    auto streams = make_streams(candidate, base_folder);
    if (!streams) return streams.diagnostics();
    double requests = 0;
    for (const RequestStream& stream : *streams) {
      requests += static_cast<double>(stream.trace.requests.size());
    }
    if (week == 0 && office && requests > 0) {
      weeks = std::clamp(static_cast<int>(most_requests / requests), 1, weeks_of_a_quarter);
    }
    const double peak = peak_of(*streams);
    if (peak <= best) continue;
    best = peak;
    demand.week_seed = candidate.seed;
    demand.requests = static_cast<std::int64_t>(requests);
    demand.streams = std::move(*streams);
  }
  demand.weeks_looked_at = weeks;
  demand.pools = demand_of_pools(demand.scenario, demand.streams);
  demand.lookups = demand_of_lookups(demand.scenario, demand.streams);
  demand.clouds = demand_of_clouds(demand.scenario, demand.streams);
  return demand;
}

Result<Demand> drawn_week(const Demand& demand, std::uint64_t draw) {
  Scenario luck = demand.scenario;
  luck.seed += static_cast<std::int64_t>(7'000'003 * draw);
  auto streams = make_streams(luck, demand.base_folder);
  if (!streams) return streams.diagnostics();
  Demand drawn{.scenario = demand.scenario, .base_folder = demand.base_folder};
  drawn.streams = std::move(*streams);
  for (const RequestStream& stream : drawn.streams) {
    drawn.requests += static_cast<std::int64_t>(stream.trace.requests.size());
  }
  return drawn;
}

Result<Demand> grown_week(const Demand& today, double growth) {
  Demand demand{.scenario = grown(today.scenario, growth),
                .week_seed = today.week_seed,
                .base_folder = today.base_folder};
  Scenario week = demand.scenario;
  week.seed = today.week_seed;
  auto streams = make_streams(week, today.base_folder);
  if (!streams) return streams.diagnostics();
  demand.streams = std::move(*streams);
  for (const RequestStream& stream : demand.streams) {
    demand.requests += static_cast<std::int64_t>(stream.trace.requests.size());
  }
  demand.pools = demand_of_pools(demand.scenario, demand.streams);
  return demand;
}

}  // namespace microdc
