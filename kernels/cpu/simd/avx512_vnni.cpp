// AVX-512 VNNI: dot products of unsigned weights and signed activations in int8, four per lane.
// Activations are quantised on the fly, as llama.cpp does; a lane is a row of weights, so that
// nothing is summed across lanes and weights are one stream. Compiled with flags of its own: see
// kernel_table.hpp.
#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/quantise.hpp"
#include "kernels/cpu/simd/rows.hpp"

namespace microdc::kernels::simd {
namespace {

using Int = Machine::Int;
using Float = Machine::Float;
static_assert(block_rows == Machine::width);

/// sum + dot products of 64 weights and activations.
inline Int dot(const Int& sum, const Int& weights, const Int& activations) {
  return reinterpret_cast<Int>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum),
                                                   reinterpret_cast<__m512i>(weights),
                                                   reinterpret_cast<__m512i>(activations)));
}

/// The same four activations for every row.
inline Int spread_four(const std::int8_t* from) {
  int four;
  __builtin_memcpy(&four, from, sizeof four);
  return four - Int{};
}

/// Weights of a group of one block [byte].
template <bool Int4>
constexpr int group_bytes = block_rows* group_size / (Int4 ? 2 : 1);

/// Even and odd fours in depth of a block's rows.
struct Pair {
  Int even, odd;
};

template <bool Int4, bool Prefetch>
inline Pair load_pair(const std::uint8_t* from) {
  prefetch_line<Prefetch>(from, 0);
  const Int first = load<Int>(from);
  if constexpr (Int4) return {first & 0x0f0f0f0f, (first >> 4) & 0x0f0f0f0f};
  prefetch_line<Prefetch>(from, line_bytes);
  return {first, load<Int>(from + line_bytes)};
}

/// Sums of one group for every row of `Blocks` blocks, `block_bytes` apart, and each token; in two
/// chains per token where one block has too few to hide the latency.
template <bool Int4, bool Prefetch, int Blocks, int Tokens>
inline __attribute__((always_inline)) void add_group(const std::uint8_t* weights,
                                                     std::int64_t block_bytes,
                                                     const std::int8_t* activations,
                                                     std::int64_t depth,
                                                     Int (&sums)[Blocks][Tokens]) {
  constexpr int step = (Int4 ? 1 : 2) * line_bytes;
  Int odd[Blocks][Tokens] = {};
  for (int at = 0; at < group_bytes<Int4>; at += step, activations += 8) {
    Pair pair[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) {
      pair[b] = load_pair<Int4, Prefetch>(weights + b * block_bytes + at);
    }
#pragma GCC unroll 8
    for (int t = 0; t < Tokens; ++t) {
      const Int first = spread_four(activations + t * depth);
      const Int second = spread_four(activations + t * depth + 4);
#pragma GCC unroll 4
      for (int b = 0; b < Blocks; ++b) {
        sums[b][t] = dot(sums[b][t], pair[b].even, first);
        Int& other = Blocks == 1 ? odd[b][t] : sums[b][t];
        other = dot(other, pair[b].odd, second);
      }
    }
  }
  if constexpr (Blocks > 1) return;
#pragma GCC unroll 8
  for (int t = 0; t < Tokens; ++t) sums[0][t] += odd[0][t];
}

template <int Tokens>
inline void put_block(const RowProduct& p, std::int64_t row, std::int64_t token,
                      const Float (&out)[Tokens]) {
  for (int t = 0; t < Tokens; ++t) {
    float* to = p.out + (token + t) * p.out_stride + row;
    if (p.rows - row >= block_rows) {
      store(to, out[t]);
      continue;
    }
    for (int r = 0; r < p.rows - row; ++r) to[r] = out[t][r];
  }
}

