// Matrix times one to four vectors on the CUDA cores, for decode steps of small batches.
// WarpsPerRow warps share Rows rows of the weights, each takes every WarpsPerRow-th 512 bytes of
// them, and adds its sums to the others' through shared memory: split-K within a block.
#pragma once

#include "kernels/cuda/gemm/weight_formats.cuh"

namespace microdc::kernels::cuda {

inline constexpr int gemv_warps = 4;
inline constexpr int gemv_unroll = 4;  ///< loads of 16 bytes under way per row and lane

template <class Weights, int Tokens, int Rows>
class GemvSums {
 public:
  /// Adds `vector`, of row `row`, times the tokens' activations at `k`.
  __device__ __forceinline__ void add(int row, const uint4& vector,
                                      const uint4 (&activations)[Tokens][Weights::pairs_per_word],
                                      float scale) {
    float of_vector[Tokens] = {};
#pragma unroll
    for (int p = 0; p < 4 * Weights::pairs_per_word; ++p) {
      const std::uint32_t pair =
          Weights::pair(word_of(vector, p / Weights::pairs_per_word), p % Weights::pairs_per_word);
#pragma unroll
      for (int token = 0; token < Tokens; ++token) {
        const std::uint32_t other = word_of(activations[token][p / 4], p % 4);
        of_vector[token] += low_bf16(pair) * low_bf16(other);
        of_vector[token] += high_bf16(pair) * high_bf16(other);
      }
    }
#pragma unroll
    for (int token = 0; token < Tokens; ++token) sums[row][token] += of_vector[token] * scale;
  }

  float sums[Rows][Tokens] = {};
};

struct GemvArguments {
  const __nv_bfloat16* a;
  const unsigned char* weights;
  const void* scales;
  __nv_bfloat16* c;
  int m, n, k;
};

/// Scale of a vector of weights: that of its group, or 1 where rows are scaled at the end.
template <class Weights>
__device__ __forceinline__ float vector_scale(const void* scales, std::int64_t row, int k,
                                              int groups) {
  if constexpr (Weights::scale == ScaleKind::group) {
    return __half2float(static_cast<const __half*>(scales)[row * groups + k / int4_group]);
  }
  return 1;
}

template <class Weights>
__device__ __forceinline__ float row_scale(const void* scales, int row) {
  if constexpr (Weights::scale == ScaleKind::row) return static_cast<const float*>(scales)[row];
  return 1;
}

template <class Weights, int Tokens, int Rows, int WarpsPerRow>
__global__ void __launch_bounds__(gemv_warps * 32) gemv(GemvArguments of) {
  MICRODC_DYNAMIC_SHARED(shared);
  constexpr int groups_of_warps = gemv_warps / WarpsPerRow;
  constexpr int per_vector = weights_per_vector<Weights>;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int share = warp % WarpsPerRow;
  const int first_row =
      (static_cast<int>(blockIdx.x) * groups_of_warps + warp / WarpsPerRow) * Rows;
  const int vectors = of.k / per_vector;
  GemvSums<Weights, Tokens, Rows> total;

  // Rows and tokens past the end repeat the last one and are not stored.
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
    uint4 activations[Tokens][Weights::pairs_per_word];
#pragma unroll
    for (int token = 0; token < Tokens; ++token) {
      const int from = token < of.m ? token : of.m - 1;
      const __nv_bfloat16* a = of.a + std::int64_t{from} * of.k + vector * per_vector;
#pragma unroll
      for (int i = 0; i < Weights::pairs_per_word; ++i) {
        activations[token][i] = load_shared_by_many(a + i * 8);
      }
    }
#pragma unroll
    for (int r = 0; r < Rows; ++r) {
      const int row = first_row + r < of.n ? first_row + r : of.n - 1;
      total.add(r, loaded[r], activations,
                vector_scale<Weights>(of.scales, row, vector * per_vector, of.k / int4_group));
    }
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

  auto* partial = reinterpret_cast<float*>(shared);  // [warp][row][token]
#pragma unroll
  for (int r = 0; r < Rows; ++r) {
#pragma unroll
    for (int token = 0; token < Tokens; ++token) {
      float sum = total.sums[r][token];
#pragma unroll
      for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xFFFFFFFFU, sum, lanes);
      if (lane == 0) partial[(warp * Rows + r) * Tokens + token] = sum;
    }
  }
  __syncthreads();
  for (int i = static_cast<int>(threadIdx.x); i < groups_of_warps * Rows * Tokens;
       i += gemv_warps * 32) {
    const int token = i % Tokens;
    const int r = i / Tokens % Rows;
    const int group = i / (Tokens * Rows);
    const int row = (static_cast<int>(blockIdx.x) * groups_of_warps + group) * Rows + r;
    if (row >= of.n || token >= of.m) continue;
    float sum = 0;
    for (int w = 0; w < WarpsPerRow; ++w) {
      sum += partial[((group * WarpsPerRow + w) * Rows + r) * Tokens + token];
    }
    of.c[std::int64_t{token} * of.n + row] =
        __float2bfloat16(sum * row_scale<Weights>(of.scales, row));
  }
}

template <int Tokens, int Rows>
inline constexpr int gemv_shared_bytes = gemv_warps* Rows* Tokens* static_cast<int>(sizeof(float));

}  // namespace microdc::kernels::cuda
