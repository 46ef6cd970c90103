// What stands between the matrix products of a transformer: residual add with RMSNorm, SiLU(gate)
// times up, RoPE, quantisation to fp8. bf16 in memory, fp32 in registers, 16-byte accesses.
#pragma once

#include <cuda_fp8.h>

#include "kernels/cuda/fast_division.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

inline constexpr float norm_epsilon = 1e-6f;
inline constexpr float fp8_largest = 448.0f;  // e4m3

/// Sum over the block, in every thread. `shared` holds 32 floats and may be used again after the
/// next barrier.
template <class Combine>
__device__ __forceinline__ float over_block(float value, float* shared, const Combine& combine) {
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    value = combine(value, __shfl_xor_sync(0xffffffffu, value, lanes));
  }
  const int warps = blockDim.x / 32;
  if (threadIdx.x % 32 == 0) shared[threadIdx.x / 32] = value;
  __syncthreads();
  value = shared[0];
  for (int warp = 1; warp < warps; ++warp) value = combine(value, shared[warp]);
  return value;
}

/// residual += x; y = residual / rms(residual) * weight. One block per row of `vectors` x 8
/// elements, which stays in registers: vectors <= Vectors x blockDim.
template <int Vectors>
__global__ void __launch_bounds__(1024)
    add_rms_norm(const uint4* __restrict__ x, uint4* __restrict__ residual,
                 const uint4* __restrict__ weight, uint4* __restrict__ y, int vectors) {
  __shared__ float shared[32];
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * vectors;
  float values[Vectors][8];
  float squares = 0.0f;
#pragma unroll
  for (int v = 0; v < Vectors; ++v) {
    const int column = v * blockDim.x + threadIdx.x;
    if (column < vectors) {
      float added[8];
      unpack_bf16(__ldcs(x + row + column), added);
      unpack_bf16(residual[row + column], values[v]);
#pragma unroll
      for (int i = 0; i < 8; ++i) values[v][i] += added[i];
      const uint4 rounded = pack_bf16(values[v]);
      residual[row + column] = rounded;
      unpack_bf16(rounded, values[v]);  // what the next layer will read
#pragma unroll
      for (int i = 0; i < 8; ++i) squares = fmaf(values[v][i], values[v][i], squares);
    }
  }
  squares = over_block(squares, shared, [](float a, float b) { return a + b; });
  const float factor = rsqrtf(squares / static_cast<float>(vectors * 8) + norm_epsilon);
#pragma unroll
  for (int v = 0; v < Vectors; ++v) {
    const int column = v * blockDim.x + threadIdx.x;
    if (column < vectors) {
      float weights[8];
      unpack_bf16(weight[column], weights);
#pragma unroll
      for (int i = 0; i < 8; ++i) weights[i] *= values[v][i] * factor;
      y[row + column] = pack_bf16(weights);
    }
  }
}

/// Scale and e4m3 values of each row: scale = largest |x| / 448, q = x / scale. One block per row,
/// as add_rms_norm. A row of zeros has scale 1.
template <int Vectors>
__global__ void __launch_bounds__(1024)
    quantise_rows(const uint4* __restrict__ x, uint2* __restrict__ quantised,
                  float* __restrict__ scales, int vectors) {
  __shared__ float shared[32];
  const std::int64_t row = static_cast<std::int64_t>(blockIdx.x) * vectors;
  uint4 loaded[Vectors];
  float largest = 0.0f;
#pragma unroll
  for (int v = 0; v < Vectors; ++v) {
    const int column = v * blockDim.x + threadIdx.x;
    if (column < vectors) {
      loaded[v] = __ldcs(x + row + column);
      float values[8];
      unpack_bf16(loaded[v], values);
#pragma unroll
      for (int i = 0; i < 8; ++i) largest = fmaxf(largest, fabsf(values[i]));
    }
  }
  largest = over_block(largest, shared, [](float a, float b) { return fmaxf(a, b); });
  const float scale = largest > 0.0f ? largest / fp8_largest : 1.0f;
  const float factor = 1.0f / scale;
  if (threadIdx.x == 0) scales[blockIdx.x] = scale;
#pragma unroll
  for (int v = 0; v < Vectors; ++v) {
    const int column = v * blockDim.x + threadIdx.x;
    if (column < vectors) {
      float values[8];
      unpack_bf16(loaded[v], values);
      std::uint32_t words[2];
#pragma unroll
      for (int word = 0; word < 2; ++word) {
        words[word] = 0;
#pragma unroll
        for (int pair = 0; pair < 2; ++pair) {
          const int i = 4 * word + 2 * pair;
          words[word] |=
              static_cast<std::uint32_t>(__nv_cvt_float2_to_fp8x2(
                  float2{values[i] * factor, values[i + 1] * factor}, __NV_SATFINITE, __NV_E4M3))
              << (16 * pair);
        }
      }
      quantised[row + column] = uint2{words[0], words[1]};
    }
  }
}

