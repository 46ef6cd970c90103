// Weights of the GEMM kernels for few tokens, turned into pairs of bf16. All conversions are exact;
// scales are applied to sums.
#pragma once

#include "kernels/cuda/fill.hpp"
#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/packed_weights.hpp"
#include "kernels/cuda/gemm/tiles.hpp"

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
    return multiply_add_bf16_pair(int8_pair_over_2_133(word, i), bf16_pair_of_2_127,
                                  bf16_pair_of_int8_offset);
  }
};

struct Int4Weights {
  static constexpr const char* format = "int4_weight";
  static constexpr Element element = Element::int4;
  static constexpr ScaleKind scale = ScaleKind::group;
  static constexpr int pairs_per_word = 4;
  __device__ __forceinline__ static std::uint32_t pair(std::uint32_t word, int i) {
    return multiply_add_bf16_pair(int4_pair_over_2_133(word, i),
                                  i % 2 == 0 ? bf16_pair_of_2_127 : bf16_pair_of_2_123,
                                  bf16_pair_of_int4_offset);
  }
};

/// Activations are fp8 too: tensor cores multiply both as they are.
struct Fp8Operands {
  static constexpr const char* format = "fp8";
  static constexpr Element element = Element::fp8;
  static constexpr ScaleKind scale = ScaleKind::none;
  static constexpr int pairs_per_word = 2;
};

/// Whether weights lie as packed_weights.hpp says; others lie in rows.
template <class Weights>
inline constexpr bool packed =
    Weights::element == Element::int8 || Weights::element == Element::int4;

/// Weights in 16 bytes.
template <class Weights>
inline constexpr int weights_per_vector = 8 * Weights::pairs_per_word;

__device__ __forceinline__ std::uint32_t word_of(const uint4& vector, int i) {
  return i == 0 ? vector.x : i == 1 ? vector.y : i == 2 ? vector.z : vector.w;
}

/// What sums of a row are multiplied by at last.
template <class Weights>
__device__ __forceinline__ float row_scale(const void* scales, int row) {
  const float scale =
      Weights::scale == ScaleKind::row ? static_cast<const float*>(scales)[row] : 1.0F;
  return packed<Weights> ? scale * packed_weight_enlargement : scale;
}

/// k of a group of weights that a warp turns into left operands at once: 8 steps of 16.
inline constexpr int group_k = 128;
inline constexpr int group_steps = group_k / 16;

/// Row, of 8, that a lane has in place of lane / 4. The 8 lanes that share a cycle of a 16-byte
/// access have two such rows, in different halves of the swizzled 128 bytes: no bank conflict.
__device__ __forceinline__ int fragment_row(int lane) { return lane / 4 % 2 * 4 + lane / 8; }

/// The weights of one group for one lane: rows fragment_row(lane) and 8 more of a swizzled tile in
/// shared memory with 128 bytes of each row.
template <class Weights>
class WeightGroup {  // one byte per weight, in the order of k: the tile has one group
 public:
  static constexpr int groups = 1;

  __device__ __forceinline__ WeightGroup(const unsigned char* rows, int lane, int)
      : row_(rows + fragment_row(lane) * tile_row_bytes + lane % 4 * 2),
        swizzle_(fragment_row(lane) * 16) {}

  /// The left operand of mma.m16n8k16 (and wgmma.m64k16) for k 16 step to 16 step + 15.
  __device__ __forceinline__ void fragment(std::uint32_t (&a)[4], int step) const {
    const unsigned char* at = row_ + (step * 16 ^ swizzle_);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const unsigned char* pair = at + i % 2 * 8 * tile_row_bytes + i / 2 * 8;
      a[i] = Weights::pair(*reinterpret_cast<const std::uint16_t*>(pair), 0);
    }
  }

 private:
  const unsigned char* row_;
  int swizzle_;
};

template <>
class WeightGroup<Fp8Operands> {  // never in registers
 public:
  static constexpr int groups = 1;
};

template <>
class WeightGroup<Int8Weights> {
 public:
  static constexpr int groups = 1;

  __device__ __forceinline__ WeightGroup(const unsigned char* rows, int lane, int) {
    const int row = fragment_row(lane);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      vectors_[i] = *reinterpret_cast<const uint4*>(
          rows + swizzled_offset(row + i % 2 * 8, lane % 4 + i / 2 * 4));
    }
  }

  __device__ __forceinline__ void fragment(std::uint32_t (&a)[4], int step) const {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      a[i] = Int8Weights::pair(word_of(vectors_[step / 4 * 2 + i % 2], step % 4), i / 2);
    }
  }

 private:
  uint4 vectors_[4];  ///< [steps 0 to 3, 4 to 7][row, 8 rows on]
};

template <>
class WeightGroup<Int4Weights> {
 public:
  static constexpr int groups = 2;

  __device__ __forceinline__ WeightGroup(const unsigned char* rows, int lane, int group) {
    const int row = fragment_row(lane);
    const int chunk = group * 4 + lane % 4;
    vectors_[0] = *reinterpret_cast<const uint4*>(rows + swizzled_offset(row, chunk));
    vectors_[1] = *reinterpret_cast<const uint4*>(rows + swizzled_offset(row + 8, chunk));
  }

  __device__ __forceinline__ void fragment(std::uint32_t (&a)[4], int step) const {
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      a[i] = Int4Weights::pair(word_of(vectors_[i % 2], step / 2), step % 2 * 2 + i / 2);
    }
  }

 private:
  uint4 vectors_[2];
};

}  // namespace microdc::kernels::cuda
