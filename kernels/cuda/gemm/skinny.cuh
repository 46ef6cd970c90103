// GEMM of a few tokens by mma.sync: cp.async fills the ring, each warp multiplies 16 rows of the
// weights by all tokens, so that a weight is turned into bf16 once.
#pragma once

#include "kernels/cuda/gemm/skinny_tile.cuh"

namespace microdc::kernels::cuda {

template <class Tile>
inline constexpr int skinny_threads = Tile::rows / 16 * 32;
/// Blocks per multiprocessor: registers of more than 16 tokens allow one.
inline constexpr int skinny_blocks_each(int tokens) { return tokens > 16 ? 1 : 2; }

template <class Weights, class Tile>
class SkinnyCopies {
 public:
  __device__ __forceinline__ SkinnyCopies(const SkinnyArguments& of, const UnitRange& rows)
      : of_(of), rows_(rows), row_bytes_(of.k / weights_per_vector<Weights> * 16) {}

  /// Starts copying a unit into a stage. Zeros where there is no row, no token, or k has ended.
  __device__ __forceinline__ void start(unsigned char* stage, int unit) const {
    constexpr int threads = skinny_threads<Tile>;
    const int thread = static_cast<int>(threadIdx.x);
#pragma unroll
    for (int i = 0; i < Tile::rows * 8 / threads; ++i) {
      const int row = (thread + i * threads) / 8;
      copy_weights(stage, unit, row, thread % 8);
    }
    if constexpr (Tile::scale_bytes > 0) copy_scales(stage, unit, thread);
    constexpr int chunks = Tile::tokens * Tile::boxes * 8;
#pragma unroll
    for (int first = 0; first < chunks; first += threads) {
      const int i = first + thread;
      if (chunks % threads != 0 && i >= chunks) break;
      const int row = i / 8;  // [box][token]
      const int chunk = i % 8;
      const int token = row % Tile::tokens;
      const int k = unit * unit_k<Weights> + row / Tile::tokens * 64 + chunk * 8;
      const bool valid = token < of_.m && k < of_.k;
      copy_async_16(stage + Tile::weight_bytes + row / Tile::tokens * Tile::box_bytes +
                        swizzled_offset(token, chunk),
                    of_.a + (valid ? std::int64_t{token} * of_.k + k : 0), valid);
    }
  }

 private:
  __device__ __forceinline__ void copy_weights(unsigned char* stage, int unit, int row,
                                               int chunk) const {
    const int own = rows_.first + row;
    bool valid = own < rows_.last && own < of_.n;
    std::int64_t from = 0;
    int to = row * tile_row_bytes + chunk * 16;
    if constexpr (packed<Weights>) {  // swizzled as they lie
      if (valid) from = packed_row_offset(own, unit, of_.n) + chunk * 16;
    } else {
      const int byte = unit * tile_row_bytes + chunk * 16;
      valid = valid && byte < row_bytes_;
      if (valid) from = std::int64_t{own} * row_bytes_ + byte;
      to = swizzled_offset(row, chunk);
    }
    copy_async_16(stage + to, of_.weights + from, valid);
  }

  /// Eight at a time: a block's rows are whole groups of 8, as the rows of scales are.
  __device__ __forceinline__ void copy_scales(unsigned char* stage, int unit, int thread) const {
    constexpr int eights = Tile::rows / 8;
    if (thread >= WeightGroup<Weights>::groups * eights) return;
    const int row = thread % eights * 8;
    const bool valid = rows_.first + row < rows_.last;
    const __half* from = group_scales(of_, unit, thread / eights, valid ? rows_.first + row : 0);
    copy_async_16(stage + Tile::scales_at + thread * 16, from, valid);
  }

  const SkinnyArguments& of_;
  UnitRange rows_;
  int row_bytes_;
};

/// Adds one group: `activations` are its two boxes.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_group(SkinnySums<Tile::tokens>& sums,
                                               const WeightGroup<Weights>& weights,
                                               const unsigned char* activations, int lane) {
#pragma unroll
  for (int step = 0; step < group_steps; step += 2) {
    std::uint32_t a[2][4];
    weights.fragment(a[0], step);
    weights.fragment(a[1], step + 1);
    const unsigned char* box = activations + step / 4 * Tile::box_bytes;
#pragma unroll
    for (int j = 0; j < Tile::tokens / 8; ++j) {
      std::uint32_t b[4];  // of 8 tokens, both steps
      load_matrices(b, box + swizzled_offset(j * 8 + lane % 8, step % 4 * 2 + lane / 8));
      float(&of_tokens)[4] = *reinterpret_cast<float(*)[4]>(&sums[j * 4]);
      multiply_add(of_tokens, a[0], b[0], b[1], __nv_bfloat16{});
      multiply_add(of_tokens, a[1], b[2], b[3], __nv_bfloat16{});
    }
  }
}

/// A warp's 16 rows, from `first_row` on, of the unit in the stage.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_unit(SkinnySums<Tile::tokens>& sums,
                                              const unsigned char* stage, int first_row, int lane) {
  const unsigned char* rows = stage + first_row * tile_row_bytes;
#pragma unroll 1  // one group's weights and sums at a time: registers
  for (int group = 0; group < WeightGroup<Weights>::groups; ++group) {
    const WeightGroup<Weights> weights(rows, lane, group);
    const unsigned char* boxes = stage + Tile::weight_bytes + group * 2 * Tile::box_bytes;
    if constexpr (Weights::scale == ScaleKind::group) {
      SkinnySums<Tile::tokens> of_group = {};
      multiply_group<Weights, Tile>(of_group, weights, boxes, lane);
      add_scaled(sums, of_group, lane_scales<Tile>(stage, group, first_row, lane));
    } else {
      multiply_group<Weights, Tile>(sums, weights, boxes, lane);
    }
  }
}

template <class Weights, class Tile>
__global__ void __launch_bounds__(skinny_threads<Tile>, skinny_blocks_each(Tile::tokens))
    skinny(SkinnyArguments of) {
  MICRODC_DYNAMIC_SHARED(shared);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int first_row = static_cast<int>(threadIdx.x) / 32 * 16;
  const SkinnyShare share = share_of_block<Weights>(of);
  const SkinnyCopies<Weights, Tile> copies(of, share.rows);
  const auto start = [&](int unit, int stage) {
    if (unit < share.units.last) copies.start(shared + stage * Tile::stage_bytes, unit);
    copy_async_commit();  // also an empty group: the count of groups tells which have landed
  };
  for (int i = 0; i < Tile::stages - 1; ++i) start(share.units.first + i, i);

  SkinnySums<Tile::tokens> sums = {};
  int stage = 0;
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    copy_async_wait<Tile::stages - 2>();
    __syncthreads();  // all copies of this unit are there, and the stage before is free
    start(unit + Tile::stages - 1, stage == 0 ? Tile::stages - 1 : stage - 1);
    multiply_unit<Weights, Tile>(sums, shared + stage * Tile::stage_bytes, first_row, lane);
    stage = stage + 1 == Tile::stages ? 0 : stage + 1;
  }
  copy_async_wait<0>();
  __syncthreads();
  auto* exchange = reinterpret_cast<float*>(shared);
  leave_sums<Weights, Tile>(exchange, sums, first_row, lane);
  __syncthreads();
  finish_block<Weights, Tile, skinny_threads<Tile>>(of, share, exchange);
}

}  // namespace microdc::kernels::cuda
