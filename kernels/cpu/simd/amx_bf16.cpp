// AMX with bf16: products of 16 x 32 by 32 x 16 tiles. Compiled with flags of its own: see
// kernel_table.hpp.
#include <immintrin.h>

#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/panels.hpp"

namespace microdc::kernels::simd {
namespace {

using Float = Machine::Float;

/// Two by two tiles of results; tiles hold 16 rows of 64 bytes.
constexpr int tile_side = 16, rows = 2 * tile_side, columns = 2 * tile_side;

/// Layout that LDTILECFG reads (Intel SDM, volume 1, chapter 18).
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t row_count[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

/// Left: [depth/16][32 rows][16 pairs]. Registers 0-3 results, 4-5 left, 6-7 right.
void tile_products(const PanelProduct& p) {
  const TileConfiguration configuration;
  _tile_loadconfig(&configuration);
  const auto* right = static_cast<const float*>(p.right);
  constexpr int left_stride = 4 * tile_side, right_stride = 4 * columns;
  for (std::int64_t row = 0; row < p.rows; row += rows) {
    const float* left = p.left + row * p.depth;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (std::int64_t d = 0; d < p.depth; d += tile_side) {
      _tile_loadd(4, left + d * rows, left_stride);
      _tile_loadd(5, left + d * rows + tile_side * tile_side, left_stride);
      _tile_loadd(6, right + d * columns, right_stride);
      _tile_loadd(7, right + d * columns + tile_side, right_stride);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
    alignas(64) float whole[rows * columns];
    _tile_stored(0, whole, right_stride);
    _tile_stored(1, whole + tile_side, right_stride);
    _tile_stored(2, whole + tile_side * columns, right_stride);
    _tile_stored(3, whole + tile_side * columns + tile_side, right_stride);
    Float sums[rows][2];
    for (int i = 0; i < rows; ++i) {
      for (int v = 0; v < 2; ++v) sums[i][v] = load<Float>(whole + i * columns + v * tile_side);
    }
    put_tile<Machine, rows, 2>(p, row, sums);
  }
  _tile_release();
}

void pack_tiles(const float* values, std::int64_t stride, std::int64_t count, std::int64_t depth,
                float* packed) {
  for (std::int64_t row = 0; row < count; row += rows) {
    for (std::int64_t d = 0; d < depth; d += tile_side) {
      for (int i = 0; i < rows; ++i) {
        const float* from = values + (row + i) * stride + 2 * d;
        for (int pair = 0; pair < tile_side; ++pair) {
          std::uint32_t bits = 0;
          if (row + i < count) {
            bits = to_bf16(from[2 * pair]) | static_cast<std::uint32_t>(to_bf16(from[2 * pair + 1]))
                                                 << 16;
          }
          *packed++ = float_from_bits(bits);
        }
      }
    }
  }
}

/// Products of zeros in registers: as fast as any.
float tile_chains(std::int64_t rounds) {
  const TileConfiguration configuration;
  _tile_loadconfig(&configuration);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(6);
  for (std::int64_t i = 0; i < rounds; ++i) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 6);
    _tile_dpbf16ps(2, 4, 6);
    _tile_dpbf16ps(3, 4, 6);
  }
  alignas(64) float result[tile_side * tile_side];
  _tile_stored(0, result, 64);
  _tile_release();
  return result[0] + 1;
}

}  // namespace

const KernelTable& amx_bf16_kernels() {
  static const KernelTable table{
      .peak_bf16 = {tile_chains, 4.0 * 2 * tile_side * tile_side * 2 * tile_side},
      .panels_bf16 = {rows, columns, true, tile_products, pack_tiles},
  };
  return table;
}

}  // namespace microdc::kernels::simd
