// GEMM of a few tokens on tensor cores: the weights are the left operand of mma.sync (16 rows),
// up to 64 tokens the right one. Both come straight from global memory in vectors of 16 bytes: the
// order of k within an mma does not matter as long as both operands have the same, so that a lane
// may hold 16 bytes in a row where the instruction speaks of strided pairs. Warps of a block, and
// blocks, share the work along k too (split-K).
#pragma once

#include "kernels/cuda/gemm/gemv.cuh"
#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/gemm/weight_formats.cuh"

namespace microdc::kernels::cuda {

/// TokenBlocks of 8 tokens; each warp has RowBlocks of 16 rows of the weights and keeps Depth
/// units of 64 bytes per row under way.
template <int TokenBlocks, int RowBlocks, int WarpsN, int WarpsK, int Depth>
struct SkinnyTile {
  static constexpr int token_blocks = TokenBlocks, row_blocks = RowBlocks;
  static constexpr int warps_n = WarpsN, warps_k = WarpsK, depth = Depth;
  static constexpr int tokens = TokenBlocks * 8;
  static constexpr int warp_rows = RowBlocks * 16;
  static constexpr int rows = WarpsN * warp_rows;
  static constexpr int threads = WarpsN * WarpsK * 32;
  /// Row of the exchange buffer, in floats: 4 more, or lanes would meet in the same banks.
  static constexpr int pitch = rows + 4;
  static constexpr int shared_bytes =
      (WarpsK * tokens * pitch + 4) * static_cast<int>(sizeof(float));
};

/// k of one unit: 64 bytes of each row, 16 for each lane of a quad.
template <class Weights>
inline constexpr int unit_k = 4 * weights_per_vector<Weights>;

struct SkinnyArguments {
  const __nv_bfloat16* a;
  const unsigned char* weights;
  const void* scales;
  __nv_bfloat16* c;
  float* partial;      ///< [split][block of rows][token][row], unused if there is one split
  unsigned* arrivals;  ///< per block of rows
  int m, n, k;
};

/// What a lane loads of one unit: rows lane / 4 and lane / 4 + 8 of each block of 16.
template <class Weights, class Tile>
struct SkinnyUnit {
  uint4 vectors[Tile::row_blocks][2];
  float scales[Tile::row_blocks][2];  ///< only of group-scaled weights
};

template <class Weights, class Tile>
class SkinnyWarp {
 public:
  __device__ __forceinline__ SkinnyWarp(const SkinnyArguments& of, int first_row) : of_(of) {
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const std::int64_t row_bytes = std::int64_t{of.k} / weights_per_vector<Weights> * 16;
    // Rows and tokens past the end repeat the last one and are not stored.
#pragma unroll
    for (int i = 0; i < Tile::row_blocks * 2; ++i) {
      const int row = first_row + i * 8 + lane / 4;
      rows_[i] = row < of.n ? row : of.n - 1;
      vectors_[i] = of.weights + rows_[i] * row_bytes + lane % 4 * 16;
    }
#pragma unroll
    for (int j = 0; j < Tile::token_blocks; ++j) {
      const int token = j * 8 + lane / 4;
      tokens_[j] = of.a + std::int64_t{token < of.m ? token : of.m - 1} * of.k +
                   lane % 4 * weights_per_vector<Weights>;
    }
  }

  __device__ __forceinline__ void load(SkinnyUnit<Weights, Tile>& to, int unit) const {
#pragma unroll
    for (int i = 0; i < Tile::row_blocks * 2; ++i) {
      to.vectors[i / 2][i % 2] = load_once(vectors_[i] + std::int64_t{unit} * 64);
      if constexpr (Weights::scale == ScaleKind::group) {
        to.scales[i / 2][i % 2] =
            vector_scale<Weights>(of_.scales, rows_[i], unit * unit_k<Weights>, of_.k / int4_group);
      }
    }
  }

  __device__ __forceinline__ void multiply(const SkinnyUnit<Weights, Tile>& unit, int index) {
    if constexpr (Weights::scale == ScaleKind::group) {
      static_assert(unit_k<Weights> == int4_group);
      float of_group[Tile::row_blocks][Tile::token_blocks][4] = {};
      multiply_into(of_group, unit, index);
#pragma unroll
      for (int r = 0; r < Tile::row_blocks; ++r) {
#pragma unroll
        for (int j = 0; j < Tile::token_blocks; ++j) {
#pragma unroll
          for (int i = 0; i < 4; ++i) sums[r][j][i] += of_group[r][j][i] * unit.scales[r][i / 2];
        }
      }
    } else {
      multiply_into(sums, unit, index);
    }
  }

  /// In the layout of mma.m16n8: [i] is row lane / 4 + i / 2 * 8, token lane % 4 * 2 + i % 2.
  float sums[Tile::row_blocks][Tile::token_blocks][4] = {};

 private:
  using Sums = float[Tile::row_blocks][Tile::token_blocks][4];

  __device__ __forceinline__ void multiply_into(Sums& to, const SkinnyUnit<Weights, Tile>& unit,
                                                int index) const {
    constexpr int per_word = Weights::pairs_per_word;
    // A chunk is 8 weights of a lane, 4 pairs, the k of two mma; so much of a token has 16 bytes.
#pragma unroll
    for (int chunk = 0; chunk < per_word; ++chunk) {
      uint4 tokens[Tile::token_blocks];
#pragma unroll
      for (int j = 0; j < Tile::token_blocks; ++j) {
        tokens[j] =
            load_shared_by_many(tokens_[j] + std::int64_t{index} * unit_k<Weights> + chunk * 8);
      }
#pragma unroll
      for (int r = 0; r < Tile::row_blocks; ++r) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const int first = chunk * 4 + half * 2;  // of the two pairs, among the lane's
          std::uint32_t a[4];
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            const int pair = first + i / 2;
            a[i] = Weights::pair(word_of(unit.vectors[r][i % 2], pair / per_word), pair % per_word);
          }
#pragma unroll
          for (int j = 0; j < Tile::token_blocks; ++j) {
            multiply_add(to[r][j], a, word_of(tokens[j], half * 2),
                         word_of(tokens[j], half * 2 + 1), __nv_bfloat16{});
          }
        }
      }
    }
  }

  const SkinnyArguments& of_;
  int rows_[Tile::row_blocks * 2];
  const unsigned char* vectors_[Tile::row_blocks * 2];
  const __nv_bfloat16* tokens_[Tile::token_blocks];
};

