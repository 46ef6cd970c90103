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

/// Adds a finished tile to the result, or writes it; only the valid part of edge tiles.
template <class M, int Rows, int Vectors>
inline void put_tile(const PanelProduct& p, std::int64_t row,
                     const typename M::Float (&sums)[Rows][Vectors]) {
  using Float = typename M::Float;
  constexpr int columns = Vectors * M::width;
  float* out = p.out + row * p.out_stride;
  if (p.rows - row >= Rows && p.columns == columns) {
    for (int i = 0; i < Rows; ++i) {
      for (int v = 0; v < Vectors; ++v) {
        float* at = out + i * p.out_stride + v * M::width;
        store(at, p.accumulate ? load<Float>(at) + sums[i][v] : sums[i][v]);
      }
    }
    return;
  }
  float whole[Rows * columns];
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) store(whole + i * columns + v * M::width, sums[i][v]);
  }
  for (std::int64_t i = 0; i < Rows && row + i < p.rows; ++i) {
    for (std::int64_t j = 0; j < p.columns; ++j) {
      float& at = out[i * p.out_stride + j];
      at = p.accumulate ? at + whole[i * columns + j] : whole[i * columns + j];
    }
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

template <int Rows>
void pack_floats(const float* values, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                 float* packed) {
  for (std::int64_t row = 0; row < rows; row += Rows) {
    const float* from[Rows];
    bool inside[Rows];
    for (int i = 0; i < Rows; ++i) {
      inside[i] = row + i < rows;
      from[i] = values + (inside[i] ? row + i : row) * stride;
    }
    for (std::int64_t d = 0; d < depth; ++d) {
      for (int i = 0; i < Rows; ++i) *packed++ = inside[i] ? from[i][d] : 0.0f;
    }
  }
}

/// `depth` counts pairs.
template <int Rows>
void pack_pairs(const float* values, std::int64_t stride, std::int64_t rows, std::int64_t depth,
                float* packed) {
  for (std::int64_t row = 0; row < rows; row += Rows) {
    for (std::int64_t d = 0; d < depth; ++d) {
      for (int i = 0; i < Rows; ++i) {
        const float* pair = values + (row + i) * stride + 2 * d;
        const std::uint32_t bits =
            row + i < rows ? to_bf16(pair[0]) | static_cast<std::uint32_t>(to_bf16(pair[1])) << 16
                           : 0;
        *packed++ = float_from_bits(bits);
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
