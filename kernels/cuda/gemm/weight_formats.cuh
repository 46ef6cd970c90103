// Weights of the skinny GEMM kernels: 16 bytes of a row, as they lie in memory, turned into pairs
// of bf16 in the order of k. All conversions are exact; scales are applied to sums.
#pragma once

#include "kernels/cuda/fill.hpp"
#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/packed_weights.hpp"

namespace microdc::kernels::cuda {

/// How scales are stored (GemmOperands::scales).
enum class ScaleKind { none, row, group };

struct Bf16Weights {
  static constexpr const char* format = "bf16";
  static constexpr Element element = Element::bf16;
  static constexpr ScaleKind scale = ScaleKind::none;
  static constexpr int pairs_per_word = 1;
  __device__ __forceinline__ static std::uint32_t pair(std::uint32_t word, int) { return word; }
};

struct Fp8Weights {
  static constexpr const char* format = "fp8";
  static constexpr Element element = Element::fp8;
  static constexpr ScaleKind scale = ScaleKind::row;
  static constexpr int pairs_per_word = 2;
  __device__ __forceinline__ static std::uint32_t pair(std::uint32_t word, int i) {
    // Bytes 2 i and 2 i + 1 to the upper bytes of the lanes; the second operand gives zeros.
    const std::uint32_t upper = __byte_perm(word, 0, i == 0 ? 0x1404 : 0x3424);
    return multiply_bf16_pair(e4m3_pair_over_2_120(upper), bf16_pair_of_2_120);
  }
};

struct Int8Weights {
  static constexpr const char* format = "int8_weight";
  static constexpr Element element = Element::int8;
  static constexpr ScaleKind scale = ScaleKind::row;
  static constexpr int pairs_per_word = 2;
  __device__ __forceinline__ static std::uint32_t pair(std::uint32_t word, int i) {
    const std::uint32_t flipped = word ^ 0x80808080U;
    // float_bits_plus_2_23 of bytes 2 i and 2 i + 1.
    const std::uint32_t low = __byte_perm(flipped, 0x4B000000U, i == 0 ? 0x7440 : 0x7442);
    const std::uint32_t high = __byte_perm(flipped, 0x4B000000U, i == 0 ? 0x7441 : 0x7443);
    // Integers of 8 bits: the upper half of the float is the bf16.
    return __byte_perm(__float_as_uint(__uint_as_float(low) - float_2_23_plus_128),
                       __float_as_uint(__uint_as_float(high) - float_2_23_plus_128), 0x7632);
  }
};

struct Int4Weights {
  static constexpr const char* format = "int4_weight";
  static constexpr Element element = Element::int4;
  static constexpr ScaleKind scale = ScaleKind::group;
  static constexpr int pairs_per_word = 4;
  __device__ __forceinline__ static std::uint32_t pair(std::uint32_t word, int i) {
    return subtract_bf16_pair(int4_pair_plus_136(word, i), bf16_pair_of_136);
  }
};

/// Weights in 16 bytes.
template <class Weights>
inline constexpr int weights_per_vector = 8 * Weights::pairs_per_word;

__device__ __forceinline__ std::uint32_t word_of(const uint4& vector, int i) {
  return i == 0 ? vector.x : i == 1 ? vector.y : i == 2 ? vector.z : vector.w;
}

}  // namespace microdc::kernels::cuda
