// AVX-512 VNNI: dot products of unsigned weights and signed activations in int8, four per lane.
// Activations are quantised on the fly, as llama.cpp does. Compiled with flags of its own: see
// kernel_table.hpp.
#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/quantise.hpp"
#include "kernels/cpu/simd/rows.hpp"

namespace microdc::kernels::simd {
namespace {

using Int = Machine::Int;
using Float = Machine::Float;

inline __m512i bits_512(const void* from) { return _mm512_loadu_si512(from); }

/// sum + dot products of 64 weights and activations.
inline Int dot(const Int& sum, __m512i weights, __m512i activations) {
  return reinterpret_cast<Int>(
      _mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), weights, activations));
}

/// Halves of a group's weights and their zero point.
template <bool Int4>
struct GroupWeights {
  static constexpr int bytes = Int4 ? group_size / 2 : group_size;
  static constexpr int zero = Int4 ? int4_zero : int8_zero;
  __m512i first, second;

  explicit GroupWeights(const std::uint8_t* from) {
    if constexpr (Int4) {
      const __m512i pairs = bits_512(from), low = _mm512_set1_epi8(15);
      first = _mm512_and_si512(pairs, low);
      second = _mm512_and_si512(_mm512_srli_epi16(pairs, 4), low);
    } else {
      first = bits_512(from);
      second = bits_512(from + 64);
    }
  }
};

template <bool Int4>
inline float weight_scale(const void* scales, std::int64_t row, std::int64_t group,
                          std::int64_t groups) {
  if constexpr (Int4)
    return from_half(static_cast<const std::uint16_t*>(scales)[row * groups + group]);
  return static_cast<const float*>(scales)[row];
}

template <bool Int4, bool Prefetch>
struct DotTile {
  template <int Rows, int Tokens>
  static void run(const RowProduct& p, std::int64_t row, std::int64_t token) {
    using Weights = GroupWeights<Int4>;
    const std::int64_t groups = p.depth / group_size;
    const auto* weights =
        static_cast<const std::uint8_t*>(p.weights) + row * groups * Weights::bytes;
    const std::int8_t* activations = p.activations.quantised + token * p.depth;
    const float* scales = p.activations.scales + token * groups;
    const std::int32_t* sums = p.activations.sums + token * groups;
    Float out[Rows][Tokens] = {};
    for (std::int64_t g = 0; g < groups; ++g) {
      __m512i first[Tokens], second[Tokens];
      Int start[Tokens];
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) {
        const std::int8_t* at = activations + t * p.depth + g * group_size;
        first[t] = bits_512(at);
        second[t] = bits_512(at + 64);
        start[t] = Int{-Weights::zero * sums[t * groups + g]};
      }
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        const std::uint8_t* from = weights + (r * groups + g) * Weights::bytes;
        for (int line = 0; line < Weights::bytes; line += 64) prefetch_line<Prefetch>(from, line);
        const Weights w(from);
        const float scale = weight_scale<Int4>(p.scales, row + r, g, groups);
#pragma GCC unroll 8
        for (int t = 0; t < Tokens; ++t) {
          const Int part = dot(dot(start[t], w.first, first[t]), w.second, second[t]);
          out[r][t] += Machine::to_float(part) * (scale * scales[t * groups + g]);
        }
      }
    }
    for (int r = 0; r < Rows; ++r) {
      for (int t = 0; t < Tokens; ++t) {
        p.out[(token + t) * p.out_stride + row + r] = sum_of<Machine>(out[r][t]);
      }
    }
  }
};

float dot_chains(std::int64_t rounds) {
  constexpr int chains = 12;
  Int sums[chains] = {};
  __m512i a = _mm512_set1_epi8(3), b = _mm512_set1_epi8(1);
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
      .rows_int8 = {row_blocks<DotTile<false, false>>, row_blocks<DotTile<false, true>>,
                    prepare_int8},
      .rows_int4 = {row_blocks<DotTile<true, false>>, row_blocks<DotTile<true, true>>,
                    prepare_int8},
  };
  return table;
}

}  // namespace microdc::kernels::simd
