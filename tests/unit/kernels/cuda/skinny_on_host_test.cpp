// The GEMM kernels for decode steps themselves, run on the host.
#include "tests/unit/kernels/cuda/gemm_operands.hpp"
// After the above.
#include <gtest/gtest.h>

#include "kernels/cuda/gemm/gemv.cuh"
#include "kernels/cuda/gemm/skinny.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;

/// Random weights of one format as the kernels read them, and their values with scales.
struct Weights {
  std::vector<unsigned char> bytes;
  std::vector<float> row_scales;
  std::vector<__half> group_scales;
  std::vector<double> values;
  [[nodiscard]] const void* scales() const {
    if (!group_scales.empty()) return group_scales.data();
    return row_scales.empty() ? nullptr : row_scales.data();
  }
};

void make_elements(Weights& to, int n, int k, cuda::Element element, std::mt19937& random) {
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < product(n, k); ++i) {
    if (element == cuda::Element::bf16) {
      const __nv_bfloat16 value = __float2bfloat16(normal(random));
      to.bytes.resize(2 * i + 2);
      std::memcpy(&to.bytes[2 * i], static_cast<const void*>(&value), 2);
      to.values.push_back(value_of(value));
    } else if (element == cuda::Element::fp8) {
      const __nv_fp8_e4m3 value(normal(random) * 0.1F);  // subnormals too
      to.bytes.push_back(value.__x);
      to.values.push_back(value_of(value));
    } else if (element == cuda::Element::int8) {
      const int value = static_cast<int>(random() % 256) - 128;
      to.bytes.push_back(static_cast<unsigned char>(value));
      to.values.push_back(value);
    } else {
      to.values.push_back(static_cast<int>(random() % 16) - 8);
    }
  }
  if (element != cuda::Element::int4) return;
  to.bytes.resize(product(n, k) / 2);
  for (std::size_t word = 0; word < product(n, k) / 8; ++word) {
    int weights[8];
    for (std::size_t i = 0; i < 8; ++i) weights[i] = static_cast<int>(to.values[word * 8 + i]);
    const std::uint32_t packed = cuda::packed_int4(weights);
    std::memcpy(&to.bytes[word * 4], &packed, 4);
  }
}

template <class Format>
Weights random_weights(int n, int k) {
  Weights weights;
  std::mt19937 random(3);
  make_elements(weights, n, k, Format::element, random);
  std::normal_distribution<float> normal;
  if constexpr (Format::scale == cuda::ScaleKind::row) {
    for (int i = 0; i < n; ++i) weights.row_scales.push_back(normal(random));
  } else if constexpr (Format::scale == cuda::ScaleKind::group) {
    for (int i = 0; i < n * k / cuda::int4_group; ++i)
      weights.group_scales.push_back(__float2half(normal(random)));
  }
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(k);
    if (!weights.row_scales.empty())
      weights.values[i] *= static_cast<double>(weights.row_scales[row]);
    if (!weights.group_scales.empty())
      weights.values[i] *= value_of(weights.group_scales[i / cuda::int4_group]);
  }
  return weights;
}

template <class Format, class Tile>
void expect_skinny_multiplies(int m, int n, int units, unsigned splits,
                              const host_device::Schedule& schedule = {}) {
  const int k = units * cuda::unit_k<Format>;
  const auto a = random_elements<__nv_bfloat16>(product(m, k), 1);
  const Weights weights = random_weights<Format>(n, k);
  const std::size_t count = product(m, n);
  auto c = poisoned<__nv_bfloat16>(count);
  const auto tiles = static_cast<unsigned>(cuda::divided_up(n, Tile::rows));
  std::vector<float> partial(std::size_t{splits} * tiles * Tile::tokens * Tile::rows, NAN);
  std::vector<unsigned> arrivals(tiles);
  const cuda::SkinnyArguments arguments{a.data(),
                                        weights.bytes.data(),
                                        weights.scales(),
                                        c.data(),
                                        partial.data(),
                                        arrivals.data(),
                                        m,
                                        n,
                                        k};
  host_device::run({dim3(tiles, splits), Tile::threads, Tile::shared_bytes,
                    [&] { cuda::skinny<Format, Tile>(arguments); }},
                   schedule);
  const auto expected = multiplied(values_of(a), weights.values, m, n, k);
  EXPECT_LE(largest_error(c, expected), one_rounding<__nv_bfloat16>())
      << Format::format << ": " << m << " x " << n << " x " << k << ", " << splits << " splits";
  EXPECT_TRUE(guard_is_whole(c, count));
  for (const unsigned counter : arrivals) EXPECT_EQ(counter, 0u) << "for the next call";
}

