// GEMM of a few tokens for Hopper: one warp copies (TMA) into the ring, warpgroups turn weights
// into bf16 in registers, 64 rows each, and multiply them by the tokens in shared memory (wgmma).
// Two barriers per stage: `full` ends a phase when the bytes are there, `empty` when all have read
// them.
#pragma once

#include "kernels/cuda/gemm/skinny_tile.cuh"
#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/gemm/wgmma_registers.cuh"

namespace microdc::kernels::cuda {

/// Threads that multiply; one more warpgroup copies, of which one warp works.
template <class Tile>
inline constexpr int skinny_multiplying = Tile::rows * 2;
template <class Tile>
inline constexpr int skinny_wgmma_threads = skinny_multiplying<Tile> + 128;
/// Blocks per multiprocessor: shared memory for one of 256 rows or two of 128.
template <class Tile>
inline constexpr int skinny_wgmma_blocks_each = 256 / Tile::rows;
/// Registers per thread: at the start 65536 / 640 (256 rows) or 65536 / 768 (128), down to a
/// multiple of 8; 32 of the copying threads and these of the others add up to no more.
inline constexpr int skinny_copying_registers = 32;
template <class Tile>
inline constexpr int skinny_multiplying_registers = Tile::rows == 256 ? 112 : 104;
/// Stages start at multiples of 1024 bytes: up to 1023 are lost. Barriers come last.
template <class Tile>
inline constexpr int skinny_wgmma_bytes = Tile::ring_bytes + Tile::stages * 2 * 8 + 1024;

/// Rows are copied 64 at a time, the rest of a block's by 8.
inline constexpr int large_box_rows = 64, small_box_rows = 8;

struct SkinnyMaps {
  CUtensorMap activations;   ///< boxes of all tokens of the tile
  CUtensorMap weights;       ///< as bytes; boxes of large_box_rows
  CUtensorMap weights_rest;  ///< boxes of small_box_rows
};

template <class Tile>
struct SkinnyRing {
  unsigned char* stages;
  Barrier* full;
  Barrier* empty;
};

/// By all lanes of one warp: each starts some of the boxes.
template <class Weights, class Tile>
class SkinnyBoxCopies {
 public:
  __device__ __forceinline__ SkinnyBoxCopies(const SkinnyMaps& maps, const SkinnyShare& share,
                                             const SkinnyRing<Tile>& ring, int lane)
      : maps_(maps), share_(share), ring_(ring), lane_(lane) {
    const int rows = share.rows.last - share.rows.first;
    bytes_ = rows * tile_row_bytes + Tile::boxes * Tile::box_bytes;
    large_ = rows / large_box_rows;
    small_ = rows % large_box_rows / small_box_rows;
    units_ = share.units.last - share.units.first;
  }

  /// Fills the empty ring with weights, which no kernel before writes.
  __device__ __forceinline__ void start() const {
    for (int i = 0; i < Tile::stages && i < units_; ++i) copy_weights(share_.units.first + i, i);
  }

  /// Everything else.
  __device__ __forceinline__ void go_on() const {
    for (int i = 0; i < Tile::stages && i < units_; ++i) {
      copy_activations(share_.units.first + i, i);
    }
    RingPosition<Tile::stages> at;
    for (int i = Tile::stages; i < units_; ++i) {
      wait_for_phase(&ring_.empty[at.stage], at.parity);
      copy_weights(share_.units.first + i, at.stage);
      copy_activations(share_.units.first + i, at.stage);
      at.advance();
    }
  }

 private:
  /// Announces the activations' bytes too.
  __device__ __forceinline__ void copy_weights(int unit, int stage) const {
    Barrier* full = &ring_.full[stage];
    unsigned char* to = ring_.stages + stage * Tile::stage_bytes;
    if (lane_ == 0) arrive_expecting(full, bytes_);
    __syncwarp();
    if (lane_ < large_) {
      const int row = lane_ * large_box_rows;
      copy_box(to + row * tile_row_bytes, &maps_.weights, unit * tile_row_bytes,
               share_.rows.first + row, full);
    } else if (lane_ < large_ + small_) {
      const int row = large_ * large_box_rows + (lane_ - large_) * small_box_rows;
      copy_box(to + row * tile_row_bytes, &maps_.weights_rest, unit * tile_row_bytes,
               share_.rows.first + row, full);
    }
  }

  __device__ __forceinline__ void copy_activations(int unit, int stage) const {
    const int box = lane_ - (32 - Tile::boxes);
    if (box < 0) return;
    unsigned char* to = ring_.stages + stage * Tile::stage_bytes + Tile::weight_bytes;
    copy_box(to + box * Tile::box_bytes, &maps_.activations, unit * unit_k<Weights> + box * 64, 0,
             &ring_.full[stage]);
  }