template <bool Int4, bool Prefetch, int Blocks, int Tokens>
void block_tile(const RowProduct& p, std::int64_t row, std::int64_t token) {
  const std::int64_t groups = p.depth / group_size, block = row / block_rows;
  const std::int64_t block_bytes = groups * group_bytes<Int4>;
  const auto* weights = static_cast<const std::uint8_t*>(p.weights) + block * block_bytes;
  const std::int8_t* activations = p.activations.quantised + token * p.depth;
  Float out[Blocks][Tokens] = {};
  for (std::int64_t g = 0; g < groups; ++g) {
    Int sums[Blocks][Tokens];
#pragma GCC unroll 8
    for (int t = 0; t < Tokens; ++t) {
      constexpr int zero = Int4 ? int4_zero : int8_zero;
      const Int start = -zero * p.activations.sums[(token + t) * groups + g] - Int{};
#pragma GCC unroll 4
      for (int b = 0; b < Blocks; ++b) sums[b][t] = start;
    }
    add_group<Int4, Prefetch, Blocks, Tokens>(weights + g * group_bytes<Int4>, block_bytes,
                                              activations + g * group_size, p.depth, sums);
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) {
      Float scale = broadcast<Machine>(1);
      if constexpr (Int4) {
        scale = Machine::widen_half(static_cast<const std::uint16_t*>(p.scales) +
                                    ((block + b) * groups + g) * block_rows);
      }
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) {
        const float of_token = p.activations.scales[(token + t) * groups + g];
        out[b][t] += Machine::to_float(sums[b][t]) * (scale * of_token);
      }
    }
  }
  for (int b = 0; b < Blocks; ++b) {
    const std::int64_t first = row + b * block_rows;
    if constexpr (!Int4) {
      const auto scale = load<Float>(static_cast<const float*>(p.scales) + first);
      for (int t = 0; t < Tokens; ++t) out[b][t] *= scale;
    }
    put_block<Tokens>(p, first, token, out[b]);
  }
}

/// The tokens from `token` on, fewer than eight, with one block.
template <bool Int4, bool Prefetch>
void last_tokens(const RowProduct& p, std::int64_t row, std::int64_t token) {
  if (token + 4 <= p.tokens) {
    block_tile<Int4, Prefetch, 1, 4>(p, row, token);
    token += 4;
  }
  switch (p.tokens - token) {
    case 3: block_tile<Int4, Prefetch, 1, 3>(p, row, token); break;
    case 2: block_tile<Int4, Prefetch, 1, 2>(p, row, token); break;
    case 1: block_tile<Int4, Prefetch, 1, 1>(p, row, token); break;
    default: break;
  }
}

/// All blocks and tokens. A block comes from memory once; the tokens after the first eight find it
/// in the cache. With many tokens two blocks share what is read of the activations.
template <bool Int4, bool Prefetch>
void blocks(const RowProduct& p) {
  std::int64_t row = 0;
  if (p.tokens >= 16) {
    for (; row + block_rows < p.rows; row += 2 * block_rows) {
      std::int64_t token = 0;
      for (; token + 8 <= p.tokens; token += 8) block_tile<Int4, Prefetch, 2, 8>(p, row, token);
      last_tokens<Int4, Prefetch>(p, row, token);
      last_tokens<Int4, Prefetch>(p, row + block_rows, token);
    }
  }
  for (; row < p.rows; row += block_rows) {
    std::int64_t token = 0;
    for (; token + 8 <= p.tokens; token += 8) block_tile<Int4, Prefetch, 1, 8>(p, row, token);
    last_tokens<Int4, Prefetch>(p, row, token);
  }
}

template <bool Int4>
RowKernels block_kernels() {
  return {blocks<Int4, false>, blocks<Int4, true>, prepare_int8<Machine>, RowLayout::blocks};
}

float dot_chains(std::int64_t rounds) {
  constexpr int chains = 12;
  Int sums[chains] = {};
  const Int a = 0x03030303 - Int{}, b = 0x01010101 - Int{};
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) sums[c] = dot(sums[c], a, b);
  }
  Int all = {};
  for (int c = 0; c < chains; ++c) all += sums[c];
  return sum_of<Machine>(Machine::to_float(all));
}

}  // namespace

const KernelTable& avx512_vnni_kernels() {
  static const KernelTable table{
      .peak_int8 = {dot_chains, 2.0 * 12 * 64},
      .rows_int8 = block_kernels<false>(),
      .rows_int4 = block_kernels<true>(),
  };
  return table;
}

}  // namespace microdc::kernels::simd
