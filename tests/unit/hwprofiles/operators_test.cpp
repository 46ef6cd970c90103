#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "hwprofiles/work/operators.hpp"

namespace microdc {
namespace {

TEST(Operators, GemmCountsTwoFlopPerMultiplyAddAndWeightsOnce) {
  const Gemm gemm{.m = 64, .n = 7168, .k = 16384, .format = NumberFormat::bf16};
  EXPECT_DOUBLE_EQ(flop_of(gemm).value(), 2.0 * 64 * 7168 * 16384);
  EXPECT_DOUBLE_EQ(bytes_of(gemm).value(), 2.0 * (7168.0 * 16384 + 64.0 * 16384 + 64.0 * 7168));
}

TEST(Operators, QuantisedGemmReadsItsOwnFormatsAndWrites16Bits) {
  const double m = 8, n = 256, k = 512;
  const auto bytes = [&](NumberFormat format) {
    return bytes_of(Gemm{.m = m, .n = 256, .k = 512, .format = format}).value();
  };
  EXPECT_DOUBLE_EQ(bytes(NumberFormat::fp8), n * k + m * k + 2 * m * n);
  EXPECT_DOUBLE_EQ(bytes(NumberFormat::nvfp4), 0.5625 * (n * k + m * k) + 2 * m * n);
  // Weight-only: activations come in bf16.
  EXPECT_DOUBLE_EQ(bytes(NumberFormat::int4_weight), n * k * 66 / 128 + 2 * m * k + 2 * m * n);
  EXPECT_EQ(arithmetic_format(Gemm{.format = NumberFormat::int4_weight}), NumberFormat::bf16);
  EXPECT_EQ(arithmetic_format(Gemm{.format = NumberFormat::fp8_block}), NumberFormat::fp8);
}

double brute_force_pairs(int new_tokens, int context, int window) {
  double pairs = 0;
  for (int i = 1; i <= new_tokens; ++i) {
    const int visible = context - new_tokens + i;
    pairs += window > 0 ? std::min(visible, window) : visible;
  }
  return pairs;
}

TEST(Operators, PrefillAttentionIsCausalOverItsContext) {
  for (const auto& [new_tokens, context, window] : {std::tuple{16, 16, 0},
                                                    {410, 9158, 0},
                                                    {100, 100, 32},
                                                    {100, 500, 128},
                                                    {50, 60, 40},
                                                    {64, 4096, 4096},
                                                    {1, 1, 1}}) {
    const PrefillAttention op{.new_tokens = static_cast<double>(new_tokens),
                              .context_tokens = static_cast<double>(context),
                              .q_heads = 32,
                              .kv_heads = 8,
                              .qk_dim = 128,
                              .v_dim = 128,
                              .window = static_cast<double>(window)};
    EXPECT_DOUBLE_EQ(flop_of(op).value(),
                     2.0 * 32 * 256 * brute_force_pairs(new_tokens, context, window))
        << new_tokens << " of " << context << ", window " << window;
  }
}

TEST(Operators, PrefillAttentionReadsVisibleKeysOnce) {
  PrefillAttention op{.new_tokens = 100,
                      .context_tokens = 500,
                      .q_heads = 32,
                      .kv_heads = 8,
                      .qk_dim = 128,
                      .v_dim = 128,
                      .kv_format = NumberFormat::fp8};
  const double queries_and_outputs = 100.0 * 32 * 256 * 2;
  EXPECT_DOUBLE_EQ(bytes_of(op).value(), queries_and_outputs + 500.0 * 8 * 256);
  op.window = 128;  // the first query sees 128 keys, each later one moves on by one
  EXPECT_DOUBLE_EQ(bytes_of(op).value(), queries_and_outputs + 227.0 * 8 * 256);
  EXPECT_EQ(arithmetic_format(op), NumberFormat::bf16);
}

TEST(Operators, DecodeAttentionReadsTheCache) {
  const DecodeAttention op{.sequences = 128,
                           .kv_tokens = 128 * 1024,
                           .q_heads = 32,
                           .kv_heads = 8,
                           .qk_dim = 128,
                           .v_dim = 128};
  EXPECT_DOUBLE_EQ(flop_of(op).value(), 4.0 * 128 * 1024 * 32 * 128);
  EXPECT_DOUBLE_EQ(bytes_of(op).value(), 128.0 * 1024 * 8 * 256 * 2 + 2.0 * 128 * 32 * 128 * 2);
}

TEST(Operators, LatentAttentionReadsKeysOnly) {
  const DecodeAttention op{.sequences = 2,
                           .kv_tokens = 2000,
                           .q_heads = 128,
                           .kv_heads = 1,
                           .qk_dim = 576,
                           .v_dim = 512,
                           .shared_kv = true};
  EXPECT_DOUBLE_EQ(flop_of(op).value(), 2.0 * 2000 * 128 * (576 + 512));
  EXPECT_DOUBLE_EQ(bytes_of(op).value(), 2000.0 * 576 * 2 + 2.0 * 128 * (576 + 512) * 2);
}

TEST(Operators, ExpertGemmReadsTouchedExpertsOnly) {
  // One token touches exactly top_k experts.
  const ExpertGemm op{.tokens = 1, .experts = 128, .top_k = 8, .hidden = 2048, .intermediate = 768};
  EXPECT_NEAR(flop_of(op).value(), 2.0 * 8 * 3 * 2048 * 768, 1);
  const double weights = 8.0 * 3 * 2048 * 768 * 2;
  const double activations = 8.0 * ((2048 + 768) * 2 + (2 * 768 + 2048) * 2);
  EXPECT_NEAR(bytes_of(op).value(), weights + activations, 1);
}

TEST(Operators, ExpertGemmIsSplitOverItsRanks) {
  ExpertGemm op{.tokens = 256, .experts = 128, .top_k = 8, .hidden = 2048, .intermediate = 768};
  const double flop = flop_of(op).value();
  const double bytes = bytes_of(op).value();
  op.expert_parallel = 4;
  EXPECT_DOUBLE_EQ(flop_of(op).value(), flop / 4);
  EXPECT_DOUBLE_EQ(bytes_of(op).value(), bytes / 4);
  op.tensor_parallel = 2;
  EXPECT_DOUBLE_EQ(flop_of(op).value(), flop / 8);
  // Hidden states are not split by tensor parallelism.
  EXPECT_GT(bytes_of(op).value(), bytes / 8);
  op.gated = false;
  EXPECT_DOUBLE_EQ(flop_of(op).value(), flop / 8 * 2 / 3);
}

TEST(Operators, MovingBytesIsNoArithmetic) {
  EXPECT_EQ(flop_of(Elementwise{Bytes(5e6)}), Flop(0));
  EXPECT_EQ(bytes_of(Elementwise{Bytes(5e6)}), Bytes(5e6));
  EXPECT_EQ(flop_of(Collective{.message = Bytes(1e6), .group = 8}), Flop(0));
}

/// Draws top_k experts per token independently of each other, as the formula supposes.
double simulated_touched(int tokens, const std::vector<double>& p, int repetitions) {
  std::mt19937_64 random(7);
  double sum = 0;
  for (int r = 0; r < repetitions; ++r) {
    for (const double chance : p) {
      for (int t = 0; t < tokens; ++t) {
        if (static_cast<double>(random() >> 11) * 0x1p-53 < chance) {
          sum += 1;
          break;
        }
      }
    }
  }
  return sum / repetitions;
}

std::vector<double> skewed_probabilities(int experts, int top_k) {
  double total = 0;
  std::vector<double> p(experts);
  for (int i = 0; i < experts; ++i) total += p[i] = 1 / std::sqrt(i + 1.0);
  for (double& chance : p) chance *= top_k / total;
  return p;
}

TEST(ExpertsTouched, AgreesWithTheSumAndWithSimulation) {
  for (const auto& [experts, top_k] : {std::pair{8, 2}, {16, 1}, {60, 4}, {128, 8}, {512, 10}}) {
    const auto p = skewed_probabilities(experts, top_k);
    ASSERT_LT(p[0], 1);
    for (const double tokens : {1.0, 2.0, 7.0, 64.0, 1000.0, 2.5}) {
      double expected = 0;
      for (const double chance : p) expected += 1 - std::pow(1 - chance, tokens);
      EXPECT_NEAR(expected_experts_touched(tokens, experts, top_k), expected, 1e-9 * experts);
    }
  }
  EXPECT_NEAR(expected_experts_touched(10, 64, 6),
              simulated_touched(10, skewed_probabilities(64, 6), 4000), 0.25);
}

TEST(ExpertsTouched, LimitsAndMonotony) {
  EXPECT_EQ(expected_experts_touched(0, 128, 8), 0);
  EXPECT_NEAR(expected_experts_touched(1, 128, 8), 8, 1e-12);
  EXPECT_NEAR(expected_experts_touched(1e7, 128, 8), 128, 1e-9);
  double before = 0;
  for (double tokens = 1; tokens < 5000; tokens *= 1.3) {
    const double touched = expected_experts_touched(tokens, 256, 8);
    EXPECT_GE(touched, before);
    EXPECT_LE(touched, 256);
    EXPECT_LE(touched, 8 * tokens + 1e-9);
    before = touched;
  }
}

TEST(ExpertsTouched, AProbabilityNeverExceedsOneAndOneTokenTouchesTopK) {
  // Of 4 experts and top 3, the first would have p = 1.08: it is always chosen, the rest share 2.
  EXPECT_NEAR(expected_experts_touched(1, 4, 3), 3, 1e-12);
  EXPECT_NEAR(expected_experts_touched(1, 4, 4), 4, 1e-9);
  EXPECT_NEAR(expected_experts_touched(50, 4, 4), 4, 1e-9);
  const double rest = 1 / std::sqrt(2.0) + 1 / std::sqrt(3.0) + 0.5;
  double expected = 1;
  for (const double weight : {1 / std::sqrt(2.0), 1 / std::sqrt(3.0), 0.5}) {
    expected += 1 - std::pow(1 - 2 * weight / rest, 2.0);
  }
  EXPECT_NEAR(expected_experts_touched(2, 4, 3), expected, 1e-12);
}

TEST(ExpertsTouched, IsTheSameFromEveryThread) {
  const double here = expected_experts_touched(37, 384, 8);
  std::vector<double> there(4);
  std::vector<std::thread> threads;
  for (double& result : there) {
    threads.emplace_back([&result] { result = expected_experts_touched(37, 384, 8); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const double result : there) EXPECT_EQ(result, here);
}

}  // namespace
}  // namespace microdc
