// Which tiles of keys a tile of queries attends to: causal, the queries being the last `queries` of
// `context` positions.
#pragma once

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

struct CausalTiles {
  int queries;
  int context;

  /// Whether query row `row` may see key `key`. Rows past the end count on from it.
  [[nodiscard]] MICRODC_HD constexpr bool visible(int row, int key) const {
    return key <= context - queries + row;
  }

  /// Tiles of `key_tile` keys that hold a visible key of any of the rows [first, first + rows).
  [[nodiscard]] MICRODC_HD constexpr int tiles(int first, int rows, int key_tile) const {
    const int last_row = first + rows < queries ? first + rows - 1 : queries - 1;
    return (context - queries + last_row) / key_tile + 1;
  }

  /// Whether every row from `first` on sees all keys of the tile, so that no mask is needed.
  [[nodiscard]] MICRODC_HD constexpr bool complete(int first, int tile, int key_tile) const {
    return visible(first, (tile + 1) * key_tile - 1);
  }
};

}  // namespace microdc::kernels::cuda
