#include "hwprofiles/laws/equations.hpp"

#include <gtest/gtest.h>

namespace microdc {
namespace {

TEST(PNorm, IsTheSumForOneAndNearlyTheMaximumForLargeExponents) {
  EXPECT_DOUBLE_EQ(p_norm(3, 4, 1, 1), 7);
  EXPECT_NEAR(p_norm(3, 4, 2, 0.5), 5, 1e-12);
  EXPECT_NEAR(p_norm(3, 4, 200, 1.0 / 200), 4, 1e-12);
}

TEST(PNorm, IsSymmetricHomogeneousAndAtLeastTheMaximum) {
  for (const double p : {1.0, 1.7, 4.6, 8.0}) {
    for (const double a : {1e-9, 1e-6, 0.3, 2.0}) {
      for (const double b : {1e-9, 1e-3, 0.3}) {
        const double norm = p_norm(a, b, p, 1 / p);
        EXPECT_DOUBLE_EQ(norm, p_norm(b, a, p, 1 / p));
        EXPECT_GE(norm, std::max(a, b));
        EXPECT_LE(norm, (a + b) * (1 + 1e-12));
        EXPECT_NEAR(p_norm(5 * a, 5 * b, p, 1 / p), 5 * norm, 1e-12 * norm);
      }
    }
  }
}

TEST(PNorm, TakesZeroAsNothingToDo) {
  EXPECT_DOUBLE_EQ(p_norm(0, 2, 1.5, 1 / 1.5), 2);
  EXPECT_DOUBLE_EQ(p_norm(2, 0, 1.5, 1 / 1.5), 2);
  EXPECT_DOUBLE_EQ(p_norm(0, 0, 1.5, 1 / 1.5), 0);
}

GemmCoefficients round_gemm() {
  return {.launch = 2e-6,
          .depth = 1e-6 / 64,
          .seconds_per_flop = 1 / 0.8e15,
          .seconds_per_byte = 1 / 0.5e12,
          .sharpness = 2,
          .inverse_sharpness = 0.5,
          .throttle = 0.1};
}

TEST(GemmLaw, EqualsItsEquationByHand) {
  // m = 100, n = 2000, k = 4096: F = 1.6384e9 FLOP, tc = 2.048 us.
  const double tc = 2.0 * 100 * 2000 * 4096 / 0.8e15;
  EXPECT_NEAR(tc, 2.048e-6, 1e-12);
  const double throttled = tc * (1 + 0.1 * tc / (tc + 1e-3));
  const double bytes = 2.0 * (100 * 4096 + 2000.0 * 4096 + 100 * 2000);  // 17.6 MB
  const double memory = bytes / 0.5e12;
  const double expected =
      2e-6 + 1e-6 * std::sqrt(4096.0 / 4096) + std::sqrt(throttled * throttled + memory * memory);
  EXPECT_NEAR(gemm_seconds(round_gemm(), 100, 2000, 4096), expected, 1e-12 * expected);
}

TEST(GemmLaw, AddsTheTrafficOfQuantisingActivations) {
  GemmCoefficients c = round_gemm();
  const double plain = gemm_seconds(c, 64, 1024, 1024);
  c.quantisation = 1.2 * 3 / 1e12;
  EXPECT_NEAR(gemm_seconds(c, 64, 1024, 1024) - plain, 1.2 * 3 * 64 * 1024 / 1e12, 1e-16);
}

TEST(GemmLaw, ApproachesTheComputeAndTheMemoryLimit) {
  const GemmCoefficients c = round_gemm();
  const double huge = gemm_seconds(c, 65536, 65536, 65536);
  const double flop = 2.0 * 65536 * 65536 * 65536;
  EXPECT_NEAR(huge / (flop / 0.8e15 * 1.1), 1, 0.01);  // fully throttled
  const double skinny = gemm_seconds(c, 1, 65536, 65536);
  EXPECT_NEAR(skinny / (2.0 * 65536 * 65536 / 0.5e12), 1, 0.01);
}

TEST(DecodeLaw, EqualsItsEquationByHand) {
  const DecodeCoefficients c{.launch = 5e-6,
                             .per_item = 1e-8,
                             .seconds_per_flop = 1 / 0.5e15,
                             .seconds_per_byte = 1 / 0.8e12,
                             .sharpness = 1,
                             .inverse_sharpness = 1};
  EXPECT_NEAR(decode_seconds(c, 1e9, 1e8, 64), 5e-6 + 64e-8 + 2e-6 + 125e-6, 1e-15);
}

TEST(DecodeLaw, ResidencySpeedsUpOnlyWhatFitsTheCache) {
  DecodeCoefficients c{.seconds_per_byte = 1 / 0.8e12, .cache_bytes = 6e6};
  const double small = decode_seconds(c, 0, 1e5, 0);
  const double large = decode_seconds(c, 0, 1e9, 0);
  c.residency = 3;
  EXPECT_NEAR(decode_seconds(c, 0, 1e5, 0), small / 4, 0.01 * small);
  EXPECT_NEAR(decode_seconds(c, 0, 1e9, 0), large, 1e-5 * large);
}

TEST(PrefillLaw, EqualsItsEquationByHand) {
  PrefillCoefficients c{.launch = 5e-6,
                        .per_wave = 1e-6,
                        .seconds_per_flop = 1e-15,
                        .longest_tile = 0.5 * 100 * 1e-15,
                        .seconds_per_byte = 1e-12,
                        .sharpness = 1,
                        .inverse_sharpness = 1,
                        .path_sharpness = 2,
                        .inverse_path_sharpness = 0.5,
                        .multiprocessors = 100};
  // 250 tiles on 100 multiprocessors are three waves; 3 us of work, 4 us of critical path.
  const double expected = 5e-6 + 3e-6 + 5e-6 + 7e-6;
  PrefillWork work{.flop = 3e9, .bytes = 7e6, .tiles = 250, .tile_flop = 8e7};
  EXPECT_NEAR(prefill_seconds(c, work), expected, 1e-12);
  // A CPU's kernel: 2.25e9 FLOP of 256 that one pair costs, a third of that thrown away, and a
  // softmax of 64: (2.25 + 0.75) 1.25 = 3.75 us; path sqrt(3.75^2 + 5^2) = 6.25 us.
  c.diagonal = 15;
  c.softmax = 64;
  work.flop = 2.25e9;
  work.head_dims = 128;
  work.queries = 0.75e9 / (256 * 15);
  work.tile_flop = 1e8;
  EXPECT_NEAR(prefill_seconds(c, work), 5e-6 + 3e-6 + 6.25e-6 + 7e-6, 1e-12);
}

TEST(AllReduceLaw, EqualsItsEquationByHand) {
  const AllReduceCoefficients c{.latency = 4e-6, .ramp = 1e-9, .seconds_per_byte = 1e-11};
  EXPECT_NEAR(all_reduce_seconds(c, 1e6, 4), 4e-6 + 1e-9 * 1000 + 1.5 * 1e6 * 1e-11, 1e-15);
  EXPECT_NEAR(all_reduce_seconds(c, 1e6, 4, 0.5), 4e-6 + 0.5 * (1e-6 + 1.5e-5), 1e-15);
}

TEST(ExpertLaw, IsTheEuclideanSumTimesTheImbalance) {
  EXPECT_DOUBLE_EQ(expert_seconds(3, 4, 1), 5);
  EXPECT_DOUBLE_EQ(expert_seconds(3, 4, 1.5), 7.5);
}

}  // namespace
}  // namespace microdc
