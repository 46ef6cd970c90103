// From parameters of a law (all of law_parameters, in its order) and datasheet figures to the
// coefficients of its equation. Fitting and evaluation share these functions.
#pragma once

#include <span>

#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/equations.hpp"

namespace microdc {

GemmCoefficients gemm_coefficients(std::span<const double> theta, const DeviceNumbers& device,
                                   NumberFormat format);
DecodeCoefficients decode_coefficients(std::span<const double> theta, const DeviceNumbers& device);
PrefillCoefficients prefill_coefficients(std::span<const double> theta,
                                         const DeviceNumbers& device);
ElementwiseCoefficients elementwise_coefficients(std::span<const double> theta,
                                                 const DeviceNumbers& device);
AllReduceCoefficients all_reduce_coefficients(std::span<const double> theta);

/// Of `sequences` such operators in one call.
PrefillWork prefill_work(const PrefillAttention& op, double sequences = 1);

/// Whether activations are quantised on the fly before a GEMM in this format on this device.
bool quantises_activations(const DeviceNumbers& device, NumberFormat format);

}  // namespace microdc
