// GEMM for Hopper. One block per multiprocessor works through tiles of C. One warpgroup copies
// (TMA) into a ring of stages in shared memory, two multiply (wgmma), each half of the tile's rows.
// Two barriers per stage: `full` ends a phase when the bytes are there, `empty` when all
// multiplying warps have read them.
#pragma once

#include "kernels/cuda/gemm/gemm_store.cuh"
#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/gemm/wgmma.cuh"

namespace microdc::kernels::cuda {

inline constexpr int wgmma_consumers = 2;
inline constexpr int wgmma_threads = (1 + wgmma_consumers) * warpgroup;
/// Registers per thread: 65536 / 384 = 170 at the start, 40 + 2 * 232 <= 3 * 168 later.
inline constexpr int producer_registers = 40;
inline constexpr int consumer_registers = 232;
inline constexpr int wgmma_band = 16;

/// Each warpgroup computes BlocksM blocks of 64 rows.
template <int BlocksM, int TileN, int Stages>
struct WgmmaTile {
  static constexpr int blocks_m = BlocksM;
  static constexpr int tile_m = 64 * BlocksM * wgmma_consumers, tile_n = TileN, stages = Stages;
  static constexpr int a_bytes = tile_m * tile_row_bytes, b_bytes = tile_n * tile_row_bytes;
  static constexpr int stage_bytes = a_bytes + b_bytes;
  /// Tiles start at multiples of 1024 bytes: up to 1023 are lost. Barriers come last.
  static constexpr int shared_bytes = Stages * (stage_bytes + 2 * 8) + 1024;
  static_assert(TileN <= 256 && tile_m <= 256, "a TMA box has at most 256 rows");
  static_assert(shared_bytes <= 227 * 1024);
  static_assert(BlocksM * TileN <= 256, "at most 128 registers of sums");
};

struct GemmSize {
  int m, n, k;
};

template <class Element, class Tile>
__device__ __forceinline__ void produce_tiles(const CUtensorMap& map_a, const CUtensorMap& map_b,
                                              const GemmSize& size, unsigned char* tiles,
                                              Barrier* full, Barrier* empty) {
  constexpr int tile_k = tile_row_bytes / static_cast<int>(sizeof(Element));
  const int rows = divided_up(size.m, Tile::tile_m);
  const int columns = divided_up(size.n, Tile::tile_n);
  RingPosition<Tile::stages> at;
  for (int index = static_cast<int>(blockIdx.x); index < rows * columns;
       index += static_cast<int>(gridDim.x)) {
    const TileIndex tile = tile_of(index, rows, columns, wgmma_band);
    for (int k = 0; k < size.k; k += tile_k) {
      wait_for_phase(&empty[at.stage], at.parity ^ 1);
      unsigned char* stage = tiles + at.stage * Tile::stage_bytes;
      arrive_expecting(&full[at.stage], Tile::stage_bytes);
      copy_box(stage, &map_a, k, tile.row * Tile::tile_m, &full[at.stage]);
      copy_box(stage + Tile::a_bytes, &map_b, k, tile.column * Tile::tile_n, &full[at.stage]);
      at.advance();
    }
  }
  // The block must not end while copies are under way; the multiplying warpgroups wait for all.
}

/// Multiplies one stage into the sums of this warpgroup's rows, and commits the group.
template <class Element, class Tile>
__device__ __forceinline__ void multiply_stage(float (&sums)[Tile::blocks_m][Tile::tile_n / 2],
                                               const unsigned char* stage, int consumer,
                                               bool accumulate) {
  constexpr int block_bytes = 64 * tile_row_bytes;
  const unsigned char* rows = stage + consumer * Tile::blocks_m * block_bytes;
  const std::uint64_t b = tile_descriptor(stage + Tile::a_bytes);
  multiply_fence();
#pragma unroll
  for (int step = 0; step < tile_row_bytes / 32; ++step) {
#pragma unroll
    for (int i = 0; i < Tile::blocks_m; ++i) {
      multiply_async(sums[i], along_k(tile_descriptor(rows + i * block_bytes), step * 32),
                     along_k(b, step * 32), accumulate || step > 0, Element{});
    }
  }
  multiply_commit();
}

template <class Result, class Tile>
__device__ __forceinline__ void store_sums(const float (&sums)[Tile::blocks_m][Tile::tile_n / 2],
                                           Result* c, const GemmSize& size, const TileIndex& tile,
                                           int consumer) {
  const int warp = static_cast<int>(threadIdx.x) % warpgroup / 32;
#pragma unroll
  for (int i = 0; i < Tile::blocks_m; ++i) {
    const int row = tile.row * Tile::tile_m + (consumer * Tile::blocks_m + i) * 64 + warp * 16;
#pragma unroll
    for (int j = 0; j < Tile::tile_n / 8; j += 4) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
        std::uint32_t words[4];
#pragma unroll
        for (int w = 0; w < 4; ++w) {
          const int first = 4 * (j + w) + 2 * half;
          words[w] = pack_pair(sums[i][first], sums[i][first + 1], Result{});
        }
        store_quad(c, words, row + half * 8, tile.column * Tile::tile_n + j * 8, size.m, size.n);
      }
    }
  }
}

