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

/// Sums of one group for each row of a block and each token, in two chains per token.
template <bool Int4, bool Prefetch, int Tokens>
inline __attribute__((always_inline)) void add_group(const std::uint8_t* weights,
                                                     const std::int8_t* activations,
                                                     std::int64_t depth, Int (&even)[Tokens],
                                                     Int (&odd)[Tokens]) {
  constexpr int lines = block_rows * group_size / (Int4 ? 2 : 1) / line_bytes;
  for (int line = 0; line < lines; line += Int4 ? 1 : 2) {
    const std::uint8_t* from = weights + line * line_bytes;
    Int first = load<Int>(from), second;
    prefetch_line<Prefetch>(from, 0);
    if constexpr (Int4) {
      second = (first >> 4) & 0x0f0f0f0f;
      first = first & 0x0f0f0f0f;
    } else {
      second = load<Int>(from + line_bytes);
      prefetch_line<Prefetch>(from, line_bytes);
    }
    const std::int8_t* at = activations + line * (Int4 ? 8 : 4);
#pragma GCC unroll 8
    for (int t = 0; t < Tokens; ++t) {
      even[t] = dot(even[t], first, spread_four(at + t * depth));
      odd[t] = dot(odd[t], second, spread_four(at + t * depth + 4));
    }
  }
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

template <bool Int4, bool Prefetch, int Tokens>
void block_tile(const RowProduct& p, std::int64_t row, std::int64_t token) {
  constexpr int group_bytes = block_rows * group_size / (Int4 ? 2 : 1);
  const std::int64_t groups = p.depth / group_size, block = row / block_rows;
  const auto* weights = static_cast<const std::uint8_t*>(p.weights) + block * groups * group_bytes;
  const std::int8_t* activations = p.activations.quantised + token * p.depth;
  Float out[Tokens] = {};
  for (std::int64_t g = 0; g < groups; ++g) {
    Int even[Tokens], odd[Tokens] = {};
#pragma GCC unroll 8
    for (int t = 0; t < Tokens; ++t) {
      constexpr int zero = Int4 ? int4_zero : int8_zero;
      even[t] = -zero * p.activations.sums[(token + t) * groups + g] - Int{};
    }
    add_group<Int4, Prefetch>(weights + g * group_bytes, activations + g * group_size, p.depth,
                              even, odd);
    Float scale = broadcast<Machine>(1);
    if constexpr (Int4) {
      scale = Machine::widen_half(static_cast<const std::uint16_t*>(p.scales) +
                                  (block * groups + g) * block_rows);
    }
#pragma GCC unroll 8
    for (int t = 0; t < Tokens; ++t) {
      const float of_token = p.activations.scales[(token + t) * groups + g];
      out[t] += Machine::to_float(even[t] + odd[t]) * (scale * of_token);
    }
  }
  if constexpr (!Int4) {
    const auto scale = load<Float>(static_cast<const float*>(p.scales) + row);
    for (int t = 0; t < Tokens; ++t) out[t] *= scale;
  }
  put_block<Tokens>(p, row, token, out);
}

/// All blocks and tokens. A block comes from memory once; the tokens after the first eight find it
/// in the cache.
template <bool Int4, bool Prefetch>
void blocks(const RowProduct& p) {
  for (std::int64_t row = 0; row < p.rows; row += block_rows) {
    std::int64_t token = 0;
    for (; token + 8 <= p.tokens; token += 8) block_tile<Int4, Prefetch, 8>(p, row, token);
    if (token + 4 <= p.tokens) {
      block_tile<Int4, Prefetch, 4>(p, row, token);
      token += 4;
    }
    switch (p.tokens - token) {
      case 3: block_tile<Int4, Prefetch, 3>(p, row, token); break;
      case 2: block_tile<Int4, Prefetch, 2>(p, row, token); break;
      case 1: block_tile<Int4, Prefetch, 1>(p, row, token); break;
      default: break;
    }
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
