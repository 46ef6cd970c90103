// The float64 references against values known otherwise: they judge every kernel.
#include "kernels/cuda/reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <vector>

namespace microdc::kernels::cuda {
namespace {

TEST(Fp8Reference, KnowsTheFormatsLandmarks) {
  EXPECT_EQ(value_of_fp8(0x00), 0);
  EXPECT_EQ(value_of_fp8(0x01), std::ldexp(1, -9));  // smallest subnormal
  EXPECT_EQ(value_of_fp8(0x08), std::ldexp(1, -6));  // smallest normal
  EXPECT_EQ(value_of_fp8(0x38), 1);
  EXPECT_EQ(value_of_fp8(0x7e), 448);
  EXPECT_EQ(value_of_fp8(0xfe), -448);
  EXPECT_TRUE(std::isnan(value_of_fp8(0x7f)));
}

TEST(Fp8Reference, RoundsToTheNearestAndTiesToEven) {
  for (int code = 0; code <= 0x7e; ++code)
    EXPECT_EQ(nearest_fp8(value_of_fp8(static_cast<std::uint8_t>(code))), code);
  EXPECT_EQ(nearest_fp8(1.0625), 0x38);  // between 1 and 1.125: even is 1
  EXPECT_EQ(nearest_fp8(1.1875), 0x3a);  // between 1.125 and 1.25: even is 1.25
  EXPECT_EQ(nearest_fp8(1.07), 0x39);
  EXPECT_EQ(nearest_fp8(-1.07), 0xb9);
  EXPECT_EQ(nearest_fp8(std::ldexp(1, -10)), 0);  // half the smallest: even is 0
  EXPECT_EQ(nearest_fp8(1000), 0x7e);
}

TEST(Bf16Reference, RoundsToTheNearestAndTiesToEven) {
  EXPECT_EQ(round_to_bf16(1 + std::ldexp(1, -8)), 1);
  EXPECT_EQ(round_to_bf16(1 + 3 * std::ldexp(1, -8)), 1 + std::ldexp(1, -6));
  EXPECT_EQ(value_of_bf16(0x3f80), 1);
  EXPECT_EQ(value_of_bf16(0xc040), -3);
}

TEST(AttentionReference, WeighsValuesByTheirScores) {
  // Scores 0 and log 3: weights 1/4 and 3/4.
  const std::array<double, 2> query{1, 0};
  const double keys[2][2] = {{0, 5}, {std::log(3), 7}}, values[2][2] = {{1, 10}, {2, 20}};
  const auto output = attention_row(
      query, 2, 1, [&](int t, int d) { return keys[t][d]; },
      [&](int t, int d) { return values[t][d]; });
  EXPECT_NEAR(output[0], 1.75, 1e-12);
  EXPECT_NEAR(output[1], 17.5, 1e-12);
}

TEST(NormReference, DividesByTheRootMeanSquare) {
  const std::array<double, 2> x{1, 2}, residual{2, 2}, weight{1, 10};
  const NormRow row = add_rms_norm_row(x, residual, weight, 0);
  EXPECT_EQ(row.residual, (std::vector<double>{3, 4}));
  EXPECT_NEAR(row.y[0], 3 / std::sqrt(12.5), 1e-12);
  EXPECT_NEAR(row.y[1], 40 / std::sqrt(12.5), 1e-12);
}

TEST(SamplingReference, AcceptsOnlyTheTokenThatTheNumberPicks) {
  // Weights 4, 3, 2, 1 of 10, in the order of tokens 2, 0, 3, 1.
  const auto log = [](double x) { return static_cast<float>(std::log(x)); };
  const std::array<float, 4> logits{log(3), log(1), log(4), log(2)};
  const auto right = [&](int k, double p, double uniform, int token) {
    return sampled_rightly(logits, k, p, 1, uniform, token, 1e-6);
  };
  EXPECT_TRUE(right(4, 1, 0.1, 2));
  EXPECT_TRUE(right(4, 1, 0.5, 0));
  EXPECT_FALSE(right(4, 1, 0.5, 2));
  EXPECT_TRUE(right(4, 1, 0.95, 1));
  EXPECT_TRUE(right(2, 1, 0.95, 0));  // the best two only
  EXPECT_FALSE(right(2, 1, 0.95, 1));
  EXPECT_TRUE(right(4, 0.3, 0.95, 2));  // the first alone holds 0.3
  EXPECT_TRUE(right(4, 0.4, 0.95, 2) && right(4, 0.4, 0.95, 0)) << "a boundary falls either way";
}

TEST(ErrorMeter, ScalesByTheValueOrTheRootMeanSquare) {
  ErrorMeter meter;
  meter.add(101, 100);
  meter.add(0.5, 0);
  const double rms = 100 / std::sqrt(2);
  EXPECT_NEAR(meter.result(1).largest_error, 0.01, 1e-12);
  EXPECT_GT(0.01, 0.5 / rms);
  EXPECT_TRUE(meter.result(0.01).passed);
  EXPECT_FALSE(meter.result(0.009).passed);
}

TEST(ErrorMeter, NeverPassesNanOrNothing) {
  EXPECT_FALSE(ErrorMeter().result(1).passed);
  ErrorMeter meter;
  meter.add(1, 1);
  meter.add(NAN, 1);
  EXPECT_FALSE(meter.result(1e9).passed);
  ErrorMeter exact;
  exact.add_exact(true);
  EXPECT_TRUE(exact.result(0).passed);
  exact.add_exact(false);
  EXPECT_FALSE(exact.result(1).passed);
}

TEST(SampledIndices, AreAllOrHoldTheEdges) {
  EXPECT_EQ(sampled_indices(3, 16, 5), (std::vector<std::int64_t>{0, 1, 2}));
  const auto indices = sampled_indices(1000000, 48, 5);
  const std::set<std::int64_t> set(indices.begin(), indices.end());
  EXPECT_EQ(set.size(), 48U);
  EXPECT_TRUE(std::is_sorted(indices.begin(), indices.end()));
  for (const int edge : {0, 63, 64, 127, 128, 255, 256, 999999}) {
    EXPECT_TRUE(set.contains(edge)) << edge;
  }
}

}  // namespace
}  // namespace microdc::kernels::cuda
