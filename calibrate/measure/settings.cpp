#include <algorithm>
#include <map>

#include "calibrate/measure/session.hpp"
#include "calibrate/measure/timing.hpp"
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

double memory_rate(const std::vector<MeasuredPoint>& points, Operation operation, double cache) {
  std::map<std::string, std::vector<double>> rates;
  for (const MeasuredPoint& point : points) {
    if (point.stage != MeasuringStage::curve || point.operation != operation) continue;
    if (!point.has_time() || !exceeds_caches(point.shape, cache)) continue;
    rates[point.variant].push_back(point.bytes / point.seconds);
  }
  double best = 0;
  for (auto& [variant, values] : rates) best = std::max(best, summary_of_samples(values).median);
  return best;
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
  }
  for (const Operation operation : {Operation::memory_read, Operation::memory_write,
                                    Operation::memory_copy, Operation::memory_triad}) {
    limits.bandwidth = std::max(limits.bandwidth, memory_rate(points, operation, machine.cache));
  }
  return limits;
}

DeviceLimits planning_limits(const MeasuredMachine& machine,
                             const std::vector<MeasuredPoint>& points) {
  std::int64_t largest = 0;
  for (const MeasuredPoint& point : points) largest = std::max(largest, point.shape.bytes);
  std::vector<MeasuredPoint> essential;
  for (const MeasuredPoint& point : points) {
    const bool bounds = point.shape.bytes == 0 || point.shape.bytes == largest;
    if (point.stage == MeasuringStage::curve && point.pass == 1 && bounds) {
      essential.push_back(point);
    }
  }
  return limits_of(machine, essential);
}

}  // namespace microdc
