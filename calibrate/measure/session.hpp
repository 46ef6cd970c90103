// Measuring a device: memory and arithmetic limits, variants against each other, then every law's
// points in two passes, bursts and sustained load. Results go to the store as they come.
#pragma once

#include <functional>
#include <string>

#include "calibrate/measure/plan.hpp"
#include "calibrate/measure/result_store.hpp"
#include "calibrate/measure/timing.hpp"

namespace microdc {

/// How thoroughly.
struct MeasureSettings {
  PlanOptions plan;
  TimingLimits timing;
  double race = 1e-4;  ///< [s] at the speed of light: shapes on which variants race
  int race_rounds = 2;
  /// Of each operation, format and source, at most so many variants take part in the curve and in
  /// the race: the last ones, which are the most elaborate. 0: all.
  int curve_variants = 0, race_variants = 0;
  bool skip_fp32 = false;  ///< where the device has bf16 kernels too
  int passes = 2;
  /// [s] between the passes at least, sustained load included; none after an interruption there.
  double pause = 60;
  double sustained = 5;  ///< [s] per kernel; 0: none
  int bursts = 20;       ///< single calls per kernel; 0: none
  bool eager = true;     ///< also time launches one by one (a CPU knows no difference)
  /// [s] for everything, interrupted runs before this one included; points are left out when it
  /// runs out. Those without which a law could not be fitted at all may take half of it more, on a
  /// machine that is busy.
  double time_limit = 1200;
};
/// Quick: one pass over fewer points, looser intervals, fewer variants. An idle CPU: at most 50 s
/// and 10 minutes, the fit included.
MeasureSettings measure_settings(bool is_cpu, bool quick, std::uint64_t seed);

struct MeasureControl {
  MeasuringClock& clock;
  std::function<bool()> cancelled = {};
  /// Share done (0 to 1), and what is being measured.
  std::function<void(double, const std::string&)> progress = {};
};

struct MeasureOutcome {
  bool cancelled = false;
  std::int64_t measured = 0;  ///< points of this run
  std::int64_t kept = 0;      ///< points that the store had already
  std::int64_t skipped = 0;   ///< for which no time was left
  Diagnostics findings;       ///< errors: the store cannot be written
};

/// Measures what the store does not have yet.
MeasureOutcome measure_device(kernels::Device& device, ResultStore& store,
                              const MeasureSettings& settings, const MeasureControl& control);

/// What the curve points say; zero or empty where nothing was measured. Bandwidth: the largest of
/// memory_rate.
DeviceLimits limits_of(const MeasuredMachine& machine, const std::vector<MeasuredPoint>& points);
/// The same from those points alone that every session measures before it plans: a session that is
/// resumed plans what the first one did.
DeviceLimits planning_limits(const MeasuredMachine& machine,
                             const std::vector<MeasuredPoint>& points);
/// Of an operation on working sets of four caches and more [B/s]: the median of its measurements,
/// since on a shared machine memory is now faster, now slower; of the best variant. 0: none.
double memory_rate(const std::vector<MeasuredPoint>& points, kernels::Operation operation,
                   double cache);

}  // namespace microdc