template <class Element, class Result, class Tile>
__device__ __forceinline__ void consume_tiles(Result* c, const GemmSize& size, int consumer,
                                              const unsigned char* tiles, Barrier* full,
                                              Barrier* empty) {
  constexpr int tile_k = tile_row_bytes / static_cast<int>(sizeof(Element));
  const int rows = divided_up(size.m, Tile::tile_m);
  const int columns = divided_up(size.n, Tile::tile_n);
  const bool speaks = threadIdx.x % 32 == 0;  // one arrival per warp
  RingPosition<Tile::stages> at;
  for (int index = static_cast<int>(blockIdx.x); index < rows * columns;
       index += static_cast<int>(gridDim.x)) {
    float sums[Tile::blocks_m][Tile::tile_n / 2];
    int previous = 0;
    for (int k = 0; k < size.k; k += tile_k) {
      wait_for_phase(&full[at.stage], at.parity);
      multiply_stage<Element, Tile>(sums, tiles + at.stage * Tile::stage_bytes, consumer, k > 0);
      // One group stays under way; the stage of the one before it has been read.
      multiply_wait<1>();
      if (k > 0 && speaks) arrive(&empty[previous]);
      previous = at.stage;
      at.advance();
    }
    multiply_wait<0>();
    if (speaks) arrive(&empty[previous]);
    store_sums<Result, Tile>(sums, c, size, tile_of(index, rows, columns, wgmma_band), consumer);
  }
}

template <class Element, class Result, class Tile>
__global__ void __launch_bounds__(wgmma_threads, 1)
    gemm_wgmma(const __grid_constant__ CUtensorMap map_a, const __grid_constant__ CUtensorMap map_b,
               Result* __restrict__ c, GemmSize size) {
  MICRODC_DYNAMIC_SHARED(shared);
  unsigned char* tiles = shared + (1024 - shared_address(shared) % 1024) % 1024;
  auto* full = reinterpret_cast<Barrier*>(tiles + Tile::stages * Tile::stage_bytes);
  Barrier* empty = full + Tile::stages;
  if (threadIdx.x == 0) {
    prefetch_map(&map_a);
    prefetch_map(&map_b);
    for (int i = 0; i < Tile::stages; ++i) {
      init_barrier(&full[i], 1);
      init_barrier(&empty[i], wgmma_consumers * warpgroup / 32);
    }
    fence_barrier_init();
  }
  __syncthreads();
  const int group = static_cast<int>(threadIdx.x) / warpgroup;
  if (group == 0) {
    shrink_registers<producer_registers>();
    if (threadIdx.x == 0) produce_tiles<Element, Tile>(map_a, map_b, size, tiles, full, empty);
  } else {
    grow_registers<consumer_registers>();
    consume_tiles<Element, Result, Tile>(c, size, group - 1, tiles, full, empty);
  }
}

}  // namespace microdc::kernels::cuda
