// What a profile's laws say of a measured point.
#pragma once

#include <optional>

#include "calibrate/measure/measured_point.hpp"
#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// Seconds by the law that was fitted to the point's source and format; nullopt if there is none.
std::optional<double> fitted_seconds(const DeviceProfile& profile, const DeviceNumbers& device,
                                     const MeasuredPoint& point);

/// Half-width of the central 90 % interval of log(measured / law) at a point: the held-out quantile
/// of its regime, of all regimes if that one had no points.
std::optional<double> interval_90(const FittedLaw& law, const DeviceNumbers& device,
                                  const MeasuredPoint& point);

/// The law for points of this operation, source and format (and group); null if there is none.
const FittedLaw* law_of(const DeviceProfile& profile, const MeasuredPoint& point);

}  // namespace microdc
