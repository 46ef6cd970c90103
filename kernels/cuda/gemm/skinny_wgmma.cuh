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
__device__ __forceinline__ void copy_units(const SkinnyMaps& maps, const SkinnyShare& share,
                                           const SkinnyRing<Tile>& ring, int lane) {
  const int rows = share.rows.last - share.rows.first;
  const int large = rows / large_box_rows;
  const int small = rows % large_box_rows / small_box_rows;
  const int bytes = rows * tile_row_bytes + Tile::boxes * Tile::box_bytes;
  RingPosition<Tile::stages> at;
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    Barrier* full = &ring.full[at.stage];
    unsigned char* stage = ring.stages + at.stage * Tile::stage_bytes;
    wait_for_phase(&ring.empty[at.stage], at.parity ^ 1);
    if (lane == 0) arrive_expecting(full, bytes);
    __syncwarp();
    if (lane < large) {
      const int row = lane * large_box_rows;
      copy_box(stage + row * tile_row_bytes, &maps.weights, unit * tile_row_bytes,
               share.rows.first + row, full);
    } else if (lane < large + small) {
      const int row = large * large_box_rows + (lane - large) * small_box_rows;
      copy_box(stage + row * tile_row_bytes, &maps.weights_rest, unit * tile_row_bytes,
               share.rows.first + row, full);
    } else if (lane >= 32 - Tile::boxes) {
      const int box = lane - (32 - Tile::boxes);
      copy_box(stage + Tile::weight_bytes + box * Tile::box_bytes, &maps.activations,
               unit * unit_k<Weights> + box * 64, 0, full);
    }
    at.advance();
  }
}

/// sums += (or =, if not `accumulate`) one group; `activations` are its two boxes. Waits for it.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_group_async(SkinnySums<Tile::tokens>& sums,
                                                     const WeightGroup<Weights>& weights,
                                                     const unsigned char* activations,
                                                     bool accumulate) {
  // Two steps are converted while those before are multiplied.
  std::uint32_t a[2][2][4];
#pragma unroll
  for (int step = 0; step < group_steps; step += 2) {
    auto& pair = a[step / 2 % 2];
    if (step >= 4) multiply_wait<1>();  // the registers are free again
    weights.fragment(pair[0], step);
    weights.fragment(pair[1], step + 1);
    const std::uint64_t b =
        along_k(tile_descriptor(activations + step / 4 * Tile::box_bytes), step % 4 * 32);
    multiply_fence();
    multiply_async(sums, pair[0], b, accumulate || step > 0);
    multiply_async(sums, pair[1], along_k(b, 32), true);
    multiply_commit();
  }
  multiply_wait<0>();
}

template <class Weights, class Tile>
__device__ __forceinline__ void multiply_units(const SkinnyArguments& of, const SkinnyShare& share,
                                               const SkinnyRing<Tile>& ring, int first_row,
                                               SkinnySums<Tile::tokens>& sums) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  GroupScales<Weights> next_scales(of, share.rows.first + first_row, lane);
  next_scales.load(share.units.first);
  RingPosition<Tile::stages> at;
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    const GroupScales<Weights> scales = next_scales;
    next_scales.load(unit + 1);
    wait_for_phase(&ring.full[at.stage], at.parity);
    const unsigned char* stage = ring.stages + at.stage * Tile::stage_bytes;
#pragma unroll 1  // one group's weights and sums at a time: registers
    for (int group = 0; group < WeightGroup<Weights>::groups; ++group) {
      const WeightGroup<Weights> weights(stage + first_row * tile_row_bytes, lane, group);
      const unsigned char* boxes = stage + Tile::weight_bytes + group * 2 * Tile::box_bytes;
      if constexpr (Weights::scale == ScaleKind::group) {
        SkinnySums<Tile::tokens> of_group;
        multiply_group_async<Weights, Tile>(of_group, weights, boxes, false);
        add_scaled<Tile::tokens>(sums, of_group, scales, group);
      } else {
        multiply_group_async<Weights, Tile>(sums, weights, boxes, true);
      }
    }
    if (lane == 0) arrive(&ring.empty[at.stage]);
    at.advance();
  }
}

template <class Weights, class Tile>
__global__ void __launch_bounds__(skinny_wgmma_threads<Tile>, skinny_wgmma_blocks_each<Tile>)
    skinny_wgmma(const __grid_constant__ SkinnyMaps maps, SkinnyArguments of) {
  MICRODC_DYNAMIC_SHARED(shared);
  unsigned char* stages = shared + (1024 - shared_address(shared) % 1024) % 1024;
  auto* full = reinterpret_cast<Barrier*>(stages + Tile::ring_bytes);
  const SkinnyRing<Tile> ring{stages, full, full + Tile::stages};
  if (threadIdx.x == 0) {
    prefetch_map(&maps.activations);
    prefetch_map(&maps.weights);
    prefetch_map(&maps.weights_rest);
    for (int i = 0; i < Tile::stages; ++i) {
      init_barrier(&ring.full[i], 1);
      init_barrier(&ring.empty[i], skinny_multiplying<Tile> / 32);
    }
    fence_barrier_init();
  }
  __syncthreads();
  const SkinnyShare share = share_of_block<Weights>(of);
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  if (warp >= skinny_multiplying<Tile> / 32) {
    shrink_registers<skinny_copying_registers>();
    if (warp == skinny_multiplying<Tile> / 32) copy_units<Weights, Tile>(maps, share, ring, lane);
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
