// Rows of weights against few tokens: GEMV and skinny GEMM, bound by reading the weights once (see
// vectors.hpp on how this file is used).
#pragma once

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

/// Formats: how to load a vector of weights, and bytes of `count` of them.
template <class M>
struct Fp32Weights {
  static constexpr std::int64_t bytes(std::int64_t count) { return 4 * count; }
  static typename M::Float get(const std::uint8_t* row, std::int64_t at) {
    return load<typename M::Float>(row + 4 * at);
  }
  static float scale(const void*, std::int64_t) { return 1; }
};

template <class M>
struct Bf16Weights {
  static constexpr std::int64_t bytes(std::int64_t count) { return 2 * count; }
  static typename M::Float get(const std::uint8_t* row, std::int64_t at) {
    return reinterpret_cast<typename M::Float>(M::widen_16(row + 2 * at) << 16);
  }
  static float scale(const void*, std::int64_t) { return 1; }
};

template <class M>
struct Int8Weights {
  static constexpr std::int64_t bytes(std::int64_t count) { return count; }
  static typename M::Float get(const std::uint8_t* row, std::int64_t at) {
    return M::to_float(M::widen_8(row + at) - int8_zero);
  }
  static float scale(const void* scales, std::int64_t row) {
    return static_cast<const float*>(scales)[row];
  }
};

/// How far ahead of the current position variants with prefetch fetch [byte].
constexpr std::int64_t prefetch_distance = 2048;

template <bool Prefetch>
inline void prefetch_line(const std::uint8_t* row, std::int64_t at) {
  if constexpr (Prefetch) __builtin_prefetch(row + at + prefetch_distance);
}

template <class M, template <class> class Weights, bool Prefetch, int Rows, int Tokens>
inline void row_tile(const RowProduct& p, std::int64_t row, std::int64_t token) {
  using W = Weights<M>;
  using Float = typename M::Float;
  const auto* base = static_cast<const std::uint8_t*>(p.weights);
  const std::uint8_t* weights[Rows];
  for (int r = 0; r < Rows; ++r) weights[r] = base + W::bytes((row + r) * p.depth);
  const float* values = p.activations.values + token * p.depth;
  Float sums[Rows][Tokens] = {};
  for (std::int64_t k = 0; k < p.depth; k += 32) {
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      // One line per turn is enough of the narrow formats, fp32 takes two.
      if (W::bytes(k) % 64 == 0) prefetch_line<Prefetch>(weights[r], W::bytes(k));
      if (W::bytes(32) > 64) prefetch_line<Prefetch>(weights[r], W::bytes(k) + 64);
    }
#pragma GCC unroll 8
    for (int v = 0; v < 32; v += M::width) {
      Float loaded[Tokens];
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) loaded[t] = load<Float>(values + t * p.depth + k + v);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        const Float w = W::get(weights[r], k + v);
#pragma GCC unroll 8
        for (int t = 0; t < Tokens; ++t) sums[r][t] += w * loaded[t];
      }
    }
  }
  for (int r = 0; r < Rows; ++r) {
    const float scale = W::scale(p.scales, row + r);
    for (int t = 0; t < Tokens; ++t) {
      p.out[(token + t) * p.out_stride + row + r] = scale * sum_of<M>(sums[r][t]);
    }
  }
}

/// int4: a group is 64 bytes; byte j holds elements j (low half) and j + 64 (high half).
template <class M, bool Prefetch, int Rows, int Tokens>
inline void int4_tile(const RowProduct& p, std::int64_t row, std::int64_t token) {
  using Float = typename M::Float;
  constexpr int half = group_size / 2;
  const std::int64_t groups = p.depth / group_size;
  const auto* weights = static_cast<const std::uint8_t*>(p.weights) + row * groups * half;
  const auto* scales = static_cast<const std::uint16_t*>(p.scales) + row * groups;
  const float* values = p.activations.values + token * p.depth;
  Float sums[Rows][Tokens] = {};
  for (std::int64_t g = 0; g < groups; ++g) {
    Float part[Rows][Tokens] = {};
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      prefetch_line<Prefetch>(weights + (r * groups + g) * half, 0);
    }
    for (int v = 0; v < half; v += M::width) {
      Float low[Tokens], high[Tokens];
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) {
        const float* at = values + t * p.depth + g * group_size + v;
        low[t] = load<Float>(at);
        high[t] = load<Float>(at + half);
      }
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        const auto pair = M::widen_8(weights + (r * groups + g) * half + v);
        const Float first = M::to_float((pair & 15) - int4_zero);
        const Float second = M::to_float((pair >> 4) - int4_zero);
#pragma GCC unroll 8
        for (int t = 0; t < Tokens; ++t) {
          part[r][t] += first * low[t];
          part[r][t] += second * high[t];
        }
      }
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r) {
      const float scale = from_half(scales[r * groups + g]);
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) sums[r][t] += part[r][t] * scale;
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (int t = 0; t < Tokens; ++t) {
      p.out[(token + t) * p.out_stride + row + r] = sum_of<M>(sums[r][t]);
    }
  }
}

template <class M, template <class> class Weights, bool Prefetch>
struct ValueTile {
  template <int Rows, int Tokens>
  static void run(const RowProduct& p, std::int64_t row, std::int64_t token) {
    row_tile<M, Weights, Prefetch, Rows, Tokens>(p, row, token);
  }
};

template <class M, bool Prefetch>
struct Int4Tile {
  template <int Rows, int Tokens>
  static void run(const RowProduct& p, std::int64_t row, std::int64_t token) {
    int4_tile<M, Prefetch, Rows, Tokens>(p, row, token);
  }
};

template <class Tile, int Rows>
inline void token_blocks(const RowProduct& p, std::int64_t row) {
  std::int64_t token = 0;
  for (; token + 4 <= p.tokens; token += 4) Tile::template run<Rows, 4>(p, row, token);
  switch (p.tokens - token) {
    case 3: Tile::template run<Rows, 3>(p, row, token); break;
    case 2: Tile::template run<Rows, 2>(p, row, token); break;
    case 1: Tile::template run<Rows, 1>(p, row, token); break;
    default: break;
  }
}

/// All rows and tokens. A block of four rows comes from memory once; the tokens after the first
/// four find it in the cache.
template <class Tile>
void row_blocks(const RowProduct& p) {
  std::int64_t row = 0;
  for (; row + 4 <= p.rows; row += 4) token_blocks<Tile, 4>(p, row);
  for (; row < p.rows; ++row) token_blocks<Tile, 1>(p, row);
}

template <class M, template <class> class Weights>
RowKernels value_rows() {
  return {row_blocks<ValueTile<M, Weights, false>>, row_blocks<ValueTile<M, Weights, true>>,
          nullptr};
}

template <class M>
RowKernels int4_rows() {
  return {row_blocks<Int4Tile<M, false>>, row_blocks<Int4Tile<M, true>>, nullptr};
}

}  // namespace
}  // namespace microdc::kernels::simd
