#include "kernels/cpu/weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace microdc::kernels {
namespace {

TEST(Weights, Int4PairsComeBackFromTheirByte) {
  for (int low = -8; low <= 7; ++low) {
    for (int high = -8; high <= 7; ++high) {
      const std::uint8_t byte = pack_int4(low, high);
      EXPECT_EQ((byte & 15) - simd::int4_zero, low);
      EXPECT_EQ((byte >> 4) - simd::int4_zero, high);
    }
  }
}

TEST(Weights, Bf16RoundsToNearestEven) {
  EXPECT_EQ(bf16_of(1.0f), 0x3f80);
  EXPECT_EQ(bf16_of(1.0f + 0x1p-8f), 0x3f80);            // half way: to the even one
  EXPECT_EQ(bf16_of(1.0f + 0x1p-7f + 0x1p-8f), 0x3f82);  // half way again
  EXPECT_EQ(bf16_of(1.0f + 0x1.8p-8f), 0x3f81);
  EXPECT_EQ(value_of_bf16(bf16_of(-2.5f)), -2.5f);
}

TEST(Weights, ScalesAreExactInHalfPrecision) {
  const RandomWeights weights(WeightFormat::int4, 256, 1);
  for (int row = 0; row < 20; ++row) {
    const float scale = weights.scale(row, row % 3);
    const std::uint16_t half = half_of(scale);
    const int exponent = (half >> 10) - 15;
    EXPECT_EQ(std::ldexp(1 + (half & 0x3ff) / 1024.0, exponent), scale);
  }
}

TEST(Weights, LookNormal) {
  double sum = 0, squares = 0;
  constexpr int count = 100000;
  for (int i = 0; i < count; ++i) {
    const double x = normal_like(3, static_cast<std::uint64_t>(i));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / count, 0, 0.01);
  EXPECT_NEAR(squares / count, 1, 0.01);
}

TEST(Weights, ComparisonSeesOneWrongResultAmongMany) {
  const Shape shape{.m = 300, .n = 200, .k = 150};
  const RandomWeights weights(WeightFormat::bf16, shape.k, 5);
  const RandomMatrix values(6, shape.k);
  std::vector<float> activations, out;
  for (std::int64_t i = 0; i < shape.m; ++i) {
    activations.insert(activations.end(), values.row(i), values.row(i) + shape.k);
    for (std::int64_t j = 0; j < shape.n; ++j) {
      double sum = 0;
      for (std::int64_t k = 0; k < shape.k; ++k) sum += weights.value(j, k) * values.row(i)[k];
      out.push_back(static_cast<float>(sum));
    }
  }
  const auto verdict = [&] {
    return compare_products(weights, activations.data(), shape.k, out.data(), shape.n, shape)
        .verdict(tolerance_fp32);
  };
  EXPECT_TRUE(verdict().passed);
  out[123 * shape.n + 45] += 0.1f;
  EXPECT_FALSE(verdict().passed);
}

}  // namespace
}  // namespace microdc::kernels
