// The GEMM kernels for decode steps themselves, run on the host.
#include "tests/unit/kernels/cuda/gemm_operands.hpp"
// After the above.
#include <gtest/gtest.h>

#include "kernels/cuda/gemm/gemv.cuh"
#include "kernels/cuda/gemm/skinny.cuh"
#include "kernels/cuda/gemm/skinny_wgmma.cuh"

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

void add_rows(Weights& to, int n, int k, cuda::Element element, std::mt19937& random) {
  std::normal_distribution<float> normal;
  for (std::size_t i = 0; i < product(n, k); ++i) {
    if (element == cuda::Element::bf16) {
      const __nv_bfloat16 value = __float2bfloat16(normal(random));
      to.bytes.resize(2 * i + 2);
      std::memcpy(&to.bytes[2 * i], static_cast<const void*>(&value), 2);
      to.values.push_back(value_of(value));
    } else {
      const __nv_fp8_e4m3 value(normal(random) * 0.1F);  // subnormals too
      to.bytes.push_back(value.__x);
      to.values.push_back(value_of(value));
    }
  }
}

/// What lies past n and k is random too.
void add_packed(Weights& to, int n, int k, const cuda::PackedFormat& format, std::mt19937& random) {
  to.bytes.resize(static_cast<std::size_t>(cuda::packed_bytes(n, k, format.row_k())));
  for (unsigned char& byte : to.bytes) byte = static_cast<unsigned char>(random());
  for (int row = 0; row < n; ++row) {
    for (int i = 0; i < k; ++i)
      to.values.push_back(cuda::packed_weight(format, to.bytes.data(), row, i, n));
  }
}

template <class Format>
Weights random_weights(int n, int k) {
  Weights weights;
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  if constexpr (cuda::packed<Format>) {
    const bool bytes = Format::element == cuda::Element::int8;
    add_packed(weights, n, k, bytes ? cuda::packed_int8 : cuda::packed_int4, random);
  } else {
    add_rows(weights, n, k, Format::element, random);
  }
  const auto pitch = static_cast<std::size_t>(cuda::int4_scale_pitch(n));
  if constexpr (Format::scale == cuda::ScaleKind::row) {
    for (int i = 0; i < n; ++i) weights.row_scales.push_back(normal(random));
  } else if constexpr (Format::scale == cuda::ScaleKind::group) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(k / cuda::int4_group) * pitch; ++i)
      weights.group_scales.push_back(__float2half(normal(random)));
  }
  const auto columns = static_cast<std::size_t>(k);
  for (std::size_t i = 0; i < weights.values.size(); ++i) {
    const std::size_t row = i / columns, group = i % columns / cuda::int4_group;
    if (!weights.row_scales.empty())
      weights.values[i] *= static_cast<double>(weights.row_scales[row]);
    if (!weights.group_scales.empty())
      weights.values[i] *= value_of(weights.group_scales[group * pitch + row]);
  }
  return weights;
}

struct Size {
  int m, n, k;
};

/// Operands of one call, and what it must give.
template <class Format, class Tile>
class SkinnyCase {
  using Activation =
      std::conditional_t<cuda::activation_bytes<Format> == 1, __nv_fp8_e4m3, __nv_bfloat16>;

 public:
  SkinnyCase(const Size& size, unsigned row_blocks, unsigned splits)
      : size_(size),
        grid_(row_blocks, splits),
        a_(random_elements<Activation>(product(size.m, size.k), 1)),
        weights_(random_weights<Format>(size.n, size.k)),
        c_(poisoned<__nv_bfloat16>(product(size.m, size.n))),
        partial_(std::size_t{splits} * row_blocks * Tile::tokens * Tile::rows, NAN),
        arrivals_(row_blocks) {}

  cuda::SkinnyArguments arguments() {
    return {static_cast<const __nv_bfloat16*>(static_cast<const void*>(a_.data())),
            weights_.bytes.data(),
            weights_.scales(),
            c_.data(),
            partial_.data(),
            arrivals_.data(),
            size_.m,
            size_.n,
            size_.k};
  }

