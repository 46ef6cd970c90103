// GEMM of a few tokens for Hopper: one warp copies (TMA) into the ring, warpgroups multiply 64 rows
// of weights each by the tokens (wgmma). Weights of fewer bits than the activations are turned into
// bf16 in registers; fp8 by fp8 stays in shared memory. Two barriers per stage: `full` ends a phase
// when the bytes are there, `empty` when all have read them.
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

/// Rows that lie apart are copied 64 at a time, the rest of a block's by 8.
inline constexpr int large_box_rows = 64, small_box_rows = 8;

struct SkinnyMaps {
  CUtensorMap activations;  ///< boxes of all tokens of the tile
  /// As bytes, boxes of large_box_rows and small_box_rows; unused for packed weights.
  CUtensorMap weights, weights_rest;
};

template <class Tile>
struct SkinnyRing {
  unsigned char* stages;
  Barrier* full;
  Barrier* empty;
};

/// By all lanes of one warp: each starts some of the copies.
template <class Weights, class Tile>
class SkinnyStageCopies {
 public:
  __device__ __forceinline__ SkinnyStageCopies(const SkinnyArguments& of, const SkinnyMaps& maps,
                                               const SkinnyShare& share,
                                               const SkinnyRing<Tile>& ring, int lane)
      : of_(of), maps_(maps), share_(share), ring_(ring), lane_(lane) {
    const int rows = share.rows.last - share.rows.first;
    weight_bytes_ = rows * tile_row_bytes;
    scale_bytes_ = Tile::scale_bytes > 0 ? rows * 2 : 0;
    large_ = rows / large_box_rows;
    small_ = rows % large_box_rows / small_box_rows;
  }

  __device__ __forceinline__ void start_all() const {
    const int bytes =
        weight_bytes_ + WeightGroup<Weights>::groups * scale_bytes_ + Tile::boxes * Tile::box_bytes;
    RingPosition<Tile::stages> at;
    for (int unit = share_.units.first; unit < share_.units.last; ++unit) {
      if (unit - share_.units.first >= Tile::stages) {
        wait_for_phase(&ring_.empty[at.stage], at.parity ^ 1);
      }
      Barrier* full = &ring_.full[at.stage];
      unsigned char* stage = ring_.stages + at.stage * Tile::stage_bytes;
      if (lane_ == 0) arrive_expecting(full, bytes);
      __syncwarp();
      start_weights(stage, unit, full);
      start_scales(stage, unit, full);
      start_activations(stage, unit, full);
      at.advance();
    }
  }

 private:
  __device__ __forceinline__ void start_weights(unsigned char* to, int unit, Barrier* full) const {
    if constexpr (packed<Weights>) {
      if (lane_ == 0) {
        copy_bulk(to, of_.weights + packed_row_offset(share_.rows.first, unit, of_.n),
                  weight_bytes_, full);
      }
    } else if (lane_ < large_ + small_) {
      const bool large = lane_ < large_;
      const int row = large ? lane_ * large_box_rows
                            : large_ * large_box_rows + (lane_ - large_) * small_box_rows;
      copy_box(to + row * tile_row_bytes, large ? &maps_.weights : &maps_.weights_rest,
               unit * tile_row_bytes, share_.rows.first + row, full);
    }
  }

  __device__ __forceinline__ void start_scales(unsigned char* stage, int unit,
                                               Barrier* full) const {
    const int group = lane_ - 1;
    if (Tile::scale_bytes == 0 || group < 0 || group >= WeightGroup<Weights>::groups) return;
    copy_bulk(stage + Tile::scales_at + group * Tile::rows * 2,
              group_scales(of_, unit, group, share_.rows.first), scale_bytes_, full);
  }

  __device__ __forceinline__ void start_activations(unsigned char* stage, int unit,
                                                    Barrier* full) const {
    const int box = lane_ - (32 - Tile::boxes);
    if (box < 0) return;
    copy_box(stage + Tile::weight_bytes + box * Tile::box_bytes, &maps_.activations,
             unit * unit_k<Weights> + box * Tile::box_k, 0, full);
  }

