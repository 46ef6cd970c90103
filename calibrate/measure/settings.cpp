#include <algorithm>

#include "calibrate/measure/session.hpp"
#include "calibrate/measure/visits.hpp"

namespace microdc {

using kernels::Operation;

MeasureSettings measure_settings(bool is_cpu, bool quick, std::uint64_t seed) {
  MeasureSettings settings;
  settings.plan.seed = seed;
  settings.eager = !is_cpu;
  if (is_cpu) {
    settings.plan.longest = quick ? 0.003 : 0.03;
    settings.plan.largest = quick ? 16e6 : 256e6;
    settings.time_limit = quick ? 41 : 530;
    settings.race = 1e-3;
    // Libraries and instruction sets multiply: these are the variants that can win.
    settings.curve_variants = quick ? 1 : 2;
    settings.race_variants = quick ? 3 : 4;
  } else {
    settings.plan.largest = quick ? 1e9 : 4e9;
    settings.time_limit = quick ? 180 : 1500;
  }
  if (quick) {
    settings.plan.points_per_law = is_cpu ? 18 : 20;
    settings.plan.curve_points = is_cpu ? 6 : 8;
    settings.timing.half_width = 0.02;
    settings.timing.time = 0.3;
    settings.passes = 1;
    settings.race_rounds = 1;
    settings.skip_fp32 = true;
    settings.pause = 0;
    // Sustained load needs seconds per kernel to say anything.
    settings.sustained = is_cpu ? 0 : 2;
    settings.bursts = is_cpu ? 0 : 5;
  }
  return settings;
}

DeviceLimits limits_of(const MeasuredMachine& machine, const std::vector<MeasuredPoint>& points) {
  DeviceLimits limits{.memory = machine.memory,
                      .cache = machine.cache,
                      .multiprocessors = static_cast<double>(machine.multiprocessors)};
  for (const MeasuredPoint& point : points) {
    if (point.stage != MeasuringStage::curve || !point.has_time()) continue;
    if (point.operation == Operation::arithmetic_peak) {
      double& peak = limits.peak[point.format];
      peak = std::max(peak, point.flop / point.seconds);
    }
    // Four caches: what is smaller may not come from memory.
    const bool cold = static_cast<double>(point.shape.bytes) >= 4 * machine.cache;
    if (has_working_set(point.operation) && point.operation != Operation::memory_latency && cold) {
      limits.bandwidth = std::max(limits.bandwidth, point.bytes / point.seconds);
    }
  }
  return limits;
}

}  // namespace microdc
