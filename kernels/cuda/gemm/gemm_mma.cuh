// GEMM for any device since Ampere: operands come through a ring of tiles in shared memory
// (cp.async), warps read them by ldmatrix and multiply by mma.sync. A block computes one tile of C.
#pragma once

#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/gemm_store.cuh"
#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

/// Tile and pipeline of one variant. A tile row holds 128 bytes of k.
template <int TileM, int TileN, int WarpsM, int WarpsN, int Stages>
struct MmaTile {
  static constexpr int tile_m = TileM, tile_n = TileN, stages = Stages;
  static constexpr int warps_m = WarpsM, warps_n = WarpsN;
  static constexpr int threads = WarpsM * WarpsN * 32;
  static constexpr int warp_rows = TileM / WarpsM, warp_columns = TileN / WarpsN;
  static constexpr int stage_bytes = (TileM + TileN) * tile_row_bytes;
  static constexpr int shared_bytes = Stages * stage_bytes;
  static_assert(warp_rows % 16 == 0 && warp_columns % 32 == 0);
};

/// Tile rows per band of tile_of.
inline constexpr int mma_band = 8;

/// What one thread copies of a tile of `Rows` rows: the same chunk of every (Threads / 8)th row.
template <int Rows, int Threads>
class TileCopy {
 public:
  __device__ __forceinline__ TileCopy(const unsigned char* matrix, int first_row, int rows,
                                      std::int64_t row_bytes)
      : row_bytes_(row_bytes) {
    const int row = static_cast<int>(threadIdx.x) / 8;
    const int chunk = static_cast<int>(threadIdx.x) % 8;
    from_ = matrix + (std::int64_t{first_row} + row) * row_bytes + chunk * 16;
    fallback_ = matrix;
    rows_left_ = rows - first_row - row;
    bytes_left_ = row_bytes - chunk * 16;
    offset_ = swizzled_offset(row, chunk);
  }

  /// Starts copying the next 128 bytes of k; zeros stand for what lies past the end of the matrix.
  __device__ __forceinline__ void start(unsigned char* tile) {
#pragma unroll
    for (int i = 0; i < Rows / rows_per_pass; ++i) {
      const bool valid = i * rows_per_pass < rows_left_ && bytes_left_ > 0;
      copy_async_16(tile + offset_ + i * rows_per_pass * tile_row_bytes,
                    valid ? from_ + i * rows_per_pass * row_bytes_ : fallback_, valid);
    }
    from_ += tile_row_bytes;
    bytes_left_ -= tile_row_bytes;
  }

 private:
  static constexpr int rows_per_pass = Threads / 8;
  // The swizzle repeats every 8 rows.
  static_assert(rows_per_pass % 8 == 0 && Rows % rows_per_pass == 0);

  const unsigned char* from_;
  const unsigned char* fallback_;  // some address that may be read
  std::int64_t row_bytes_;
  std::int64_t bytes_left_;
  int rows_left_, offset_;
};

/// Operands of one step of 32 bytes of k, in the registers of one warp.
template <class Tile>
struct MmaFragments {
  std::uint32_t a[Tile::warp_rows / 16][4];
  std::uint32_t b[Tile::warp_columns / 8][2];
};

template <class Tile>
__device__ __forceinline__ void load_fragments(MmaFragments<Tile>& to, const unsigned char* tile_a,
                                               const unsigned char* tile_b, int warp_row,
                                               int warp_column, int step) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int i = 0; i < Tile::warp_rows / 16; ++i) {
    const int row = warp_row + i * 16 + lane % 16;
    load_matrices(to.a[i], tile_a + swizzled_offset(row, step * 2 + lane / 16));
  }
#pragma unroll
  for (int j = 0; j < Tile::warp_columns / 16; ++j) {
    const int row = warp_column + j * 16 + lane / 16 * 8 + lane % 8;
    std::uint32_t matrices[4];
    load_matrices(matrices, tile_b + swizzled_offset(row, step * 2 + lane / 8 % 2));
    to.b[2 * j][0] = matrices[0];
    to.b[2 * j][1] = matrices[1];
    to.b[2 * j + 1][0] = matrices[2];
    to.b[2 * j + 1][1] = matrices[3];
  }
}

