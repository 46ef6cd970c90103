// In which order persistent blocks work through the tiles of a causal prefill.
#pragma once

#include "kernels/cuda/gemm/tiles.hpp"

namespace microdc::kernels::cuda {

/// A tile of query rows of one head; heads are counted through all sequences.
struct PrefillItem {
  int row_tile = 0, head = 0;
};

/// Bands of `band` heads, whose keys and values share the L2 cache; within a band late rows first,
/// since they see the most keys.
struct PrefillOrder {
  int row_tiles = 0, heads = 0, band = 1;

  [[nodiscard]] MICRODC_HD constexpr int count() const { return row_tiles * heads; }
  [[nodiscard]] MICRODC_HD constexpr PrefillItem item(int index) const {
    const TileIndex at = tile_of(index, heads, row_tiles, band);
    return {row_tiles - 1 - at.column, at.row};
  }
};

/// Index that a block takes in a round. Every other round goes backwards, so that who had the
/// longest item has the shortest next.
MICRODC_HD constexpr int snake_index(int round, int block, int blocks) {
  return round * blocks + (round % 2 == 0 ? block : blocks - 1 - block);
}

}  // namespace microdc::kernels::cuda