template <class Format>
void expect_skinny_multiplies_in_every_tile() {
  // Fewer units than warps, and more than the ring holds.
  expect_skinny_multiplies<Format, cuda::SkinnyTile<1, 1, 1, 8, 4>>(1, 37, 3, 1);
  expect_skinny_multiplies<Format, cuda::SkinnyTile<1, 1, 4, 2, 4>>(5, 70, 11, 1);
  expect_skinny_multiplies<Format, cuda::SkinnyTile<1, 2, 4, 2, 3>>(8, 129, 9, 3);
  expect_skinny_multiplies<Format, cuda::SkinnyTile<2, 2, 4, 2, 3>>(13, 64, 7, 2);
  expect_skinny_multiplies<Format, cuda::SkinnyTile<4, 1, 4, 2, 4>>(29, 65, 5, 4);
  expect_skinny_multiplies<Format, cuda::SkinnyTile<8, 1, 8, 1, 2>>(64, 40, 3, 1);
}

TEST(SkinnyOnHost, MultipliesBf16InEveryTile) {
  expect_skinny_multiplies_in_every_tile<cuda::Bf16Weights>();
}
TEST(SkinnyOnHost, MultipliesFp8InEveryTile) {
  expect_skinny_multiplies_in_every_tile<cuda::Fp8Weights>();
}
TEST(SkinnyOnHost, MultipliesInt8InEveryTile) {
  expect_skinny_multiplies_in_every_tile<cuda::Int8Weights>();
}
TEST(SkinnyOnHost, MultipliesInt4InEveryTile) {
  expect_skinny_multiplies_in_every_tile<cuda::Int4Weights>();
}

TEST(SkinnyOnHost, MultipliesUnderEverySchedule) {
  for (const auto& schedule : host_device::schedules()) {
    expect_skinny_multiplies<cuda::Int4Weights, cuda::SkinnyTile<1, 1, 4, 2, 4>>(3, 70, 9, 3,
                                                                                 schedule);
  }
}

template <class Format, int Tokens, int Rows, int WarpsPerRow>
void expect_gemv_multiplies(int m, int n, int k) {
  const auto a = random_elements<__nv_bfloat16>(product(m, k), 1);
  const Weights weights = random_weights<Format>(n, k);
  const std::size_t count = product(m, n);
  auto c = poisoned<__nv_bfloat16>(count);
  const int rows_per_block = cuda::gemv_warps / WarpsPerRow * Rows;
  const cuda::GemvArguments arguments{
      a.data(), weights.bytes.data(), weights.scales(), c.data(), m, n, k};
  host_device::run({static_cast<unsigned>(cuda::divided_up(n, rows_per_block)),
                    cuda::gemv_warps * 32, cuda::gemv_shared_bytes<Tokens, Rows>,
                    [&] { cuda::gemv<Format, Tokens, Rows, WarpsPerRow>(arguments); }});
  const auto expected = multiplied(values_of(a), weights.values, m, n, k);
  EXPECT_LE(largest_error(c, expected), one_rounding<__nv_bfloat16>())
      << Format::format << ": " << m << " x " << n << " x " << k;
  EXPECT_TRUE(guard_is_whole(c, count));
}

template <class Format>
void expect_gemv_multiplies_everywhere() {
  expect_gemv_multiplies<Format, 1, 1, 1>(1, 9, 128);
  expect_gemv_multiplies<Format, 1, 2, 4>(1, 13, 128 * 37);
  expect_gemv_multiplies<Format, 4, 1, 4>(3, 13, 128 * 5);
  expect_gemv_multiplies<Format, 4, 2, 1>(4, 19, 128 * 11);
}

TEST(GemvOnHost, MultipliesBf16) { expect_gemv_multiplies_everywhere<cuda::Bf16Weights>(); }
TEST(GemvOnHost, MultipliesFp8) { expect_gemv_multiplies_everywhere<cuda::Fp8Weights>(); }
TEST(GemvOnHost, MultipliesInt8) { expect_gemv_multiplies_everywhere<cuda::Int8Weights>(); }
TEST(GemvOnHost, MultipliesInt4) { expect_gemv_multiplies_everywhere<cuda::Int4Weights>(); }

}  // namespace
}  // namespace microdc::testing