  const SkinnyMaps& maps_;
  const SkinnyShare& share_;
  const SkinnyRing<Tile>& ring_;
  int lane_, bytes_ = 0, large_ = 0, small_ = 0, units_ = 0;
};

/// Left operands of two steps of 16 k.
using LeftPair = std::uint32_t[2][4];

template <class Weights>
__device__ __forceinline__ void convert(LeftPair& pair, const WeightGroup<Weights>& weights,
                                        int step) {
  weights.fragment(pair[0], step);
  weights.fragment(pair[1], step + 1);
}

/// Starts sums += (or =, if not `accumulate`) those two steps.
template <int Sums>
__device__ __forceinline__ void multiply_pair_async(float (&sums)[Sums], const LeftPair& pair,
                                                    std::uint64_t activations, bool accumulate) {
  multiply_fence();
  multiply_async(sums, pair[0], activations, accumulate);
  multiply_async(sums, pair[1], along_k(activations, 32), true);
  multiply_commit();
}

/// `own` where a group's sums are to be scaled.
template <bool Scaled, class Sums>
__device__ __forceinline__ Sums& own_or_sums(Sums& own, Sums& sums) {
  return Scaled ? own : sums;
}

/// A warp's 16 rows. While two steps are multiplied the next two are converted. Those that begin
/// the next group are asked for before the last multiplications end; ptxas 13.0 moves their
/// conversion behind that end, so that only the wait for shared memory is hidden.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_units(const SkinnyArguments& of, const SkinnyShare& share,
                                               const SkinnyRing<Tile>& ring, int first_row,
                                               SkinnySums<Tile::tokens>& sums) {
  constexpr bool scaled = Weights::scale == ScaleKind::group;
  constexpr int groups = WeightGroup<Weights>::groups;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const unsigned char* rows = ring.stages + first_row * tile_row_bytes;
  const std::uint64_t first_boxes = tile_descriptor(ring.stages + Tile::weight_bytes);
  GroupScales<Weights, 1> next_scales(of, share.rows.first + first_row, lane);
  next_scales.load(share.units.first * groups);
  RingPosition<Tile::stages> at;
  wait_for_phase(&ring.full[0], 0);
  LeftPair left[2];
  convert(left[0], WeightGroup<Weights>(rows, lane, 0), 0);
#pragma unroll 1
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    const std::uint64_t boxes = along_k(first_boxes, at.stage * Tile::stage_bytes);
    const unsigned char* own_rows = rows + at.stage * Tile::stage_bytes;
    Barrier* empty = &ring.empty[at.stage];
    at.advance();
#pragma unroll
    for (int group = 0; group < groups; ++group) {
      const GroupScales<Weights, 1> scales = next_scales;
      next_scales.load(unit * groups + group + 1);
      SkinnySums<Tile::tokens> of_group;
      auto& to = own_or_sums<scaled>(of_group, sums);
      const auto multiply = [&](int step) {
        const int offset = (group * 2 + step / 4) * Tile::box_bytes + step % 4 * 32;
        multiply_pair_async(to, left[step / 2 % 2], along_k(boxes, offset), !scaled || step > 0);
      };
      multiply(0);
      const WeightGroup<Weights> weights(own_rows, lane, group);
#pragma unroll
      for (int step = 2; step < group_steps; step += 2) {
        if (step > 2) multiply_wait<1>();  // the registers are free again
        convert(left[step / 2 % 2], weights, step);
        multiply(step);
      }
      multiply_wait<1>();
      const bool same_unit = group + 1 < groups;
      if (!same_unit && unit + 1 < share.units.last) {
        wait_for_phase(&ring.full[at.stage], at.parity);
      }
      // Past the last unit whatever lies in the ring is converted in vain.
      const unsigned char* next = same_unit ? own_rows : rows + at.stage * Tile::stage_bytes;
      convert(left[0], WeightGroup<Weights>(next, lane, same_unit ? group + 1 : 0), 0);
      multiply_wait<0>();
      if constexpr (scaled) add_scaled<Tile::tokens>(sums, of_group, scales, 0);
    }
    if (lane == 0) arrive(empty);  // all that read the stage has been waited for
  }
}

template <class Weights, class Tile>
__global__ void __launch_bounds__(skinny_wgmma_threads<Tile>, skinny_wgmma_blocks_each<Tile>)
    skinny_wgmma(const __grid_constant__ SkinnyMaps maps, SkinnyArguments of) {
  MICRODC_DYNAMIC_SHARED(shared);
  unsigned char* stages = shared + (1024 - shared_address(shared) % 1024) % 1024;
  auto* full = reinterpret_cast<Barrier*>(stages + Tile::ring_bytes);
  const SkinnyRing<Tile> ring{stages, full, full + Tile::stages};
  const SkinnyShare share = share_of_block<Weights>(of);
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const bool copying = warp == skinny_multiplying<Tile> / 32;
  const SkinnyBoxCopies<Weights, Tile> copies(maps, share, ring, lane);
  if (copying) {
    if (lane == 0) {
      prefetch_map(&maps.weights);
      prefetch_map(&maps.weights_rest);
      prefetch_map(&maps.activations);
      for (int i = 0; i < Tile::stages; ++i) {
        init_barrier(&ring.full[i], 1);
        init_barrier(&ring.empty[i], skinny_multiplying<Tile> / 32);
      }
      fence_barrier_init();
    }
    __syncwarp();
    copies.start();
  }
  __syncthreads();
  if (warp >= skinny_multiplying<Tile> / 32) {
    shrink_registers<skinny_copying_registers>();
    if (copying) {
      copies.go_on();
    }
    return;  // the others wait for all copies
  }
  grow_registers<skinny_multiplying_registers<Tile>>();
  SkinnySums<Tile::tokens> sums = {};
  multiply_units<Weights, Tile>(of, share, ring, warp * 16, sums);
  wait_for_threads<skinny_multiplying<Tile>>();
  auto* exchange = reinterpret_cast<float*>(stages);
  leave_sums<Tile>(exchange, sums, warp * 16, lane);
  wait_for_threads<skinny_multiplying<Tile>>();
  finish_block<Weights, Tile, skinny_multiplying<Tile>>(of, share, exchange);
}

}  // namespace microdc::kernels::cuda
