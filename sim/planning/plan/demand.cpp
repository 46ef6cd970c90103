#include "sim/planning/plan/demand.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "sim/scenario/lookup.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

constexpr int weeks_of_a_quarter = 13;
constexpr double most_requests = 4e6;  // in all weeks looked at
constexpr Nanoseconds hour = 3600LL * 1'000'000'000;

/// Tokens that arrive in each hour. Follow-ups count in the hour of their conversation's first
/// prompt: when they come depends on the rack.
struct HourlyTokens {
  std::vector<double> input, output;
  void add(const RequestStream& stream) {
    std::vector<Nanoseconds> arrival(stream.trace.requests.size());
    for (std::size_t i = 0; i < arrival.size(); ++i) {
      const TraceRequest& request = stream.trace.requests[i];
      const std::int32_t before = stream.follows.empty() ? -1 : stream.follows[i];
      arrival[i] = before < 0 ? request.arrival
                              : arrival[static_cast<std::size_t>(before)] + request.arrival;
      const auto at = static_cast<std::size_t>(std::max<Nanoseconds>(0, arrival[i]) / hour);
      if (at >= input.size()) {
        input.resize(at + 1);
        output.resize(at + 1);
      }
      input[at] += request.input_tokens;
      output[at] += request.output_tokens;
    }
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
  for (const RequestStream& stream : streams) hours.add(stream);
  return hours.input.empty() ? 0 : hours.weight(hours.busiest());
}

std::size_t pool_of(const Scenario& scenario, const WorkloadSpec& workload) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    if (scenario.pools[i].name == workload.pool) return i;
  }
  return 0;
}

std::vector<PoolDemand> demand_of_pools(const Scenario& scenario,
                                        const std::vector<RequestStream>& streams) {
  std::vector<PoolDemand> demands(scenario.pools.size());
  std::vector<HourlyTokens> hours(demands.size());
  for (std::size_t i = 0; i < streams.size() && !demands.empty(); ++i) {
    const std::size_t pool = pool_of(scenario, scenario.workloads[i]);
    hours[pool].add(streams[i]);
    for (const TraceRequest& request : streams[i].trace.requests) {
      demands[pool].prompts.push_back(request.input_tokens);
      demands[pool].answers.push_back(request.output_tokens);
    }
  }
  for (std::size_t i = 0; i < demands.size(); ++i) {
    std::sort(demands[i].prompts.begin(), demands[i].prompts.end());
    std::sort(demands[i].answers.begin(), demands[i].answers.end());
    if (hours[i].input.empty()) continue;
    demands[i].busy_hour_input = hours[i].input[hours[i].busiest()];
    demands[i].busy_hour_output = hours[i].output[hours[i].busiest()];
  }
  return demands;
}

double mean_of(const std::vector<std::int32_t>& values) {
  if (values.empty()) return 0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double PoolDemand::prompt_quantile(double share) const {
  if (prompts.empty()) return 0;
  const double place = std::floor(share * static_cast<double>(prompts.size() - 1));
  return prompts[static_cast<std::size_t>(place)];
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

Result<Demand> busiest_week(const Scenario& scenario, const std::filesystem::path& base_folder,
                            double growth) {
  Demand demand{.scenario = grown(scenario, growth), .base_folder = base_folder};
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
  return demand;
}

}  // namespace microdc