  cuda::SkinnyMaps maps() const {
    cuda::SkinnyMaps maps{
        host_device::host_matrix_map(a_.data(), size_.m, size_.k, cuda::activation_bytes<Format>,
                                     Tile::tokens),
        {},
        {}};
    if constexpr (!cuda::packed<Format>) {
      const auto map = [&](int rows) {
        return host_device::host_matrix_map(weights_.bytes.data(), size_.n, size_.k, 1, rows);
      };
      maps.weights = map(cuda::large_box_rows);
      maps.weights_rest = map(cuda::small_box_rows);
    }
    return maps;
  }

  const dim3& grid() const { return grid_; }

  void expect_product() const {
    const auto expected = multiplied(values_of(a_), weights_.values, size_.m, size_.n, size_.k);
    EXPECT_LE(largest_error(c_, expected), one_rounding<__nv_bfloat16>())
        << Format::format << ", " << Tile::tokens << " tokens, " << Tile::rows
        << " rows: " << size_.m << " x " << size_.n << " x " << size_.k << ", " << grid_.x
        << " row blocks, " << grid_.y << " splits";
    EXPECT_TRUE(guard_is_whole(c_, product(size_.m, size_.n)));
    for (const unsigned counter : arrivals_) EXPECT_EQ(counter, 0u) << "for the next call";
  }

 private:
  Size size_;
  dim3 grid_;
  std::vector<Activation> a_;
  Weights weights_;
  std::vector<__nv_bfloat16> c_;
  std::vector<float> partial_;
  std::vector<unsigned> arrivals_;
};

template <class Format, int Tokens>
void expect_mma_multiplies(const Size& size, unsigned row_blocks, unsigned splits,
                           const host_device::Schedule& schedule = {}) {
  using Tile = cuda::SkinnyTile<Format, Tokens, 128, 99 * 1024>;
  SkinnyCase<Format, Tile> of(size, row_blocks, splits);
  host_device::run({of.grid(), cuda::skinny_threads<Tile>, Tile::ring_bytes,
                    [&] { cuda::skinny<Format, Tile>(of.arguments()); }},
                   schedule);
  of.expect_product();
}

template <class Format, int Tokens, int Rows>
void expect_wgmma_multiplies(const Size& size, unsigned row_blocks, unsigned splits,
                             const host_device::Schedule& schedule = {}) {
  using Tile = cuda::SkinnyTile<Format, Tokens, Rows, Rows == 256 ? 226 * 1024 : 112 * 1024>;
  SkinnyCase<Format, Tile> of(size, row_blocks, splits);
  const cuda::SkinnyMaps maps = of.maps();
  host_device::run({of.grid(), cuda::skinny_wgmma_threads<Tile>, cuda::skinny_wgmma_bytes<Tile>,
                    [&] { cuda::skinny_wgmma<Format, Tile>(maps, of.arguments()); }},
                   schedule);
  host_device::finish_hopper_kernel();
  of.expect_product();
}

/// Sizes that no tile divides: k too, but of int4, which has whole groups (an odd number of them).
template <class Format>
constexpr int odd_k(int groups) {
  return groups * 128 - (Format::scale == cuda::ScaleKind::group ? 0 : 48);
}

// Fewer units than the ring holds, and more; row blocks of 8 rows, and of all that the tile has.
template <class Format>
void expect_mma_multiplies_everywhere() {
  expect_mma_multiplies<Format, 8>({1, 37, odd_k<Format>(3)}, 1, 1);
  expect_mma_multiplies<Format, 8>({8, 128, odd_k<Format>(13)}, 1, 2);
  expect_mma_multiplies<Format, 16>({13, 72, odd_k<Format>(9)}, 3, 1);
  expect_mma_multiplies<Format, 32>({29, 129, odd_k<Format>(7)}, 2, 3);
  expect_mma_multiplies<Format, 64>({64, 40, odd_k<Format>(9)}, 1, 1);
}

