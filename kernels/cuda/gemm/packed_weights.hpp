// How quantised weights lie in memory, and the bit tricks that turn them into bf16 without a loss.
// Shared with host tests.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// Weights per int4 scale, along k.
inline constexpr int int4_group = 128;

/// Words of a group. Weights are unsigned, q = weight + 8.
inline constexpr int int4_group_words = int4_group / 8;

/// Where weight `k` of a group lies. The quad lane t of mma.m16n8k16 needs, in step j of 16 k, the
/// pairs 16 j + 2 t and 16 j + 2 t + 8: it finds those of all steps in its 16 bytes, words 4 t to
/// 4 t + 3, two steps in a word. Nibbles p and p + 4 are a pair: one mask gives 16-bit lanes.
struct Int4Place {
  int word = 0, nibble = 0;
};
MICRODC_HD constexpr Int4Place int4_place(int k) {
  const int step = k / 16;
  const int pair = step % 2 * 2 + k % 16 / 8;
  return {k % 8 / 2 * 4 + step / 2, pair + k % 2 * 4};
}

/// Weight `index` of a matrix whose rows are whole groups.
MICRODC_HD constexpr int int4_weight_of(const std::uint32_t* words, std::int64_t index) {
  const Int4Place place = int4_place(static_cast<int>(index % int4_group));
  const std::uint32_t word = words[index / int4_group * int4_group_words + place.word];
  return static_cast<int>(word >> (4 * place.nibble) & 0xFu) - 8;
}

/// Puts it there; the nibble was 0.
MICRODC_HD constexpr void pack_int4(std::uint32_t* words, std::int64_t index, int weight) {
  const Int4Place place = int4_place(static_cast<int>(index % int4_group));
  words[index / int4_group * int4_group_words + place.word] |=
      static_cast<std::uint32_t>(weight + 8) << (4 * place.nibble);
}

/// (x & mask) | bits, in one instruction: the compiler makes two of two constants.
MICRODC_HD constexpr std::uint32_t masked_or(std::uint32_t x, std::uint32_t mask,
                                             std::uint32_t bits) {
#ifdef __CUDA_ARCH__
  std::uint32_t result = 0;
  asm("lop3.b32 %0, %1, %2, %3, 0xEA;" : "=r"(result) : "r"(x), "r"(mask), "r"(bits));
  return result;
#else
  return (x & mask) | bits;
#endif
}

/// Two bf16 with the values 128 + q of a pair: a bf16 of 128 to 255 has units in its last place.
/// 136 = 0x4308 has to be subtracted.
MICRODC_HD constexpr std::uint32_t int4_pair_plus_136(std::uint32_t word, int pair) {
  return masked_or(word >> (4 * pair), 0x000F000Fu, 0x43004300u);
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

/// Signed bytes in the lower halves of two 16-bit lanes: two bf16 with the values 128 + (lower 7
/// bits), and what has to be subtracted from them, 128 or, from a negative weight, 256.
MICRODC_HD constexpr std::uint32_t int8_pair_plus_128(std::uint32_t lower_bytes) {
  return masked_or(lower_bytes, 0x007F007Fu, 0x43004300u);
}
MICRODC_HD constexpr std::uint32_t int8_pair_offset(std::uint32_t lower_bytes) {
  return masked_or(lower_bytes, 0x00800080u, 0x43004300u);
}

}  // namespace microdc::kernels::cuda
