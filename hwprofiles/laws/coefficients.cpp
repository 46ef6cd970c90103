#include "hwprofiles/laws/coefficients.hpp"

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

/// 16-bit activations between kernels.
constexpr double activation_bytes = 2;
/// Traffic of quantising one activation: read 16 bits, write 8.
constexpr double quantisation_bytes = 3;

}  // namespace

bool quantises_activations(const DeviceNumbers& device, NumberFormat format) {
  return device.is_native(format);
}

GemmCoefficients gemm_coefficients(std::span<const double> theta, const DeviceNumbers& device,
                                   NumberFormat format) {
  const bool quantised = quantises_activations(device, format);
  return {.launch = theta[0],
          .depth = theta[1] / 64,
          .seconds_per_flop = 1 / (theta[2] * device.peak_of(format)),
          .seconds_per_byte = 1 / (theta[3] * device.bandwidth),
          .sharpness = theta[4],
          .inverse_sharpness = 1 / theta[4],
          .throttle = theta[5],
          .quantisation = quantised ? theta[6] * quantisation_bytes / device.bandwidth : 0.0,
          .weight_bytes = bytes_per_element(format),
          .input_bytes =
              quantised ? bytes_per_element(format)
                        : std::max(activation_bytes, bytes_per_element(compute_format(format))),
          .output_bytes = activation_bytes,
          .row_bytes = theta[7]};
}

DecodeCoefficients decode_coefficients(std::span<const double> theta, const DeviceNumbers& device) {
  return {.launch = theta[0],
          .per_item = theta[1] / std::max(1.0, device.multiprocessors),
          .seconds_per_flop = 1 / (theta[2] * device.peak_of(NumberFormat::bf16)),
          .seconds_per_byte = 1 / (theta[3] * device.bandwidth),
          .sharpness = theta[5],
          .inverse_sharpness = 1 / theta[5],
          .residency = theta[4],
          .cache_bytes = 0.6 * std::max(1.0, device.cache)};
}

PrefillCoefficients prefill_coefficients(std::span<const double> theta,
                                         const DeviceNumbers& device) {
  const double multiprocessors = std::max(1.0, device.multiprocessors);
  const double seconds_per_flop = 1 / (theta[2] * device.peak_of(NumberFormat::bf16));
  return {.launch = theta[0],
          .per_wave = theta[1],
          .seconds_per_flop = seconds_per_flop,
          .longest_tile = theta[4] * multiprocessors * seconds_per_flop,
          .seconds_per_byte = 1 / (theta[3] * device.bandwidth),
          .sharpness = theta[5],
          .inverse_sharpness = 1 / theta[5],
          .path_sharpness = theta[6],
          .inverse_path_sharpness = 1 / theta[6],
          .multiprocessors = multiprocessors,
          .diagonal = theta[7],
          .softmax = theta[8]};
}

PrefillWork prefill_work(const PrefillAttention& op, double sequences) {
  const double head_dims = op.qk_dim + op.v_dim;
  // The longest tile sees all keys of its window.
  const double keys =
      op.window > 0 ? std::min(op.context_tokens, op.window + attention_tile) : op.context_tokens;
  return {.flop = sequences * flop_of(op).value(),
          .bytes = sequences * bytes_of(op).value(),
          .queries = sequences * op.q_heads * op.new_tokens,
          .head_dims = head_dims,
          .tiles = sequences * op.q_heads * std::ceil(op.new_tokens / attention_tile),
          .tile_flop = 2 * head_dims * attention_tile * keys};
}

ElementwiseCoefficients elementwise_coefficients(std::span<const double> theta,
                                                 const DeviceNumbers& device) {
  return {.launch = theta[0], .seconds_per_byte = 1 / (theta[1] * device.bandwidth)};
}

AllReduceCoefficients all_reduce_coefficients(std::span<const double> theta) {
  return {.latency = theta[0], .ramp = theta[1], .seconds_per_byte = 1 / theta[2]};
}

}  // namespace microdc
