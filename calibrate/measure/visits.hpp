// Which variant is measured on which shape for which purpose, in which order.
#pragma once

#include <string>
#include <vector>

#include "calibrate/measure/measured_point.hpp"
#include "calibrate/measure/plan.hpp"
#include "calibrate/measure/session.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// One variant on one shape, for one purpose.
struct Visit {
  const kernels::KernelVariant* variant = nullptr;
  kernels::Shape shape;
  MeasuringStage stage = MeasuringStage::law;
  int pass = 1;
  bool eager = false;  ///< also launched one by one
  /// One of the fewest points of a law: measured before all others, and also when time is over.
  bool essential = false;

  [[nodiscard]] MeasuredPoint point(kernels::LaunchMode mode = kernels::LaunchMode::graph) const {
    return {.stage = stage,
            .pass = pass,
            .operation = variant->operation,
            .format = variant->format,
            .source = variant->source,
            .variant = variant->name,
            .mode = mode,
            .shape = shape};
  }
};

/// The visits of a session to one device, which must outlive it.
class Visits {
 public:
  Visits(const kernels::Device& device, const MeasureSettings& settings)
      : device_(device), settings_(settings) {}

  /// Memory curve, arithmetic peaks, empty launches. The largest working sets come first: they
  /// bound everything else, should time be short; they, peaks and launches are essential.
  [[nodiscard]] std::vector<Visit> curve() const;
  /// Those of the curve that say how fast memory is, once more.
  [[nodiscard]] std::vector<Visit> memory_again(int pass) const;
  /// Plans the shapes of every operation and format that some variant can run.
  void plan_laws(const DeviceLimits& limits);
  /// Every variant on the shape of each bucket that is nearest to the race's time; twice, in
  /// opposite order, so that nobody owes a place to a drift of the clocks. Buckets with a single
  /// variant need no race.
  [[nodiscard]] std::vector<Visit> race() const;
  /// Every planned shape with the variant that its bucket chose, of each source: the fewest points
  /// of every law first. Both parts are mixed, so that a lack of time thins all laws alike.
  [[nodiscard]] std::vector<Visit> laws(const std::vector<VariantChoice>& choices) const;
  /// Longest own point of each law, and the fastest variant of the largest copy: for bursts and
  /// sustained load.
  [[nodiscard]] std::vector<Visit> extremes(const std::vector<MeasuredPoint>& points) const;

 private:
  [[nodiscard]] std::vector<std::string> sources_of(const PlannedShape& planned) const;
  [[nodiscard]] double distance_to_race(const PlannedShape& planned) const;
  [[nodiscard]] std::vector<const kernels::KernelVariant*> variants_of(
      const PlannedShape& planned, const std::string& source) const;

  /// Variants of the curve, peaks and launches, in the device's order.
  [[nodiscard]] std::vector<const kernels::KernelVariant*> limit_variants() const;
  void mark_essential(std::vector<std::pair<std::uint64_t, Visit>>& shuffled) const;

  const kernels::Device& device_;
  const MeasureSettings& settings_;
  std::vector<PlannedShape> planned_;
  DeviceLimits limits_;
};

/// Memory curve, arithmetic peak and launch: what bounds the device, not what a law is fitted to.
bool is_device_limit(kernels::Operation operation);
/// Those of them that run over a working set.
bool has_working_set(kernels::Operation operation);
/// Four caches: of a smaller working set some may not come from memory.
bool exceeds_caches(const kernels::Shape& shape, double cache);

}  // namespace microdc
