#include "sim/planning/validate/run_observer.hpp"

#include <algorithm>
#include <cmath>

#include "sim/serving/histogram.hpp"

namespace microdc {
namespace {

/// Share of its largest size at which a batch counts as full.
constexpr double full_batch = 0.95;

/// Part of a step that lies in the window.
double overlap(const StepRecord& step, const RunObserver::Window& window) {
  const auto length = static_cast<double>(step.end - step.begin);
  if (length <= 0) return 0;
  const Nanoseconds begin = std::max(step.begin, window.begin);
  const Nanoseconds end = std::min(step.end, window.end);
  return std::max(0.0, static_cast<double>(end - begin) / length);
}

/// Share that a metric's name asks for: "p90" 0.9; empty: the mean.
std::optional<double> share_of(const std::string& metric) {
  for (const auto& [name, share] :
       {std::pair{"_p50_", 0.5}, {"_p90_", 0.9}, {"_p95_", 0.95}, {"_p99_", 0.99}}) {
    if (metric.find(name) != std::string::npos) return share;
  }
  return std::nullopt;
}

std::optional<double> statistic(std::vector<double>& sample, const std::optional<double>& share) {
  if (sample.empty()) return std::nullopt;
  if (share) return sample_quantile(sample, *share);
  double sum = 0;
  for (const double x : sample) sum += x;
  return sum / static_cast<double>(sample.size());
}

}  // namespace

std::optional<double> sample_quantile(std::vector<double>& sample, double share) {
  if (sample.empty()) return std::nullopt;
  std::sort(sample.begin(), sample.end());
  const double position = share * static_cast<double>(sample.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sample.size() - 1);
  return sample[below] + (position - static_cast<double>(below)) * (sample[above] - sample[below]);
}

void RunObserver::on_step_end(const Replica&, const StepRecord& record) {
  steps_.push_back(record);
}

void RunObserver::on_request(const RequestRecord& record) {
  requests_.push_back(record);
  if (record.outcome == RequestOutcome::completed) ++completed_;
}

RunObserver::Window RunObserver::whole_run() const {
  Window window;
  if (!requests_.empty()) window.begin = requests_.front().arrival;
  for (const RequestRecord& request : requests_) {
    window.begin = std::min(window.begin, request.arrival);
    window.end = std::max(window.end, request.finished);
  }
  return window;
}

RunObserver::Window RunObserver::steady_state() const {
  std::int64_t largest = 0;
  Window window;
  for (const StepRecord& step : steps_) {
    largest = std::max(largest, step.decode_sequences + step.prefill_sequences);
    if (step.waiting > 0) window.end = std::max(window.end, step.end);
  }
  for (const StepRecord& step : steps_) {
    const auto running = static_cast<double>(step.decode_sequences + step.prefill_sequences);
    if (running < full_batch * static_cast<double>(largest)) continue;
    window.begin = step.end;
    break;
  }
  return window.end > window.begin ? window : whole_run();
}

std::optional<double> RunObserver::latency_ms(const std::string& metric,
                                              const Window& window) const {
  const auto share = share_of(metric);
  const bool per_request_itl = metric.starts_with("itl") && itl_is_per_request_;
  if (metric.starts_with("itl") && !per_request_itl) {
    DurationHistogram gaps;
    std::vector<Nanoseconds> begun, ended;
    for (const RequestRecord& request : requests_) {
      begun.push_back(request.first_token);
      ended.push_back(request.finished);
    }
    std::sort(begun.begin(), begun.end());
    std::sort(ended.begin(), ended.end());
    const auto until = [](const std::vector<Nanoseconds>& dates, Nanoseconds date) {
      return std::upper_bound(dates.begin(), dates.end(), date) - dates.begin();
    };
    Nanoseconds stall = 0;  // prefill-only steps that a decoding batch had to wait for
    for (const StepRecord& step : steps_) {
      if (step.end <= window.begin || step.begin >= window.end) continue;
      if (step.decode_sequences == 0) {
        const bool batch_waits = until(begun, step.begin) > until(ended, step.begin);
        stall = batch_waits ? stall + step.end - step.begin : 0;
        continue;
      }
      const Nanoseconds gap = (step.end - step.begin) / step.steps;
      const auto add = [&](Nanoseconds value, std::int64_t count) {
        gaps.count_only(value, count);
        gaps.add_sum((static_cast<Wide>(value) * count) << 16);
      };
      add(gap + stall, step.decode_sequences);
      add(gap, step.decode_sequences * (step.steps - 1));
      stall = 0;
    }
    const auto seconds = share ? gaps.percentile_seconds(*share) : gaps.mean_seconds();
    if (!seconds) return std::nullopt;
    return *seconds * 1e3;
  }
  std::vector<double> sample;
  for (const RequestRecord& request : requests_) {
    if (request.outcome != RequestOutcome::completed) continue;
    const double ttft = static_cast<double>(request.first_token - request.arrival) * 1e-6;
    const double e2e = static_cast<double>(request.finished - request.arrival) * 1e-6;
    if (metric.starts_with("ttft")) sample.push_back(ttft);
    if (metric.starts_with("e2e")) sample.push_back(e2e);
    if ((metric.starts_with("tpot") || per_request_itl) && request.output_tokens > 1) {
      sample.push_back((e2e - ttft) / (request.output_tokens - 1));
    }
  }
  return statistic(sample, share);
}

double RunObserver::output_tokens(const Window& window) const {
  double tokens = 0;
  for (const StepRecord& step : steps_) {
    tokens += overlap(step, window) * static_cast<double>(step.decode_sequences * step.steps);
  }
  for (const RequestRecord& request : requests_) {
    if (request.first_token > window.begin && request.first_token <= window.end) tokens += 1;
  }
  return tokens;
}

double RunObserver::requests_finished(const Window& window) const {
  double count = 0;
  for (const RequestRecord& request : requests_) {
    if (request.outcome != RequestOutcome::completed) continue;
    if (request.finished > window.begin && request.finished <= window.end) count += 1;
  }
  return count;
}

double RunObserver::busy_energy(const Window& window) const {
  double joules = 0;
  for (const StepRecord& step : steps_) {
    joules +=
        overlap(step, window) * step.power * static_cast<double>(step.end - step.begin) * 1e-9;
  }
  return joules;
}

double RunObserver::busy_seconds(const Window& window) const {
  double seconds = 0;
  for (const StepRecord& step : steps_) {
    seconds += overlap(step, window) * static_cast<double>(step.end - step.begin) * 1e-9;
  }
  return seconds;
}

double RunObserver::peak_power() const {
  double watts = 0;
  for (const StepRecord& step : steps_) watts = std::max(watts, step.power);
  return watts;
}

}  // namespace microdc
