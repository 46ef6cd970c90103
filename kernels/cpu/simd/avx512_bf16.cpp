// AVX-512 BF16: dot products of pairs. Compiled with flags of its own: see kernel_table.hpp.
#include "kernels/cpu/simd/attention.hpp"
#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/quantise.hpp"
#include "kernels/cpu/simd/rows.hpp"

namespace microdc::kernels::simd {
namespace {

using Float = Machine::Float;

/// Elements of matrix products are pairs of bf16 in the bits of a float.
struct PairMachine : Machine {
  static Float multiply_add(const Float& sum, const Float& a, const Float& b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
  static void store_bf16(void* to, const Float& value) { store(to, _mm512_cvtneps_pbh(value)); }
};

template <bool Prefetch>
struct DotTile {
  template <int Rows, int Tokens>
  static void run(const RowProduct& p, std::int64_t row, std::int64_t token) {
    const auto* weights = static_cast<const std::uint8_t*>(p.weights) + 2 * row * p.depth;
    const std::uint16_t* activations = p.activations.bf16 + token * p.depth;
    Float sums[Rows][Tokens] = {};
    for (std::int64_t k = 0; k < p.depth; k += 32) {
      Float loaded[Tokens];
#pragma GCC unroll 8
      for (int t = 0; t < Tokens; ++t) loaded[t] = load<Float>(activations + t * p.depth + k);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        const std::uint8_t* from = weights + 2 * (r * p.depth + k);
        prefetch_line<Prefetch>(from, 0);
        const Float w = load<Float>(from);
#pragma GCC unroll 8
        for (int t = 0; t < Tokens; ++t) {
          sums[r][t] = PairMachine::multiply_add(sums[r][t], w, loaded[t]);
        }
      }
    }
    for (int r = 0; r < Rows; ++r) {
      for (int t = 0; t < Tokens; ++t) {
        p.out[(token + t) * p.out_stride + row + r] = sum_of<Machine>(sums[r][t]);
      }
    }
  }
};

float pair_chains(std::int64_t rounds) {
  constexpr int chains = 12;
  Float sums[chains] = {};
  const Float a = broadcast<Machine>(float_from_bits(0x3f803f80u)), b = a * 1.0f;
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) sums[c] = PairMachine::multiply_add(sums[c], a, b);
  }
  Float all = {};
  for (int c = 0; c < chains; ++c) all += sums[c];
  return sum_of<Machine>(all);
}

}  // namespace

const KernelTable& avx512_bf16_kernels() {
  static constexpr int rows = 12, vectors = 2;
  static const KernelTable table{
      .peak_bf16 = {pair_chains, 2.0 * 12 * 32},
      .rows_bf16 = {row_blocks<DotTile<false>>, row_blocks<DotTile<true>>, prepare_bf16},
      .panels_bf16 = {rows, vectors * Machine::width, true,
                      panel_product<PairMachine, Fp32Weights, rows, vectors>,
                      pack_pairs<PairMachine, rows>},
      .attention_bf16 = paged_attention<PairMachine, DotPairs>(),
  };
  return table;
}

}  // namespace microdc::kernels::simd
