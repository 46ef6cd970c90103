// The timer loop: how often a prepared kernel runs, when that is enough, and what the samples say.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "kernels/kernel.hpp"

namespace microdc {

/// Time of this process. Tests bring their own.
class MeasuringClock {
 public:
  virtual ~MeasuringClock() = default;
  virtual double now() = 0;  ///< [s], never running backwards
  virtual void sleep(double seconds) = 0;
  /// How often somebody else took a processor from us so far.
  virtual std::int64_t involuntary_switches() = 0;
};
/// The clock of the machine.
MeasuringClock& system_clock_of_process();

/// When a kernel has been timed well enough.
struct TimingLimits {
  double warm_up = 0.02;      ///< [s], at least one run
  double sample = 1e-3;       ///< [s] a sample lasts at least; short calls are repeated in it
  double half_width = 0.005;  ///< of the median's 95 % interval, relative
  double time = 2;            ///< [s] for all samples
  int min_samples = 10;
  int fewest_samples = 3;  ///< however slow the kernel and short the time
  int max_samples = 2000;
  double give_up = 0;  ///< [s]: if the first call takes longer, it is the only sample; 0: never
};

/// Median of the samples and the interval of order statistics that holds the true median with at
/// least 95 %. Times are per call [s].
struct Timing {
  double median = 0, low = 0, high = 0;
  int samples = 0;    ///< that entered the median
  int calls = 0;      ///< per sample
  int contended = 0;  ///< samples during which a processor was taken away
  /// Contended samples are in the median, because too few others were left.
  bool contaminated = false;
  bool converged = false;  ///< the interval became narrow enough; else time ran out
  bool cancelled = false;  ///< nothing else counts then
  double elapsed = 0;      ///< [s] of all samples, by the device's clock
  std::int64_t total_calls = 0;
};

/// Ranks (from zero) of the order statistics of n samples between which the median lies with at
/// least 95 %; the smallest and the largest if n is below 6.
struct MedianRanks {
  std::size_t low = 0, high = 0;
};
MedianRanks median_ranks(std::size_t n);

/// Median with its interval; `values` need not be sorted and must not be empty.
Timing summary_of_samples(std::vector<double> values);

/// Warms up, then samples until the interval is narrow enough, or time or samples run out. Samples
/// during which the process lost a processor are left out if enough others remain.
Timing time_kernel(kernels::PreparedKernel& kernel, kernels::LaunchMode mode,
                   const TimingLimits& limits, MeasuringClock& clock,
                   const std::function<bool()>& cancelled = {});

/// One call after each idle gap: the speed before power and temperature limit it.
Timing time_bursts(kernels::PreparedKernel& kernel, int samples, double idle_gap,
                   MeasuringClock& clock, const std::function<bool()>& cancelled = {});

/// Back to back for `seconds`; the median is that of the second half, when clocks have settled.
Timing time_sustained(kernels::PreparedKernel& kernel, double seconds, MeasuringClock& clock,
                      const std::function<bool()>& cancelled = {});

}  // namespace microdc
