// The hour of a run in which most requests arrive.
#pragma once

#include <cstdint>
#include <optional>

#include "hwprofiles/base/units.hpp"
#include "sim/serving/histogram.hpp"

namespace microdc {

/// An hour from the start of the run, counted from 0; the last may be shorter.
struct BusyHour {
  std::int64_t begin = 0;           ///< [ns]
  std::int64_t end = 0;             ///< [ns]
  std::int64_t requests = 0;        ///< that arrived at the replicas after `begin`, up to `end`
  DurationHistogram ttft;           ///< of those of them that were completed, whenever that was
  std::optional<Joules> it_energy;  ///< at the servers' plugs; empty if a figure is missing
};

/// Counts hour by hour and keeps only the busiest and the current one.
class BusiestHour {
 public:
  static constexpr std::int64_t hour = 3600LL * 1'000'000'000;  // [ns]

  /// A request arrives in the current hour.
  void on_arrival() { ++current_.requests; }
  /// A request that arrived at `arrival` is completed; kept if its hour is.
  void on_completed(std::int64_t arrival, std::int64_t ttft);
  /// The current hour ends; `it_energy` is that from the start of the run until `end`. Of equally
  /// busy hours the first is kept.
  void end_hour(std::int64_t end, std::optional<Joules> it_energy);

  [[nodiscard]] std::int64_t current_end() const { return current_.begin + hour; }
  /// Of the hours that ended.
  [[nodiscard]] const std::optional<BusyHour>& busiest() const { return busiest_; }

 private:
  BusyHour current_;
  std::optional<BusyHour> busiest_;
  std::optional<Joules> energy_before_ = Joules(0);
};

}  // namespace microdc
