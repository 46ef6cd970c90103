#include "calibrate/measure/timing.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace microdc {
namespace {

class SystemClock final : public MeasuringClock {
 public:
  double now() override {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  void sleep(double seconds) override {
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  }
  std::int64_t involuntary_switches() override {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nivcsw;
  }
};

/// Two-sided: outside the interval on either side with 2.5 % at most.
constexpr double tail = 0.025;
/// A sample repeats a call at most this often.
constexpr double most_calls = 1000;
/// Samples of sustained load below which a median says nothing.
constexpr int fewest_samples = 3;

/// Times as long as planned does a kernel run on a busy machine to have undisturbed samples.
constexpr double busy_patience = 2;

/// Samples with and without somebody else on our processors.
class Samples {
 public:
  explicit Samples(MeasuringClock& clock) : clock_(clock) {}

  double take(kernels::PreparedKernel& kernel, int calls, kernels::LaunchMode mode) {
    const std::int64_t before = clock_.involuntary_switches();
    const double seconds = kernel.run(calls, mode);
    const bool contended = clock_.involuntary_switches() != before;
    all_.push_back(seconds / calls);
    if (contended) {
      ++contended_;
    } else {
      clean_.push_back(all_.back());
    }
    elapsed_ += seconds;
    calls_ += calls;
    return seconds;
  }
  [[nodiscard]] int clean() const { return static_cast<int>(clean_.size()); }
  [[nodiscard]] int count() const { return static_cast<int>(all_.size()); }
  [[nodiscard]] Timing summary(int enough) const {
    const bool clean = static_cast<int>(clean_.size()) >= std::min(enough, count());
    Timing timing = summary_of_samples(clean ? clean_ : all_);
    timing.contaminated = !clean && contended_ > 0;
    timing.contended = contended_;
    timing.elapsed = elapsed_;
    timing.total_calls = calls_;
    return timing;
  }

 private:
  MeasuringClock& clock_;
  std::vector<double> all_, clean_;
  int contended_ = 0;
  double elapsed_ = 0;
  std::int64_t calls_ = 0;
};

}  // namespace

MeasuringClock& system_clock_of_process() {
  static SystemClock clock;
  return clock;
}

MedianRanks median_ranks(std::size_t n) {
  if (n == 0) return {};
  // Largest r with P(Binomial(n, 1/2) < r) <= tail, summed in logarithms.
  const double count = static_cast<double>(n);
  double log_term = -count * std::log(2.0);  // of zero successes
  double below = 0;
  std::size_t rank = 0;
  while (rank < n / 2) {
    below += std::exp(log_term);
    if (below > tail) break;
    ++rank;
    const double k = static_cast<double>(rank);
    log_term += std::log((count - k + 1) / k);
  }
  const std::size_t low = rank > 0 ? rank - 1 : 0;
  return {low, n - 1 - low};
}

Timing summary_of_samples(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  const MedianRanks ranks = median_ranks(n);
  return {.median = n % 2 == 1 ? values[n / 2] : 0.5 * (values[n / 2 - 1] + values[n / 2]),
          .low = values[ranks.low],
          .high = values[ranks.high],
          .samples = static_cast<int>(n)};
}

Timing time_kernel(kernels::PreparedKernel& kernel, kernels::LaunchMode mode,
                   const TimingLimits& limits, MeasuringClock& clock,
                   const std::function<bool()>& cancelled) {
  const auto stopped = [&] { return cancelled && cancelled(); };
  const double begin = clock.now();
  double once = kernel.run(1, mode);
  if (limits.give_up > 0 && once > limits.give_up) {
    Timing timing = summary_of_samples({once});
    timing.calls = 1;
    return timing;
  }
  while (clock.now() - begin < limits.warm_up && !stopped()) once = kernel.run(1, mode);
  const int calls =
      once > 0 ? static_cast<int>(std::clamp(std::ceil(limits.sample / once), 1.0, most_calls))
               : static_cast<int>(most_calls);

  Samples samples(clock);
  const double start = clock.now();
  int next_look = limits.min_samples;
  for (;;) {
    if (stopped()) return {.cancelled = true};
    samples.take(kernel, calls, mode);
    const bool out_of_time = clock.now() - start >= limits.time;
    const int count = samples.count();
    // On a busy machine twice the time, if it takes that to have undisturbed samples.
    const bool enough = samples.clean() >= limits.fewest_samples ||
                        clock.now() - start >= busy_patience * limits.time;
    const bool last =
        count >= limits.max_samples || (out_of_time && enough && count >= limits.fewest_samples);
    if (count < next_look && !last) continue;
    // Looking costs a sort: often at first, then every tenth.
    next_look = count + std::max(1, count / 10);
    Timing timing = samples.summary(limits.fewest_samples);
    timing.calls = calls;
    timing.converged = timing.samples >= limits.min_samples &&
                       0.5 * (timing.high - timing.low) < limits.half_width * timing.median;
    if (timing.converged || last) return timing;
  }
}

Timing time_bursts(kernels::PreparedKernel& kernel, int samples, double idle_gap,
                   MeasuringClock& clock, const std::function<bool()>& cancelled) {
  Samples taken(clock);
  kernel.run(1, kernels::LaunchMode::graph);
  for (int i = 0; i < samples; ++i) {
    if (cancelled && cancelled()) return {.cancelled = true};
    clock.sleep(idle_gap);
    taken.take(kernel, 1, kernels::LaunchMode::graph);
  }
  Timing timing = taken.summary(samples / 2);
  timing.calls = 1;
  return timing;
}

Timing time_sustained(kernels::PreparedKernel& kernel, double seconds, MeasuringClock& clock,
                      const std::function<bool()>& cancelled) {
  const double once = kernel.run(1, kernels::LaunchMode::graph);
  // A hundred samples, so that half of them make a median.
  const double sample = seconds / 100;
  const int calls =
      once > 0 ? static_cast<int>(std::clamp(sample / once, 1.0, 100 * most_calls)) : 1;
  Samples first(clock), second(clock);
  const double start = clock.now();
  while (clock.now() - start < seconds || second.count() < fewest_samples) {
    if (cancelled && cancelled()) return {.cancelled = true};
    (clock.now() - start < seconds / 2 ? first : second)
        .take(kernel, calls, kernels::LaunchMode::graph);
  }
  Timing timing = second.summary(fewest_samples);
  const Timing before = first.count() > 0 ? first.summary(1) : Timing{};
  timing.calls = calls;
  timing.contended += before.contended;
  timing.elapsed += before.elapsed;
  timing.total_calls += before.total_calls;
  return timing;
}

}  // namespace microdc
