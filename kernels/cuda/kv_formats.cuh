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

  static constexpr int word_pairs = 1;
  /// The elements in a word as operand pairs: neighbours in memory.
  static __device__ __forceinline__ void neighbours(std::uint32_t word,
                                                    std::uint32_t (&pairs)[word_pairs]) {
    pairs[0] = word;
  }
  /// Element `i` of each of two words as one operand pair.
  static __device__ __forceinline__ std::uint32_t across(std::uint32_t low, std::uint32_t high,
                                                         int i) {
    return __byte_perm(low, high, i == 0 ? 0x5410 : 0x7632);
  }
};

/// What caches of e4m3 have in common.
struct E4m3Cache {
  using Element = std::uint8_t;
  using Operand = __half;
  static constexpr int element_bytes = 1;
  static constexpr int elements_per_word = 4;
  static constexpr int word_pairs = 2;
};

/// e4m3 bits moved to where fp16 has them; the exponents' biases differ by 8, so an operand is
/// 2^-8 of the element. Exact for all finite values, subnormal ones too.
struct Fp8Cache : E4m3Cache {
  static constexpr float operand_scale = 256.0f;

  /// Of bytes extended by their sign to 16 bits. Multiplied, which leaves the integer unit to the
  /// rest; what is too much of the exponent, and of the other element, goes with the mask.
  static __device__ __forceinline__ std::uint32_t move(std::uint32_t extended) {
    return (extended * 128u) & 0xbf80bf80u;
  }
  static __device__ __forceinline__ void neighbours(std::uint32_t word,
                                                    std::uint32_t (&pairs)[word_pairs]) {
    pairs[0] = move(permute_bytes(word, word, 0x9180));
    pairs[1] = move(permute_bytes(word, word, 0xb3a2));
  }
  static __device__ __forceinline__ std::uint32_t across(std::uint32_t low, std::uint32_t high,
                                                         int i) {
    return move(permute_bytes(low, high, 0xc480 + 0x1111 * i));
  }
  /// Elements `i` and i + 1 likewise, i even: for heads as columns.
  static __device__ __forceinline__ void across_two(std::uint32_t low, std::uint32_t high, int i,
                                                    std::uint32_t (&pairs)[2]) {
    pairs[0] = across(low, high, i), pairs[1] = across(low, high, i + 1);
  }
};

/// The device's own conversion, a pair per instruction. Since sm_89.
struct Fp8CacheConverted : E4m3Cache {
  static constexpr float operand_scale = 1.0f;

  static __device__ __forceinline__ void neighbours(std::uint32_t word,
                                                    std::uint32_t (&pairs)[word_pairs]) {
    e4m3_to_halves(word, pairs);
  }
  static __device__ __forceinline__ void across_two(std::uint32_t low, std::uint32_t high, int i,
                                                    std::uint32_t (&pairs)[2]) {
    e4m3_to_halves(__byte_perm(low, high, i == 0 ? 0x5140 : 0x7362), pairs);
  }
};

}  // namespace microdc::kernels::cuda
