#include "calibrate/measure/power_fit.hpp"

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

/// Shares of TDP are kept below one: the law reaches it nowhere.
constexpr double highest_share = 0.98;

struct Load {
  double work = 0;  ///< what the slopes have to add up to
  double memory = 0, arithmetic = 0;
  bool throttled = false;
};

std::optional<Load> load_of(const std::vector<MeasuredPoint>& loads, kernels::Operation operation,
                            const DeviceNumbers& device, double floor) {
  for (const MeasuredPoint& point : loads) {
    if (point.stage != MeasuringStage::sustained || point.operation != operation) continue;
    if (!point.has_time() || !point.power_watts || !point.energy_joules) continue;
    const auto format = parse_number_format(point.format);
    const double peak = device.peak_of(format ? *format : NumberFormat::bf16);
    const double share = std::min(highest_share, *point.power_watts / device.tdp);
    if (share <= floor) continue;
    return Load{.work = -std::log1p(-(share - floor) / (1 - floor)),
                .memory = point.bytes / point.seconds / device.bandwidth,
                .arithmetic = point.flop / point.seconds / peak,
                .throttled = !point.throttle.empty()};
  }
  return std::nullopt;
}

Figure measured(double value, const char* source, const std::string& date) {
  return {.value = value, .kind = Provenance::measured, .source = source, .date = date};
}

}  // namespace

std::optional<PowerLaw> fit_power(const std::vector<MeasuredPoint>& loads,
                                  const DeviceNumbers& device, const PowerLaw& base,
                                  const std::string& date) {
  if (!(device.tdp > 0) || !base.floor || !base.slow || !base.idle_share) return std::nullopt;
  const double floor = base.floor->value;
  const auto copy = load_of(loads, kernels::Operation::memory_copy, device, floor);
  const auto gemm = load_of(loads, kernels::Operation::gemm, device, floor);
  if (!copy || !gemm || !(copy->memory > 0) || !(gemm->arithmetic > 0)) return std::nullopt;
  PowerLaw law = base;
  law.device = device.name;
  const double memory = copy->work / copy->memory;
  const double arithmetic = std::max(0.0, gemm->work - memory * gemm->memory) / gemm->arithmetic;
  law.memory = measured(memory, "energy counter over a sustained copy, microdc calibrate", date);
  // At its cap a device draws what it may, not what the work asks for.
  if (!gemm->throttled) {
    law.arithmetic =
        measured(arithmetic, "energy counter over a sustained GEMM, microdc calibrate", date);
  }
  for (const MeasuredPoint& point : loads) {
    if (point.stage != MeasuringStage::idle || !point.power_watts) continue;
    law.idle_share = measured(std::min(1.0, *point.power_watts / device.tdp),
                              "power of the device at rest, microdc calibrate", date);
  }
  return law;
}

}  // namespace microdc
