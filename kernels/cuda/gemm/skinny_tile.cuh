// What the kernels for a few tokens on tensor cores share. The weights are the left operand (its
// rows are columns of C), the tokens the right one. A block has some rows of the weights and a part
// of k; both operands pass through a ring in shared memory in units of 128 bytes of each row.
#pragma once

#include <type_traits>

#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/gemm/weight_formats.cuh"

namespace microdc::kernels::cuda {

/// k of a unit.
template <class Weights>
inline constexpr int unit_k = WeightGroup<Weights>::groups* group_k;

/// Bytes of an activation.
template <class Weights>
inline constexpr int activation_bytes = std::is_same_v<Weights, Fp8Operands> ? 1 : 2;

/// At most Tokens tokens and Rows rows of the weights; Bytes of shared memory may be used. A stage
/// is a unit's weights, activations, and scales of groups, [group][row].
template <class Weights, int Tokens, int Rows, int Bytes>
struct SkinnyTile {
  static constexpr int tokens = Tokens, rows = Rows;
  static constexpr int weight_bytes = Rows * tile_row_bytes;
  /// Activations lie in boxes of 128 bytes of all tokens.
  static constexpr int box_k = tile_row_bytes / activation_bytes<Weights>;
  static constexpr int boxes = unit_k<Weights> / box_k;
  static constexpr int box_bytes = Tokens * tile_row_bytes;
  static constexpr int scales_at = weight_bytes + boxes * box_bytes;
  static constexpr int scale_bytes =
      Weights::scale == ScaleKind::group ? WeightGroup<Weights>::groups * Rows * 2 : 0;
  /// Swizzled tiles start at multiples of 1024 bytes.
  static constexpr int stage_bytes = scales_at + (scale_bytes + 1023) / 1024 * 1024;
  static constexpr int stages = Bytes / (stage_bytes + 16) < 8 ? Bytes / (stage_bytes + 16) : 8;
  static_assert(stages >= 2);
  static constexpr int ring_bytes = stages * stage_bytes;
  /// Of the exchange buffer, in floats: 4 more, or lanes would meet in the same banks.
  static constexpr int pitch = rows + 4;
  static_assert((tokens * pitch + 4) * 4 <= ring_bytes, "the exchange buffer replaces the ring");
};

struct SkinnyArguments {
  const __nv_bfloat16* a;
  const unsigned char* weights;
  const void* scales;
  __nv_bfloat16* c;
  float* partial;      ///< [split][row block][token][row], unused if there is one split
  unsigned* arrivals;  ///< per row block
  int m, n, k;
};

/// The part of this block; grid: row blocks, splits of k.
struct SkinnyShare {
  UnitRange rows, units;
};
template <class Weights>
__device__ __forceinline__ SkinnyShare share_of_block(const SkinnyArguments& of) {
  return {rows_of_block(of.n, static_cast<int>(gridDim.x), static_cast<int>(blockIdx.x)),
          part_of(divided_up(of.k, unit_k<Weights>), static_cast<int>(gridDim.y),
                  static_cast<int>(blockIdx.y))};
}

/// Where the scales of a unit's `group` start in global memory. Past the end it is the last one:
/// the weights there meet activations of 0.
__device__ __forceinline__ const __half* group_scales(const SkinnyArguments& of, int unit,
                                                      int group, int row) {
  const int last = of.k / int4_group - 1;
  const int own = unit * WeightGroup<Int4Weights>::groups + group;
  return static_cast<const __half*>(of.scales) +
         std::int64_t{own < last ? own : last} * int4_scale_pitch(of.n) + row;
}

/// Scales of one group for a lane's two rows, out of a stage; 1 where rows are scaled at last.
struct LaneScales {
  float of[2] = {};
};
template <class Tile>
__device__ __forceinline__ LaneScales lane_scales(const unsigned char* stage, int group,
                                                  int first_row, int lane) {
  const auto* scales = reinterpret_cast<const __half*>(stage + Tile::scales_at) +
                       group * Tile::rows + first_row + fragment_row(lane);
  return {{__half2float(scales[0]), __half2float(scales[8])}};
}

/// Sums of a warp's 16 rows and all tokens: [4 j + 2 h + i] is row sum_row(lane) + 8 h, token 8 j +
/// lane % 4 * 2 + i, as mma.m16n8 and wgmma leave them.
template <int Tokens>
using SkinnySums = float[Tokens / 2];

template <int Sums>
__device__ __forceinline__ void add_scaled(float (&sums)[Sums], const float (&of_group)[Sums],
                                           const LaneScales& scales) {
#pragma unroll
  for (int i = 0; i < Sums; ++i) sums[i] += of_group[i] * scales.of[i / 2 % 2];
}

/// Weights that pass through registers are in another order of rows.
template <class Weights>
__device__ __forceinline__ int sum_row(int lane) {
  return std::is_same_v<Weights, Fp8Operands> ? lane / 4 : fragment_row(lane);
}

/// `exchange` is [token][row]; `first_row` is the warp's, within the block.
template <class Weights, class Tile>
__device__ __forceinline__ void leave_sums(float* exchange, const SkinnySums<Tile::tokens>& sums,
                                           int first_row, int lane) {
#pragma unroll
  for (int i = 0; i < Tile::tokens / 2; ++i) {
    const int token = i / 4 * 8 + lane % 4 * 2 + i % 2;
    exchange[token * Tile::pitch + first_row + sum_row<Weights>(lane) + i / 2 % 2 * 8] = sums[i];
  }
}

/// Eight sums of a token, at a multiple of 16 bytes.
struct EightSums {
  float4 low, high;
};

/// Stores C at `row` to `row` + 7, with the rows' scales.
template <class Weights>
__device__ __forceinline__ void store_eight(const SkinnyArguments& of, int token, int row,
                                            const EightSums& sums) {
  float x[8] = {sums.low.x,  sums.low.y,  sums.low.z,  sums.low.w,
                sums.high.x, sums.high.y, sums.high.z, sums.high.w};
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    x[i] *= row_scale<Weights>(of.scales, row + i < of.n ? row + i : of.n - 1);
  }
  __nv_bfloat16* to = of.c + std::int64_t{token} * of.n + row;
  if (of.n % 8 == 0) {  // rows of C start at multiples of 16 bytes, and all 8 exist
    *reinterpret_cast<uint4*>(to) = pack_bf16(x);
    return;
  }
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    if (row + i < of.n) to[i] = __float2bfloat16(x[i]);
  }
}

