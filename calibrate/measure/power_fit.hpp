// The power law of a measured device from its energy counter.
#pragma once

#include <optional>
#include <vector>

#include "calibrate/measure/measured_point.hpp"
#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// Slopes of memory and arithmetic from sustained load (the largest copy, the longest GEMM), idle
/// share from the device at rest; floor, and the slope of slow kernels, which these states do not
/// tell, are those of `base`. Nullopt without energy, TDP or one of the two loads.
std::optional<PowerLaw> fit_power(const std::vector<MeasuredPoint>& loads,
                                  const DeviceNumbers& device, const PowerLaw& base,
                                  const std::string& date);

}  // namespace microdc