TEST(SkinnyOnHost, MultipliesFp8) { expect_mma_multiplies_everywhere<cuda::Fp8Weights>(); }
TEST(SkinnyOnHost, MultipliesInt8) { expect_mma_multiplies_everywhere<cuda::Int8Weights>(); }
TEST(SkinnyOnHost, MultipliesInt4) { expect_mma_multiplies_everywhere<cuda::Int4Weights>(); }

TEST(SkinnyOnHost, MultipliesUnderEverySchedule) {
  for (const auto& schedule : host_device::schedules()) {
    expect_mma_multiplies<cuda::Int4Weights, 8>({3, 70, 128 * 11}, 2, 2, schedule);
  }
}

template <class Format>
void expect_wgmma_multiplies_everywhere() {
  expect_wgmma_multiplies<Format, 8, 128>({1, 37, odd_k<Format>(3)}, 1, 1);
  expect_wgmma_multiplies<Format, 8, 256>({8, 256, odd_k<Format>(5)}, 1, 1);
  expect_wgmma_multiplies<Format, 16, 128>({13, 200, odd_k<Format>(17)}, 2, 1);
  expect_wgmma_multiplies<Format, 16, 256>({16, 150, odd_k<Format>(9)}, 1, 3);
  expect_wgmma_multiplies<Format, 32, 128>({29, 129, odd_k<Format>(11)}, 3, 2);
  expect_wgmma_multiplies<Format, 64, 256>({61, 210, odd_k<Format>(9)}, 1, 1);
}

TEST(SkinnyWgmmaOnHost, MultipliesFp8) { expect_wgmma_multiplies_everywhere<cuda::Fp8Operands>(); }
TEST(SkinnyWgmmaOnHost, MultipliesInt8) { expect_wgmma_multiplies_everywhere<cuda::Int8Weights>(); }
TEST(SkinnyWgmmaOnHost, MultipliesInt4) { expect_wgmma_multiplies_everywhere<cuda::Int4Weights>(); }

TEST(SkinnyWgmmaOnHost, MultipliesUnderEverySchedule) {
  for (const auto& schedule : host_device::schedules()) {
    expect_wgmma_multiplies<cuda::Int4Weights, 16, 128>({9, 136, 128 * 23}, 2, 2, schedule);
  }
}

template <class Format, int Rows, int WarpsPerRow>
void expect_gemv_multiplies(int n, int k) {
  const auto a = random_elements<__nv_bfloat16>(product(1, k), 1);
  const Weights weights = random_weights<Format>(n, k);
  const std::size_t count = product(1, n);
  auto c = poisoned<__nv_bfloat16>(count);
  const int rows_per_block = cuda::gemv_warps / WarpsPerRow * Rows;
  const cuda::GemvArguments arguments{a.data(), weights.bytes.data(), weights.scales(), c.data(), n,
                                      k};
  host_device::run({static_cast<unsigned>(cuda::divided_up(n, rows_per_block)),
                    cuda::gemv_warps * 32, cuda::gemv_shared_bytes<Rows>,
                    [&] { cuda::gemv<Format, Rows, WarpsPerRow>(arguments); }});
  const auto expected = multiplied(values_of(a), weights.values, 1, n, k);
  EXPECT_LE(largest_error(c, expected), one_rounding<__nv_bfloat16>())
      << Format::format << ": " << n << " x " << k;
  EXPECT_TRUE(guard_is_whole(c, count));
}

template <class Format>
void expect_gemv_multiplies_everywhere() {
  expect_gemv_multiplies<Format, 2, 1>(9, 128);
  expect_gemv_multiplies<Format, 2, 1>(19, 128 * 67);
  expect_gemv_multiplies<Format, 2, 4>(13, 128 * 37);
}

TEST(GemvOnHost, MultipliesBf16) { expect_gemv_multiplies_everywhere<cuda::Bf16Weights>(); }
TEST(GemvOnHost, MultipliesFp8) { expect_gemv_multiplies_everywhere<cuda::Fp8Weights>(); }

}  // namespace
}  // namespace microdc::testing