template <class Element, class Tile>
__device__ __forceinline__ void multiply_fragments(
    float (&sums)[Tile::warp_rows / 16][Tile::warp_columns / 8][4], const MmaFragments<Tile>& of) {
#pragma unroll
  for (int i = 0; i < Tile::warp_rows / 16; ++i) {
#pragma unroll
    for (int j = 0; j < Tile::warp_columns / 8; ++j) {
      multiply_add(sums[i][j], of.a[i], of.b[j][0], of.b[j][1], Element{});
    }
  }
}

template <class Element, class Result, class Tile>
__global__ void __launch_bounds__(Tile::threads)
    gemm_mma(const unsigned char* __restrict__ a, const unsigned char* __restrict__ weights,
             Result* __restrict__ c, int m, int n, int k) {
  MICRODC_DYNAMIC_SHARED(shared);
  constexpr int steps = tile_row_bytes / 32;
  constexpr int blocks_m = Tile::warp_rows / 16;
  constexpr int blocks_n = Tile::warp_columns / 8;
  const TileIndex tile = tile_of(static_cast<int>(blockIdx.x), divided_up(m, Tile::tile_m),
                                 divided_up(n, Tile::tile_n), mma_band);
  const int first_row = tile.row * Tile::tile_m;
  const int first_column = tile.column * Tile::tile_n;
  const std::int64_t row_bytes = std::int64_t{k} * static_cast<int>(sizeof(Element));
  const int k_tiles = divided_up(row_bytes, tile_row_bytes);
  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_row = warp % Tile::warps_m * Tile::warp_rows;
  const int warp_column = warp / Tile::warps_m * Tile::warp_columns;

  TileCopy<Tile::tile_m, Tile::threads> copy_a(a, first_row, m, row_bytes);
  TileCopy<Tile::tile_n, Tile::threads> copy_b(weights, first_column, n, row_bytes);
  const auto copy_stage = [&](int k_tile) {
    if (k_tile < k_tiles) {
      unsigned char* stage = shared + k_tile % Tile::stages * Tile::stage_bytes;
      copy_a.start(stage);
      copy_b.start(stage + Tile::tile_m * tile_row_bytes);
    }
    copy_async_commit();  // a group per stage, even an empty one, so that waiting can count them
  };

#pragma unroll
  for (int i = 0; i < Tile::stages - 1; ++i) copy_stage(i);

  float sums[blocks_m][blocks_n][4] = {};
  MmaFragments<Tile> fragments[2];
  const auto load = [&](int k_tile, int step) {
    const unsigned char* tile_a = shared + k_tile % Tile::stages * Tile::stage_bytes;
    load_fragments(fragments[step % 2], tile_a, tile_a + Tile::tile_m * tile_row_bytes, warp_row,
                   warp_column, step);
  };
  copy_async_wait<Tile::stages - 2>();
  __syncthreads();
  load(0, 0);
  for (int k_tile = 0; k_tile < k_tiles; ++k_tile) {
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      if (step + 1 < steps) {
        load(k_tile, step + 1);
      } else {
        // The next stage has landed for everybody, and nobody reads this one any more. (After the
        // last one, what is loaded is not used.)
        copy_async_wait<Tile::stages - 2>();
        __syncthreads();
        load(k_tile + 1, 0);
      }
      if (step == 0) copy_stage(k_tile + Tile::stages - 1);
      multiply_fragments<Element>(sums, fragments[step % 2]);
    }
  }
  copy_async_wait<0>();

#pragma unroll
  for (int i = 0; i < blocks_m; ++i) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int j = 0; j < blocks_n; j += 4) {
        std::uint32_t words[4];
#pragma unroll
        for (int w = 0; w < 4; ++w) {
          words[w] = pack_pair(sums[i][j + w][2 * half], sums[i][j + w][2 * half + 1], Result{});
        }
        store_quad(c, words, first_row + warp_row + i * 16 + half * 8,
                   first_column + warp_column + j * 8, m, n);
      }
    }
  }
}

}  // namespace microdc::kernels::cuda
