// Tiles of the GEMM kernel on mma.sync (gemm_mma.cuh) that are chosen at run time: how they are
// written, and which are legal. The compiled ones are in gemm_mma_variants.cuh.
#pragma once

#include <string>
#include <string_view>

#include "kernels/cuda/gemm/tiles.hpp"

namespace microdc::kernels::cuda {

/// What a block computes (m x n, `k` elements of k per stage) and how: MmaTile in numbers.
struct GemmTile {
  int m = 0, n = 0;
  int k = 0;  ///< 64 of 16 bits or 128 of 8: rows of a stage have tile_row_bytes
  int stages = 0;
  int warps_m = 0, warps_n = 0;

  [[nodiscard]] constexpr int element_bytes() const { return tile_row_bytes / k; }
  [[nodiscard]] constexpr int threads() const { return warps_m * warps_n * 32; }
  /// Dynamic shared memory of one block.
  [[nodiscard]] constexpr int shared_bytes() const { return stages * (m + n) * tile_row_bytes; }
  /// Registers of one thread that sums and two steps of operands take; addresses come on top.
  [[nodiscard]] constexpr int operand_registers() const {
    const int rows = m / warps_m, columns = n / warps_n;
    return rows * columns / 32 + rows / 2 + columns / 2;
  }
  bool operator==(const GemmTile&) const = default;
};

/// "128x192x64-4-4x2": m, n, k, stages, warps along m and n.
std::string text_of(const GemmTile& tile);

/// A tile as a user writes it, or why it is none.
struct ParsedTile {
  GemmTile tile;
  std::string problem;  ///< for the user; empty if some device since Ampere can run it
};

/// Reads what text_of writes. Without warps ("128x192x64-4"): the fewest whose part of the tile
/// fits the registers as well as that of the compiled tiles does, as square as can be.
ParsedTile parse_gemm_tile(std::string_view text);

/// Why a kernel of this tile could not run on any device since Ampere; empty if it could.
std::string problem_of(const GemmTile& tile);

}  // namespace microdc::kernels::cuda
