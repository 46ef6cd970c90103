// How quantised weights lie in memory, and the bit tricks that turn them into bf16 without a loss.
// Shared with host tests.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// Weights per int4 scale, along k.
inline constexpr int int4_group = 128;

/// A 32-bit word holds 8 int4 weights of one row, k to k + 7, as unsigned q = weight + 8. Weight
/// 2 i is nibble i, weight 2 i + 1 nibble i + 4: one mask gives a pair of 16-bit lanes.
MICRODC_HD constexpr int int4_nibble(int weight) { return weight / 2 + weight % 2 * 4; }

MICRODC_HD constexpr int int4_weight_of(std::uint32_t word, int weight) {
  return static_cast<int>(word >> (4 * int4_nibble(weight)) & 0xFu) - 8;
}

MICRODC_HD constexpr std::uint32_t packed_int4(const int (&weights)[8]) {
  std::uint32_t word = 0;
  for (int i = 0; i < 8; ++i) {
    word |= static_cast<std::uint32_t>(weights[i] + 8) << (4 * int4_nibble(i));
  }
  return word;
}

/// Two bf16 with the values 128 + q for weights 2 i and 2 i + 1: a bf16 of 128 to 255 has units in
/// its last place. 136 = 0x4308 has to be subtracted.
MICRODC_HD constexpr std::uint32_t int4_pair_plus_136(std::uint32_t word, int pair) {
  return (word >> (4 * pair) & 0x000F000Fu) | 0x43004300u;
}
inline constexpr std::uint32_t bf16_pair_of_136 = 0x43084308u;

/// e4m3 bits in the upper bytes of two 16-bit lanes (of a pair of weights) to two bf16 that are
/// too small by 2^120, the difference of the exponents' biases (127 - 7); subnormals come out
/// right, NaN does not.
MICRODC_HD constexpr std::uint32_t e4m3_pair_over_2_120(std::uint32_t upper_bytes) {
  return (upper_bytes & 0x80008000u) | ((upper_bytes >> 4) & 0x07F007F0u);
}
/// 2^120 as two bf16: exponent 120 + 127.
inline constexpr std::uint32_t bf16_pair_of_2_120 = 0x7B807B80u;

/// Bits of the float 2^23 + (byte + 128) if `flipped` is the byte of a signed weight xor 0x80.
/// 2^23 + 128 has to be subtracted.
MICRODC_HD constexpr std::uint32_t float_bits_plus_2_23(std::uint32_t flipped) {
  return 0x4B000000u | (flipped & 0xFFu);
}
inline constexpr float float_2_23_plus_128 = 8388736.0F;

}  // namespace microdc::kernels::cuda
