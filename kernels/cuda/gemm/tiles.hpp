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

/// Splits of k that give every multiprocessor about `blocks_each` blocks, each with `least_units`
/// or more units of work.
MICRODC_HD constexpr int splits_to_fill(int tiles, int multiprocessors, int blocks_each, int units,
                                        int least_units) {
  const int wanted = multiprocessors * blocks_each / (tiles < 1 ? 1 : tiles);
  const int most = units / least_units;
  const int splits = wanted < most ? wanted : most;
  return splits < 1 ? 1 : splits;
}

}  // namespace microdc::kernels::cuda
