// Index arithmetic of the GEMM kernels, shared with host tests.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

MICRODC_HD constexpr int divided_up(std::int64_t a, std::int64_t b) {
  return static_cast<int>((a + b - 1) / b);
}

/// A row of a tile in shared memory has 128 bytes: 8 chunks of 16. Byte offset of a chunk, moved
/// so that 8 rows of one chunk, or 8 chunks of one row, touch all 32 banks once. This is also what
/// TMA writes with CU_TENSOR_MAP_SWIZZLE_128B if the tile starts at a multiple of 1024.
inline constexpr int tile_row_bytes = 128;
MICRODC_HD constexpr int swizzled_offset(int row, int chunk) {
  return row * tile_row_bytes + ((chunk ^ (row & 7)) * 16);
}

struct TileIndex {
  int row = 0, column = 0;
};

/// Order in which tiles are computed: bands of `band` tile rows, column by column within a band, so
/// that the tiles in flight share operands in the L2 cache.
MICRODC_HD constexpr TileIndex tile_of(int index, int rows, int columns, int band) {
  const int per_band = band * columns;
  const int first_row = index / per_band * band;
  const int height = rows - first_row < band ? rows - first_row : band;
  const int within = index % per_band;
  return {first_row + within % height, within / height};
}

/// The 4x4 words of a quad of lanes are transposed in two rounds: in each, two of a lane's words
/// change place with those of lane ^ (1 << round). The register that takes part; `pair` is 0 or 1.
MICRODC_HD constexpr int exchanged_word(int lane, int round, int pair) {
  const int base = round == 0 ? 2 * pair : pair;
  return (lane >> round & 1) != 0 ? base : base | 1 << round;
}

/// Range [first, last) of `part` when `count` units are split over `parts`, as evenly as can be.
struct UnitRange {
  int first = 0, last = 0;
};
MICRODC_HD constexpr UnitRange part_of(int count, int parts, int part) {
  return {static_cast<int>(std::int64_t{count} * part / parts),
          static_cast<int>(std::int64_t{count} * (part + 1) / parts)};
}

/// How the blocks of a GEMM of few tokens share its weights: `row_blocks` times `splits` of k.
struct SkinnyPlan {
  int row_blocks = 1, splits = 1;
};

/// Rows that one of the row blocks has, in groups of 8; as even as can be, at most `tile_rows`.
MICRODC_HD constexpr UnitRange rows_of_block(int n, int row_blocks, int block) {
  const UnitRange groups = part_of(divided_up(n, 8), row_blocks, block);
  return {groups.first * 8, groups.last * 8};
}

/// A plan for `slots` blocks that run at the same time: all of them have work, and equal shares of
/// it. Every block reads the activations of its part of k, so it gets 3/8 or more of the rows that
/// fit its tile, unless that left a split fewer than `least_units`.
MICRODC_HD constexpr SkinnyPlan skinny_plan(int n, int units, int tile_rows, int slots,
                                            int least_units) {
  int splits = 1;
  while (std::int64_t{slots / splits} * tile_rows * 3 / 8 > n &&
         units / (splits + 1) >= least_units && splits < slots) {
    ++splits;
  }
  const int side_by_side = slots / splits;
  const int rounds = divided_up(n, std::int64_t{side_by_side} * tile_rows);
  const int groups = divided_up(n, 8);
  const int row_blocks = side_by_side * rounds;
  return {row_blocks < groups ? row_blocks : groups, splits};
}

}  // namespace microdc::kernels::cuda
