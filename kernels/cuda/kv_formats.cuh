// How a KV cache's elements enter the matrix unit: bf16 as they are, fp8 (e4m3) as fp16.
#pragma once

#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

struct Bf16Cache {
  using Element = __nv_bfloat16;  // as stored
  using Operand = __nv_bfloat16;  // of the matrix unit
  static constexpr int element_bytes = 2;
  static constexpr int elements_per_word = 2;
  /// What an operand must be multiplied by to be the element's value.
  static constexpr float operand_scale = 1.0f;

  /// Operand pair `pair` (0) of the elements in a word: neighbours in memory.
  static __device__ __forceinline__ std::uint32_t neighbours(std::uint32_t word, int) {
    return word;
  }
  /// Element `i` of each of two words as one operand pair.
  static __device__ __forceinline__ std::uint32_t across(std::uint32_t low, std::uint32_t high,
                                                         int i) {
    return __byte_perm(low, high, i == 0 ? 0x5410 : 0x7632);
  }
};

/// e4m3 bits moved to where fp16 has them; the exponents' biases differ by 8, so an operand is
/// 2^-8 of the element. Exact for all finite values, subnormal ones too.
struct Fp8Cache {
  using Element = std::uint8_t;
  using Operand = __half;
  static constexpr int element_bytes = 1;
  static constexpr int elements_per_word = 4;
  static constexpr float operand_scale = 256.0f;

  static __device__ __forceinline__ std::uint32_t spread(std::uint32_t bytes_1_and_3) {
    return (bytes_1_and_3 & 0x80008000u) | ((bytes_1_and_3 >> 1) & 0x3f803f80u);
  }
  static __device__ __forceinline__ std::uint32_t neighbours(std::uint32_t word, int pair) {
    return spread(__byte_perm(word, 0, pair == 0 ? 0x1100 : 0x3322));
  }
  static __device__ __forceinline__ std::uint32_t across(std::uint32_t low, std::uint32_t high,
                                                         int i) {
    return spread(__byte_perm(low, high, 0x4400 + 0x1111 * i));
  }
};

}  // namespace microdc::kernels::cuda
