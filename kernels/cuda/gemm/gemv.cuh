// Matrix times vector on the CUDA cores, for decode steps of one token.
// WarpsPerRow warps share Rows rows of the weights, each takes every WarpsPerRow-th 512 bytes of
// them, and adds its sums to the others' through shared memory: split-K within a block.
#pragma once

#include "kernels/cuda/gemm/weight_formats.cuh"

namespace microdc::kernels::cuda {

inline constexpr int gemv_warps = 4;
inline constexpr int gemv_unroll = 4;  ///< loads of 16 bytes under way per row and lane

/// `vector` of weights times the activations.
template <class Weights>
__device__ __forceinline__ float multiplied(const uint4& vector,
                                            const uint4 (&activations)[Weights::pairs_per_word]) {
  float sum = 0;
#pragma unroll
  for (int p = 0; p < 4 * Weights::pairs_per_word; ++p) {
    const std::uint32_t pair =
        Weights::pair(word_of(vector, p / Weights::pairs_per_word), p % Weights::pairs_per_word);
    const std::uint32_t other = word_of(activations[p / 4], p % 4);
    sum += low_bf16(pair) * low_bf16(other);
    sum += high_bf16(pair) * high_bf16(other);
  }
  return sum;
}

struct GemvArguments {
  const __nv_bfloat16* a;
  const unsigned char* weights;
  const void* scales;
  __nv_bfloat16* c;
  int n, k;
};

template <int Rows>
inline constexpr int gemv_shared_bytes = gemv_warps* Rows* static_cast<int>(sizeof(float));

/// Stores the results of the block's rows: the sums of all lanes of all warps that share a row.
/// `partial`: shared memory, [warp][row].
template <class Weights, int Rows, int WarpsPerRow>
__device__ __forceinline__ void store_row_sums(const GemvArguments& of, const float (&sums)[Rows],
                                               float* partial) {
  constexpr int groups_of_warps = gemv_warps / WarpsPerRow;
  const int i = static_cast<int>(threadIdx.x);
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
    float sum = sums[r];
#pragma unroll
    for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xFFFFFFFFU, sum, lanes);
    if (i % 32 == 0) partial[i / 32 * Rows + r] = sum;
  }
  __syncthreads();
  const int row = static_cast<int>(blockIdx.x) * groups_of_warps * Rows + i;
  if (i >= groups_of_warps * Rows || row >= of.n) return;
  float sum = 0;
  for (int w = 0; w < WarpsPerRow; ++w) {
    sum += partial[(i / Rows * WarpsPerRow + w) * Rows + i % Rows];
  }
  of.c[row] = __float2bfloat16(sum * row_scale<Weights>(of.scales, row));
}

template <class Weights, int Rows, int WarpsPerRow>
__global__ void __launch_bounds__(gemv_warps * 32) gemv(GemvArguments of) {
  static_assert(!packed<Weights>, "weights are in the order of k");
  MICRODC_DYNAMIC_SHARED(shared);
  constexpr int groups_of_warps = gemv_warps / WarpsPerRow;
  constexpr int per_vector = weights_per_vector<Weights>;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int share = warp % WarpsPerRow;
  const int first_row =
      (static_cast<int>(blockIdx.x) * groups_of_warps + warp / WarpsPerRow) * Rows;
  const int vectors = of.k / per_vector;
  float sums[Rows] = {};

  // Rows past the end repeat the last one and are not stored.
  const uint4* rows[Rows];
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
    const int row = first_row + r < of.n ? first_row + r : of.n - 1;
    rows[r] = reinterpret_cast<const uint4*>(of.weights) + std::int64_t{row} * vectors;
  }
  const auto load = [&](uint4(&to)[Rows], int vector) {
#pragma unroll
    for (int r = 0; r < Rows; ++r) to[r] = load_once(rows[r] + vector);
  };
  const auto multiply = [&](const uint4(&loaded)[Rows], int vector) {
    uint4 activations[Weights::pairs_per_word];
#pragma unroll
    for (int i = 0; i < Weights::pairs_per_word; ++i) {
      activations[i] = load_shared_by_many(of.a + std::int64_t{vector} * per_vector + i * 8);
    }
#pragma unroll
    for (int r = 0; r < Rows; ++r) sums[r] += multiplied<Weights>(loaded[r], activations);
  };

  constexpr int stride = 32 * WarpsPerRow;
  int vector = share * 32 + lane;
  for (; vector + (gemv_unroll - 1) * stride < vectors; vector += gemv_unroll * stride) {
    uint4 loaded[gemv_unroll][Rows];
#pragma unroll
    for (int u = 0; u < gemv_unroll; ++u) load(loaded[u], vector + u * stride);
#pragma unroll
    for (int u = 0; u < gemv_unroll; ++u) multiply(loaded[u], vector + u * stride);
  }
  for (; vector < vectors; vector += stride) {
    uint4 loaded[Rows];
    load(loaded, vector);
    multiply(loaded, vector);
  }

  store_row_sums<Weights, Rows, WarpsPerRow>(of, sums, reinterpret_cast<float*>(shared));
}

}  // namespace microdc::kernels::cuda