/// Works through the units of this warp, Depth of them under way.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_units(SkinnyWarp<Weights, Tile>& warp,
                                               const UnitRange& units) {
  SkinnyUnit<Weights, Tile> ring[Tile::depth];
#pragma unroll
  for (int d = 0; d < Tile::depth; ++d) {
    if (units.first + d < units.last) warp.load(ring[d], units.first + d);
  }
  for (int unit = units.first; unit < units.last; unit += Tile::depth) {
#pragma unroll
    for (int d = 0; d < Tile::depth; ++d) {
      if (unit + d < units.last) {
        warp.multiply(ring[d], unit + d);
        if (unit + d + Tile::depth < units.last) warp.load(ring[d], unit + d + Tile::depth);
      }
    }
  }
}

/// Sum over the warps of the block that share rows; `exchange` is [warp of k][token][row].
template <class Tile>
__device__ __forceinline__ float sum_of_warps(const float* exchange, int token, int row) {
  float sum = 0;
#pragma unroll
  for (int w = 0; w < Tile::warps_k; ++w) {
    sum += exchange[(w * Tile::tokens + token) * Tile::pitch + row];
  }
  return sum;
}

template <class Weights, class Tile>
__device__ __forceinline__ void store_result(const SkinnyArguments& of, int token, int row,
                                             float sum) {
  if (token >= of.m || row >= of.n) return;
  of.c[std::int64_t{token} * of.n + row] =
      __float2bfloat16(sum * row_scale<Weights>(of.scales, row));
}

/// Adds up over the splits: each block leaves its sums, the last one to arrive adds them, in the
/// order of k, and sets the counter back for the next call.
template <class Weights, class Tile>
__device__ __forceinline__ void combine_splits(const SkinnyArguments& of, const float* exchange,
                                               unsigned* last_flag) {
  constexpr int elements = Tile::tokens * Tile::rows;
  const std::int64_t split_stride = std::int64_t{elements} * gridDim.x;
  float* partial = of.partial + std::int64_t{elements} * blockIdx.x;
  for (int i = static_cast<int>(threadIdx.x); i < elements; i += Tile::threads) {
    partial[split_stride * blockIdx.y + i] =
        sum_of_warps<Tile>(exchange, i / Tile::rows, i % Tile::rows);
  }
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    *last_flag = atomicAdd(&of.arrivals[blockIdx.x], 1U) == gridDim.y - 1 ? 1 : 0;
  }
  __syncthreads();
  if (*last_flag == 0) return;
  __threadfence();
  if (threadIdx.x == 0) of.arrivals[blockIdx.x] = 0;
  for (int i = static_cast<int>(threadIdx.x); i < elements; i += Tile::threads) {
    float sum = 0;
    for (unsigned split = 0; split < gridDim.y; ++split) {
      sum += __ldcg(partial + split_stride * split + i);
    }
    store_result<Weights, Tile>(of, i / Tile::rows,
                                static_cast<int>(blockIdx.x) * Tile::rows + i % Tile::rows, sum);
  }
}

/// Grid: blocks of rows, splits of k.
template <class Weights, class Tile>
__global__ void __launch_bounds__(Tile::threads, 1) skinny(SkinnyArguments of) {
  MICRODC_DYNAMIC_SHARED(shared);
  auto* exchange = reinterpret_cast<float*>(shared);
  auto* last_flag =
      reinterpret_cast<unsigned*>(exchange + Tile::warps_k * Tile::tokens * Tile::pitch);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_n = warp % Tile::warps_n;
  const int warp_k = warp / Tile::warps_n;
  const int first_row = static_cast<int>(blockIdx.x) * Tile::rows;
  SkinnyWarp<Weights, Tile> work(of, first_row + warp_n * Tile::warp_rows);
  multiply_units(work, part_of(of.k / unit_k<Weights>, static_cast<int>(gridDim.y) * Tile::warps_k,
                               static_cast<int>(blockIdx.y) * Tile::warps_k + warp_k));
#pragma unroll
  for (int r = 0; r < Tile::row_blocks; ++r) {
#pragma unroll
    for (int j = 0; j < Tile::token_blocks; ++j) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int token = j * 8 + lane % 4 * 2 + i % 2;
        const int row = warp_n * Tile::warp_rows + r * 16 + lane / 4 + i / 2 * 8;
        exchange[(warp_k * Tile::tokens + token) * Tile::pitch + row] = work.sums[r][j][i];
      }
    }
  }
  __syncthreads();
  if (gridDim.y > 1) {
    combine_splits<Weights, Tile>(of, exchange, last_flag);
    return;
  }
  for (int i = static_cast<int>(threadIdx.x); i < Tile::tokens * Tile::rows; i += Tile::threads) {
    store_result<Weights, Tile>(of, i / Tile::rows, first_row + i % Tile::rows,
                                sum_of_warps<Tile>(exchange, i / Tile::rows, i % Tile::rows));
  }
}

}  // namespace microdc::kernels::cuda