/// out[row][c] = silu(in[row][c]) * in[row][columns + c]. `columns` is the divisor of `vectors`, in
/// units of 8 elements; `count` = rows x columns.
template <int Unroll>
__global__ void __launch_bounds__(256)
    silu_multiply(const uint4* __restrict__ gate_up, uint4* __restrict__ out, std::uint32_t count,
                  const __grid_constant__ FastDivision columns) {
  const std::uint32_t first = blockIdx.x * (256u * Unroll) + threadIdx.x;
  uint4 gates[Unroll], ups[Unroll];
#pragma unroll
  for (int u = 0; u < Unroll; ++u) {
    const std::uint32_t i = first + u * 256u;
    if (i < count) {
      const std::uint64_t row = columns.quotient(i);
      const std::uint64_t gate = i + row * columns.divisor();  // (2 row) columns + column
      gates[u] = __ldcs(gate_up + gate);
      ups[u] = __ldcs(gate_up + gate + columns.divisor());
    }
  }
#pragma unroll
  for (int u = 0; u < Unroll; ++u) {
    const std::uint32_t i = first + u * 256u;
    if (i < count) {
      float gate[8], up[8];
      unpack_bf16(gates[u], gate);
      unpack_bf16(ups[u], up);
#pragma unroll
      for (int e = 0; e < 8; ++e)
        gate[e] = gate[e] / (1.0f + exp2_fast(gate[e] * -1.44269504f)) * up[e];
      out[i] = pack_bf16(gate);
    }
  }
}

struct RopeArguments {
  uint4* heads;           ///< [token][head][dimension], rotated in place
  const float4* cosines;  ///< [position][dimension / 2]
  const float4* sines;
  const int* positions;      ///< [token]
  std::uint32_t work_items;  ///< tokens x head groups x pieces
  FastDivision head_groups;  ///< Heads heads each, the last may be short
  FastDivision pieces;       ///< of 8 elements in half a head
  int heads_per_token;
};

/// Rotates the pairs (i, i + dimension / 2). A thread does the same 8 pairs of `Heads` heads.
template <int Heads>
__global__ void __launch_bounds__(256) rotate(const __grid_constant__ RopeArguments arguments) {
  const std::uint32_t item = blockIdx.x * 256u + threadIdx.x;
  if (item >= arguments.work_items) return;
  const std::uint32_t pieces = arguments.pieces.divisor();
  const std::uint32_t group_index = arguments.pieces.quotient(item);
  const std::uint32_t piece = item - group_index * pieces;
  const std::uint32_t token = arguments.head_groups.quotient(group_index);
  const int first_head =
      static_cast<int>(group_index - token * arguments.head_groups.divisor()) * Heads;

  uint4* head =
      arguments.heads +
      (static_cast<std::uint64_t>(token) * arguments.heads_per_token + first_head) * (2 * pieces) +
      piece;
  uint4 low[Heads], high[Heads];
#pragma unroll
  for (int h = 0; h < Heads; ++h) {
    if (first_head + h < arguments.heads_per_token) {
      low[h] = head[h * 2 * pieces];
      high[h] = head[h * 2 * pieces + pieces];
    }
  }
  const std::uint64_t angle =
      (static_cast<std::uint64_t>(arguments.positions[token]) * pieces + piece) * 2;
  const float4 c0 = arguments.cosines[angle], c1 = arguments.cosines[angle + 1];
  const float4 s0 = arguments.sines[angle], s1 = arguments.sines[angle + 1];
  const float cosine[8] = {c0.x, c0.y, c0.z, c0.w, c1.x, c1.y, c1.z, c1.w};
  const float sine[8] = {s0.x, s0.y, s0.z, s0.w, s1.x, s1.y, s1.z, s1.w};
#pragma unroll
  for (int h = 0; h < Heads; ++h) {
    if (first_head + h < arguments.heads_per_token) {
      float a[8], b[8];
      unpack_bf16(low[h], a);
      unpack_bf16(high[h], b);
#pragma unroll
      for (int i = 0; i < 8; ++i) {
        const float rotated = a[i] * cosine[i] - b[i] * sine[i];
        b[i] = b[i] * cosine[i] + a[i] * sine[i];
        a[i] = rotated;
      }
      head[h * 2 * pieces] = pack_bf16(a);
      head[h * 2 * pieces + pieces] = pack_bf16(b);
    }
  }
}

}  // namespace microdc::kernels::cuda