  const SkinnyArguments& of_;
  const SkinnyMaps& maps_;
  const SkinnyShare& share_;
  const SkinnyRing<Tile>& ring_;
  int lane_, weight_bytes_ = 0, scale_bytes_ = 0, large_ = 0, small_ = 0;
};

/// Steps of 16 k that are converted, and multiplied, at a time: half a group, where registers allow
/// it.
template <int Tokens>
inline constexpr int part_steps = Tokens <= 32 ? 4 : 2;

/// Left operands of a part.
template <int Steps>
using LeftPart = std::uint32_t[Steps][4];

template <class Weights, int Steps>
__device__ __forceinline__ void convert(LeftPart<Steps>& left, const WeightGroup<Weights>& weights,
                                        int first_step) {
#pragma unroll
  for (int i = 0; i < Steps; ++i) weights.fragment(left[i], first_step + i);
}

/// Starts sums += (or =, if not `accumulate`) that part times activations.
template <int Sums, int Steps>
__device__ __forceinline__ void multiply_part_async(float (&sums)[Sums],
                                                    const LeftPart<Steps>& left,
                                                    std::uint64_t activations, bool accumulate) {
  multiply_fence();
#pragma unroll
  for (int i = 0; i < Steps; ++i) {
    multiply_async(sums, left[i], along_k(activations, i * 32), accumulate || i > 0);
  }
  multiply_commit();
}

/// Sums of groups that have scales: those of one group are added while the next of its unit is
/// multiplied, where registers allow two.
template <class Weights, class Tile>
inline constexpr int group_sums = Weights::scale != ScaleKind::group ? 0
                                  : Tile::tokens <= 16               ? 2
                                                                     : 1;

/// Own sums of a group, or those of all.
template <int Own, class Sums, int Count>
__device__ __forceinline__ Sums& sums_of_group(Sums (&own)[Count], Sums& sums, int group) {
  return Own == 0 ? sums : own[group % Count];
}

template <class Weights, class Tile>
__device__ __forceinline__ WeightGroup<Weights> weights_at(const SkinnyRing<Tile>& ring, int stage,
                                                           int group, int first_row, int lane) {
  const unsigned char* rows = ring.stages + stage * Tile::stage_bytes + first_row * tile_row_bytes;
  return WeightGroup<Weights>(rows, lane, group);
}

/// A warp's 16 rows from `first_row` on, weights in registers: while a part is multiplied the next
/// is converted. No product with scales is under way from one unit to the next: ptxas 13.0 would
/// not see that it has ended where its sums are read, and put all in sequence.
template <class Weights, class Tile>
__device__ __forceinline__ void multiply_converted(const SkinnyShare& share,
                                                   const SkinnyRing<Tile>& ring, int first_row,
                                                   SkinnySums<Tile::tokens>& sums) {
  constexpr int groups = WeightGroup<Weights>::groups;
  constexpr int own = group_sums<Weights, Tile>;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  SkinnySums<Tile::tokens> of_groups[own == 2 ? 2 : 1] = {};
  constexpr int steps = part_steps<Tile::tokens>;
  LeftPart<steps> left[2];
  RingPosition<Tile::stages> at;
  wait_for_phase(&ring.full[0], 0);
  WeightGroup<Weights> weights = weights_at<Weights>(ring, 0, 0, first_row, lane);
  Barrier* read_before = nullptr;
#pragma unroll 1
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    const int own_stage = at.stage;
    at.advance();
    const unsigned char* stage = ring.stages + own_stage * Tile::stage_bytes;
    const std::uint64_t boxes = tile_descriptor(stage + Tile::weight_bytes);
    const auto add_group = [&](int group) {
      auto& of_group = of_groups[own == 2 ? group : 0];
      use_only_from_here(of_group);
      add_scaled(sums, of_group, lane_scales<Tile>(stage, group, first_row, lane));
    };
#pragma unroll
    for (int group = 0; group < groups; ++group) {
      auto& to = sums_of_group<own>(of_groups, sums, group);
#pragma unroll
      for (int part = 0; part < group_steps / steps; ++part) {
        multiply_wait<1>();  // left[part % 2] is free again
        if (part == 1) {     // the group before has ended
          if constexpr (own == 2) {
            if (group > 0) add_group(group - 1);
          }
          if (own == 0 && unit > share.units.first && lane == 0) arrive(read_before);
        }
        convert(left[part % 2], weights, part * steps);
        const int box = group * 2 + part * steps / 4;
        multiply_part_async(to, left[part % 2],
                            along_k(boxes, box * Tile::box_bytes + part * steps % 4 * 32),
                            own == 0 || part > 0);
      }
      const bool same_unit = group + 1 < groups;
      if (!same_unit && unit + 1 < share.units.last) {
        wait_for_phase(&ring.full[at.stage], at.parity);
      }
      // Past the last unit whatever lies in the ring is read in vain.
      weights = weights_at<Weights>(ring, same_unit ? own_stage : at.stage,
                                    same_unit ? group + 1 : 0, first_row, lane);
      if (own == 1 || (own == 2 && !same_unit)) {
        multiply_wait<0>();
        if constexpr (own > 0) add_group(group);
      }
    }
    read_before = &ring.empty[own_stage];
    if (own > 0 && lane == 0) arrive(read_before);
  }
  multiply_wait<0>();
}

