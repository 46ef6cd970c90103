// Matrix products of packed blocks, register-tiled (see vectors.hpp on how this file is used).
#pragma once

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

/// sums[i][v] += sum_d left(d, i) * right(d, v).
template <class M, int Rows, int Vectors, class Left, class Right>
inline __attribute__((always_inline)) void multiply_tile(const Left& left, const Right& right,
                                                         std::int64_t depth,
                                                         typename M::Float (&sums)[Rows][Vectors]) {
  using Float = typename M::Float;
  for (std::int64_t d = 0; d < depth; ++d) {
    Float columns[Vectors];
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) columns[v] = right(d, v);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
      const auto factor = left(d, i);
#pragma GCC unroll 16
      for (int v = 0; v < Vectors; ++v)
        sums[i][v] = M::multiply_add(sums[i][v], factor, columns[v]);
    }
  }
}

/// Adds the sums of earlier depths to a finished tile and puts it among them or, after the last
/// depth, into the result; only the valid part of edge tiles.
template <class M, int Rows, int Vectors>
inline __attribute__((always_inline)) void put_tile(const PanelProduct& p, std::int64_t row,
                                                    typename M::Float (&sums)[Rows][Vectors]) {
  using Float = typename M::Float;
  constexpr int columns = Vectors * M::width;
  float* partial = p.partial + row * columns;
  float* out = p.out + row * p.out_stride;
  const bool whole = p.rows - row >= Rows && p.columns == columns;
#pragma GCC unroll 32
  for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) {
      float* at = partial + i * columns + v * M::width;
      if (!p.first) sums[i][v] += load<Float>(at);
      store(p.last && whole ? out + i * p.out_stride + v * M::width : at, sums[i][v]);
    }
  }
  if (!p.last || whole) return;
  for (std::int64_t i = 0; i < Rows && row + i < p.rows; ++i) {
    for (std::int64_t j = 0; j < p.columns; ++j)
      out[i * p.out_stride + j] = partial[i * columns + j];
  }
}

/// While a tile is computed, fetches the sums that it is added to and its share of the next panel.
template <int Rows, int Columns>
inline void fetch_ahead(const PanelProduct& p, std::int64_t row) {
  if (!p.first) {
    const float* partial = p.partial + row * Columns;
    for (int i = 0; i < Rows * Columns; i += floats_per_line) __builtin_prefetch(partial + i);
  }
  const std::int64_t tiles = (p.rows + Rows - 1) / Rows;
  // The hardware follows the one pass through a panel that few tiles make.
  if (tiles < 4) return;
  const std::int64_t share = (p.next_bytes / line_bytes + tiles - 1) / tiles * line_bytes;
  const std::int64_t first = row / Rows * share;
  const auto* next = static_cast<const std::uint8_t*>(p.next);
  for (std::int64_t at = first; at < first + share && at < p.next_bytes; at += line_bytes) {
    __builtin_prefetch(next + at, 0, 2);
  }
}

/// M::multiply_add decides what an element is: a float, or a pair of bf16.
template <class M, template <class> class Weights, int Rows, int Vectors>
void panel_product(const PanelProduct& p) {
  using Float = typename M::Float;
  constexpr int columns = Vectors * M::width;
  const auto* right = static_cast<const std::uint8_t*>(p.right);
  for (std::int64_t row = 0; row < p.rows; row += Rows) {
    const float* left = p.left + row * p.depth;
    fetch_ahead<Rows, columns>(p, row);
    Float sums[Rows][Vectors] = {};
    multiply_tile<M, Rows, Vectors>(
        [&](std::int64_t d, int i)
            __attribute__((always_inline)) { return M::spread(left + d * Rows + i); },
        [&](std::int64_t d, int v) __attribute__((always_inline)) {
          return Weights<M>::get(right, d * columns + v * M::width);
        },
        p.depth, sums);
    put_tile<M, Rows, Vectors>(p, row, sums);
  }
}

/// Elements of a row that are packed together: one line of it. `depth` is a multiple.
constexpr int pack_run = 16;

template <int Rows>
void pack_floats(const float* values, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                 float* packed) {
  static constexpr float zeros[pack_run] = {};
  for (std::int64_t row = 0; row < rows; row += Rows) {
    for (std::int64_t d = 0; d < depth; d += pack_run, packed += pack_run * Rows) {
      for (int i = 0; i < Rows; ++i) {
        const float* from = row + i < rows ? values + (row + i) * stride + d : zeros;
#pragma GCC unroll 16
        for (int j = 0; j < pack_run; ++j) packed[j * Rows + i] = from[j];
      }
    }
  }
}

/// `depth` counts pairs.
template <class M, int Rows>
void pack_pairs(const float* values, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* packed) {
  for (std::int64_t row = 0; row < rows; row += Rows) {
    for (std::int64_t d = 0; d < depth; d += pack_run, packed += pack_run * Rows) {
      for (int i = 0; i < Rows; ++i) {
        float pairs[pack_run] = {};
        if (row + i < rows) {
          const float* from = values + (row + i) * stride + 2 * d;
          for (int j = 0; j < 2 * pack_run; j += M::width) {
            M::store_bf16(reinterpret_cast<std::uint8_t*>(pairs) + 2 * j,
                          load<typename M::Float>(from + j));
          }
        }
#pragma GCC unroll 16
        for (int j = 0; j < pack_run; ++j) packed[j * Rows + i] = pairs[j];
      }
    }
  }
}

template <class M, int Columns>
void expand_int8(const std::uint8_t* packed, const float* scales, std::int64_t depth, float* out) {
  for (std::int64_t d = 0; d < depth; ++d) {
    for (int c = 0; c < Columns; c += M::width) {
      const auto value = M::to_float(M::widen_8(packed + d * Columns + c) - int8_zero);
      store(out + d * Columns + c, value * load<typename M::Float>(scales + c));
    }
  }
}

template <class M, int Columns>
void expand_int4(const std::uint8_t* packed, const float* scales, std::int64_t depth, float* out) {
  for (std::int64_t d = 0; d < depth; d += 2) {
    const float* group = scales + d / group_size * Columns;
    for (int c = 0; c < Columns; c += M::width) {
      const auto pair = M::widen_8(packed + d / 2 * Columns + c);
      const auto scale = load<typename M::Float>(group + c);
      store(out + d * Columns + c, M::to_float((pair & 15) - int4_zero) * scale);
      store(out + (d + 1) * Columns + c, M::to_float((pair >> 4) - int4_zero) * scale);
    }
  }
}

}  // namespace
}  // namespace microdc::kernels::simd