/// Stores what lies in the exchange buffer, by the first Threads threads of the block. With several
/// splits each block leaves its sums in global memory; the last to arrive adds them, in the order
/// of k, and sets the counter back for the next call.
template <class Weights, class Tile, int Threads>
__device__ __forceinline__ void finish_block(const SkinnyArguments& of, const SkinnyShare& share,
                                             float* exchange) {
  const int groups = (share.rows.last - share.rows.first) / 8;
  const int thread = static_cast<int>(threadIdx.x);
  const auto eight_at = [](const float* from) {
    return EightSums{__ldcg(reinterpret_cast<const float4*>(from)),
                     __ldcg(reinterpret_cast<const float4*>(from) + 1)};
  };
  const auto exchanged = [&](int token, int group) {
    const auto* from = reinterpret_cast<const float4*>(exchange + token * Tile::pitch + group * 8);
    return EightSums{from[0], from[1]};
  };
  if (gridDim.y == 1) {
    for (int i = thread; i < of.m * groups; i += Threads) {
      store_eight<Weights>(of, i / groups, share.rows.first + i % groups * 8,
                           exchanged(i / groups, i % groups));
    }
    return;
  }
  const auto partial_at = [&](unsigned split, int token, int group) {
    const std::int64_t tile = std::int64_t{split} * gridDim.x + blockIdx.x;
    return of.partial + (tile * Tile::tokens + token) * Tile::rows + group * 8;
  };
  for (int i = thread; i < of.m * groups; i += Threads) {
    auto* to = reinterpret_cast<float4*>(partial_at(blockIdx.y, i / groups, i % groups));
    const EightSums sums = exchanged(i / groups, i % groups);
    to[0] = sums.low;
    to[1] = sums.high;
  }
  auto* last_flag = reinterpret_cast<unsigned*>(exchange + Tile::tokens * Tile::pitch);
  __threadfence();
  wait_for_threads<Threads>();
  if (thread == 0) {
    *last_flag = atomicAdd(&of.arrivals[blockIdx.x], 1U) == gridDim.y - 1 ? 1 : 0;
  }
  wait_for_threads<Threads>();
  if (*last_flag == 0) return;
  __threadfence();
  if (thread == 0) of.arrivals[blockIdx.x] = 0;
  for (int i = thread; i < of.m * groups; i += Threads) {
    EightSums sum = eight_at(partial_at(0, i / groups, i % groups));
    for (unsigned split = 1; split < gridDim.y; ++split) {
      const EightSums more = eight_at(partial_at(split, i / groups, i % groups));
      sum.low.x += more.low.x, sum.low.y += more.low.y;
      sum.low.z += more.low.z, sum.low.w += more.low.w;
      sum.high.x += more.high.x, sum.high.y += more.high.y;
      sum.high.z += more.high.z, sum.high.w += more.high.w;
    }
    store_eight<Weights>(of, i / groups, share.rows.first + i % groups * 8, sum);
  }
}

}  // namespace microdc::kernels::cuda