/// A warpgroup's 64 rows from `first_row` on, both operands in shared memory.
template <class Tile>
__device__ __forceinline__ void multiply_as_they_are(const SkinnyShare& share,
                                                     const SkinnyRing<Tile>& ring, int first_row,
                                                     SkinnySums<Tile::tokens>& sums) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  RingPosition<Tile::stages> at;
  Barrier* read_before = nullptr;
#pragma unroll 1
  for (int unit = share.units.first; unit < share.units.last; ++unit) {
    const unsigned char* stage = ring.stages + at.stage * Tile::stage_bytes;
    const std::uint64_t rows = tile_descriptor(stage + first_row * tile_row_bytes);
    const std::uint64_t box = tile_descriptor(stage + Tile::weight_bytes);
    wait_for_phase(&ring.full[at.stage], at.parity);
    multiply_fence();
#pragma unroll
    for (int k = 0; k < tile_row_bytes; k += 32) {
      multiply_async(sums, along_k(rows, k), along_k(box, k), true, __nv_fp8_e4m3{});
    }
    multiply_commit();
    multiply_wait<1>();
    if (unit > share.units.first && lane == 0) arrive(read_before);
    read_before = &ring.empty[at.stage];
    at.advance();
  }
  multiply_wait<0>();
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
  if (copying) {
    if (lane == 0) {
      prefetch_map(&maps.activations);
      if constexpr (!packed<Weights>) {
        prefetch_map(&maps.weights);
        prefetch_map(&maps.weights_rest);
      }
      for (int i = 0; i < Tile::stages; ++i) {
        init_barrier(&ring.full[i], 1);
        init_barrier(&ring.empty[i], skinny_multiplying<Tile> / 32);
      }
      fence_barrier_init();
    }
  }
  __syncthreads();
  if (warp >= skinny_multiplying<Tile> / 32) {
    shrink_registers<skinny_copying_registers>();
    if (copying) {
      SkinnyStageCopies<Weights, Tile>(of, maps, share, ring, lane).start_all();
    }
    return;  // the others wait for all copies
  }
  grow_registers<skinny_multiplying_registers<Tile>>();
  SkinnySums<Tile::tokens> sums = {};
  if constexpr (std::is_same_v<Weights, Fp8Operands>) {
    multiply_as_they_are<Tile>(share, ring, warp / 4 * 64, sums);
  } else {
    multiply_converted<Weights, Tile>(share, ring, warp * 16, sums);
  }
  wait_for_threads<skinny_multiplying<Tile>>();
  auto* exchange = reinterpret_cast<float*>(stages);
  leave_sums<Weights, Tile>(exchange, sums, warp * 16, lane);
  wait_for_threads<skinny_multiplying<Tile>>();
  finish_block<Weights, Tile, skinny_multiplying<Tile>>(of, share, exchange);
}

}  // namespace microdc::kernels::cuda
