// What is measured: shapes per law, stratified in (time at the speed of light, intensity), scaled
// to what the device holds and how fast it is. Same device figures, same seed: same plan.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "calibrate/measure/measured_point.hpp"

namespace microdc {

/// First measured limits of a device, by which the plan is scaled.
struct DeviceLimits {
  double bandwidth = 0;                ///< beyond all caches [B/s]
  std::map<std::string, double> peak;  ///< by number format [FLOP/s]
  double memory = 0;                   ///< [byte]
  double cache = 0;                    ///< last level [byte]
  double multiprocessors = 1;

  /// Peak of the arithmetic of a format; the largest measured one if it has none of its own.
  [[nodiscard]] double peak_of(const std::string& format) const;
};

/// Changes whenever the same device, seed and options would be given other shapes.
inline constexpr int plan_version = 2;

struct PlanOptions {
  std::uint64_t seed = 1;
  int points_per_law = 64;
  int curve_points = 18;  ///< sizes of the memory curve
  double longest = 0.02;  ///< [s] at the speed of light of the slowest point
  double largest = 1e9;   ///< [byte] of the operands of one call
};

/// A shape to be measured, of one operation and format.
struct PlannedShape {
  kernels::Operation operation = kernels::Operation::gemm;
  std::string format;
  kernels::Shape shape;
};

/// Whether some variant can run the shape.
using AcceptsShape = std::function<bool(const PlannedShape&)>;

/// Sizes [byte] of the memory curve: from 64 KiB to eight last-level caches at least, as far as
/// the device has memory.
std::vector<std::int64_t> curve_sizes(double cache, double memory, int count);

/// Where a shape lies: time at the speed of light, FLOP per byte.
struct StratifiedPoint {
  double seconds = 0, intensity = 0;
};
/// Indices of `count` of the points, one of each cell of a grid: equal parts by time, each cut into
/// equal parts by intensity. All of them if there are no more.
std::vector<std::size_t> stratified(const std::vector<StratifiedPoint>& points, std::size_t count,
                                    std::uint64_t seed, const std::string& purpose);

/// Points of one law. Operations: gemm, both attentions, elementwise_*, sampling, all_reduce. Fewer
/// than asked for if the device cannot run more.
std::vector<PlannedShape> plan_law(kernels::Operation operation, const std::string& format,
                                   const DeviceLimits& limits, const PlanOptions& options,
                                   const AcceptsShape& accepts);

/// Work of a planned shape: FLOP and compulsory bytes.
struct ShapeWork {
  double flop = 0, bytes = 0;
};
ShapeWork work_of(const PlannedShape& planned);
/// Seconds at the measured limits: max(F/P, B/W).
double light_seconds(const PlannedShape& planned, const DeviceLimits& limits);

}  // namespace microdc
