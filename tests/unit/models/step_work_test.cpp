#include <gtest/gtest.h>

#include <utility>

#include "step_cards.hpp"

namespace microdc {
namespace {

constexpr ServedPrecision plain{};

/// Arithmetic of a step that decodes `batch` sequences with one cached token each.
double decode_flop(const StepWork& work, double batch) {
  return total_flop(work.token_operators(batch)) + total_flop(work.expert_operators(batch)) +
         total_flop(work.head_operators(batch)) +
         total_flop(work.decode_attention_operators(batch, batch));
}

/// Two FLOP per parameter that takes part in arithmetic: all but the embedding table.
double expected_decode_flop(const ModelCard& card, double batch) {
  const double table = card.tied_embeddings ? 0 : embedding_parameter_count(card);
  return 2 * batch * (active_parameter_count(card) - table);
}

TEST(StepWork, DecodeArithmeticIsTwiceTheActiveParameters) {
  for (const char* name :
       {"llama-3.1-8b", "qwen3-8b", "qwen3-0.6b", "qwen3-30b-a3b", "mixtral-8x7b", "deepseek-v3",
        "gpt-oss-20b", "llama-4-maverick", "minimax-m2.5", "nemotron-nano-9b-v2"}) {
    const ModelCard& card = card_named(name);
    const StepWork work(card, plain, {});
    EXPECT_NEAR(decode_flop(work, 16) / expected_decode_flop(card, 16), 1, 0.002) << name;
  }
}

/// The router is the only GEMM that every tensor-parallel rank repeats in full.
TEST(StepWork, TensorParallelRanksShareTheArithmetic) {
  for (const char* name : {"llama-3.1-70b", "qwen3-235b-a22b", "gpt-oss-120b"}) {
    const ModelCard& card = card_named(name);
    const StepWork one(card, plain, {});
    const StepWork four(card, plain, {.tp = 4});
    const double experts = card.moe ? static_cast<double>(card.moe->experts) : 0;
    const double router = 2.0 * 32 * static_cast<double>(card.hidden * moe_layers(card)) * experts;
    EXPECT_DOUBLE_EQ(4 * decode_flop(four, 32), decode_flop(one, 32) + 3 * router) << name;
  }
}

TEST(StepWork, NothingToDoIsNoWork) {
  const StepWork work(card_named("llama-3.1-8b"), plain, {});
  EXPECT_TRUE(work.token_operators(0).empty());
  EXPECT_TRUE(work.expert_operators(5).empty()) << "a model without experts";
  EXPECT_TRUE(StepWork(card_named("deepseek-v3"), plain, {}).expert_operators(0).empty());
  EXPECT_TRUE(work.head_operators(0).empty());
  EXPECT_TRUE(work.decode_attention_operators(0, 0).empty());
  EXPECT_TRUE(work.prefill_attention_operators(0, 0).empty());
}

TEST(StepWork, Llama8BShapes) {
  const StepWork work(card_named("llama-3.1-8b"), {.weights = NumberFormat::fp8}, {.tp = 2});
  const auto gemms = operators_of<Gemm>(work.token_operators(100));
  ASSERT_EQ(gemms.size(), 4u);
  const std::vector<std::pair<std::int64_t, std::int64_t>> shapes{
      {(16 + 2 * 4) * 128, 4096}, {4096, 16 * 128}, {2 * 7168, 4096}, {4096, 7168}};
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    EXPECT_EQ(gemms[i].first.n, shapes[i].first) << i;
    EXPECT_EQ(gemms[i].first.k, shapes[i].second) << i;
    EXPECT_EQ(gemms[i].first.m, 100) << i;
    EXPECT_EQ(gemms[i].first.format, NumberFormat::fp8) << i;
    EXPECT_EQ(gemms[i].second, 32) << i;
  }
  const auto collectives = operators_of<Collective>(work.token_operators(100));
  double all_reduces = 0;
  for (const auto& [collective, count] : collectives) {
    EXPECT_EQ(collective.kind, CollectiveKind::all_reduce);
    EXPECT_EQ(collective.message, Bytes(100 * 4096 * 2));
    EXPECT_EQ(collective.group, 2);
    all_reduces += count;
  }
  EXPECT_EQ(all_reduces, 64);
}

TEST(StepWork, OneGpuHasNoCollectives) {
  for (const char* name : {"llama-3.1-8b", "deepseek-v3", "nemotron-nano-9b-v2"}) {
    const StepWork work(card_named(name), plain, {});
    EXPECT_TRUE(operators_of<Collective>(work.token_operators(10)).empty()) << name;
    EXPECT_TRUE(operators_of<Collective>(work.head_operators(10)).empty()) << name;
  }
}

TEST(StepWork, HeadStaysInBf16) {
  const StepWork work(card_named("llama-3.1-8b"), {.weights = NumberFormat::nvfp4}, {.tp = 4});
  const auto gemms = operators_of<Gemm>(work.head_operators(7));
  ASSERT_EQ(gemms.size(), 1u);
  EXPECT_EQ(gemms[0].first.n, 128256 / 4);
  EXPECT_EQ(gemms[0].first.k, 4096);
  EXPECT_EQ(gemms[0].first.m, 7);
  EXPECT_EQ(gemms[0].first.format, NumberFormat::bf16);
}

TEST(StepWork, KvHeadsAreCopiedWhenThereAreMoreRanks) {
  const StepWork work(card_named("qwen3-235b-a22b"), plain, {.tp = 8});
  const auto attention =
      operators_of<DecodeAttention>(work.decode_attention_operators(10, 5000)).at(0);
  EXPECT_EQ(attention.first.q_heads, 8);
  EXPECT_EQ(attention.first.kv_heads, 1);
  EXPECT_EQ(attention.first.kv_tokens, 5000);
  EXPECT_EQ(attention.second, 94);
}

TEST(StepWork, PrefillAttentionArithmetic) {
  const StepWork work(card_named("llama-3.1-8b"), plain, {});
  const double n = 1000;
  EXPECT_NEAR(total_flop(work.prefill_attention_operators(n, n)),
              32 * 4 * 32 * 128 * n * (n + 1) / 2, 1e6);
}

TEST(StepWork, SlidingWindowBoundsTheDecodeRead) {
  const StepWork work(card_named("gpt-oss-20b"), plain, {});
  const auto far = operators_of<DecodeAttention>(work.decode_attention_operators(4, 4000));
  ASSERT_EQ(far.size(), 2u);
  EXPECT_EQ(far[0].first.kv_tokens, 4000);
  EXPECT_EQ(far[0].second, 12);
  EXPECT_EQ(far[1].first.kv_tokens, 4 * 128);
  EXPECT_EQ(far[1].second, 12);
  const auto near = operators_of<DecodeAttention>(work.decode_attention_operators(4, 200));
  EXPECT_EQ(near[1].first.kv_tokens, 200);
  const auto prefill = operators_of<PrefillAttention>(work.prefill_attention_operators(500, 900));
  ASSERT_EQ(prefill.size(), 2u);
  EXPECT_EQ(prefill[0].first.window, 0);
  EXPECT_EQ(prefill[1].first.window, 128);
}

TEST(StepWork, Fp4LeavesAttentionOfGptOssAndDeepSeekInBf16) {
  const auto formats = [](const char* name, NumberFormat weights) {
    const StepWork work(card_named(name), {.weights = weights}, {});
    return std::pair(operators_of<Gemm>(work.token_operators(8)).at(0).first.format,
                     operators_of<ExpertGemm>(work.expert_operators(8)).at(0).first.format);
  };
  using enum NumberFormat;
  EXPECT_EQ(formats("gpt-oss-20b", mxfp4), std::pair(bf16, mxfp4));
  EXPECT_EQ(formats("deepseek-v3", nvfp4), std::pair(bf16, nvfp4));
  EXPECT_EQ(formats("deepseek-v3", fp8_block), std::pair(fp8_block, fp8_block));
  EXPECT_EQ(formats("qwen3-30b-a3b", nvfp4), std::pair(nvfp4, nvfp4));
}

TEST(StepWork, LatentAttentionReadsOneLatentForAllHeads) {
  const StepWork work(card_named("deepseek-v3"), plain, {.tp = 8});
  const auto ops = work.decode_attention_operators(3, 600);
  const auto attention = operators_of<DecodeAttention>(ops).at(0).first;
  EXPECT_EQ(attention.q_heads, 16);
  EXPECT_EQ(attention.kv_heads, 1);
  EXPECT_EQ(attention.qk_dim, 576);
  EXPECT_EQ(attention.v_dim, 512);
  EXPECT_TRUE(attention.shared_kv);
  double absorbed = 0;
  for (const auto& [gemm, count] : operators_of<Gemm>(ops)) {
    absorbed += flop_of(gemm).value() * count;
  }
  EXPECT_DOUBLE_EQ(absorbed, 61 * 2.0 * 3 * 16 * 512 * (128 + 128));
  const auto prefill = work.prefill_attention_operators(100, 300);
  const auto expanded = operators_of<PrefillAttention>(prefill).at(0).first;
  EXPECT_EQ(expanded.kv_heads, 16);
  EXPECT_EQ(expanded.qk_dim, 192);
  EXPECT_EQ(expanded.v_dim, 128);
  EXPECT_EQ(operators_of<Gemm>(prefill).at(0).first.m, 300) << "cached latents are expanded too";
}

TEST(StepWork, ExpertsOverDataParallelRanks) {
  const StepWork work(card_named("qwen3-30b-a3b"), plain, {.tp = 1, .dp = 4, .ep = 4});
  const auto experts = operators_of<ExpertGemm>(work.expert_operators(40)).at(0);
  EXPECT_EQ(experts.first.tokens, 40);
  EXPECT_EQ(experts.first.expert_parallel, 4);
  EXPECT_EQ(experts.first.tensor_parallel, 1);
  EXPECT_EQ(experts.second, 48);
  const auto collectives = operators_of<Collective>(work.token_operators(10));
  ASSERT_EQ(collectives.size(), 2u);
  for (const auto& [collective, count] : collectives) {
    EXPECT_EQ(collective.kind, CollectiveKind::all_to_all);
    EXPECT_EQ(collective.group, 4);
    EXPECT_EQ(count, 48);
    // A token reaches 4 * (1 - 0.75^8) = 3.6 of four ranks.
    EXPECT_NEAR(collective.message.value(), 10 * 3.5995 * 2048 * 2, 10);
  }
}

TEST(StepWork, ExpertsSplitOverAllRanksNeedAllTokens) {
  const StepWork work(card_named("qwen3-30b-a3b"), plain, {.tp = 1, .dp = 4, .ep = 1});
  EXPECT_TRUE(operators_of<Collective>(work.token_operators(10)).empty());
  for (const auto& [collective, count] : operators_of<Collective>(work.expert_operators(40))) {
    EXPECT_EQ(collective.message, Bytes(40 * 2048 * 2));
    EXPECT_EQ(collective.group, 4);
  }
  EXPECT_EQ(operators_of<Collective>(work.expert_operators(40)).size(), 2u);
}

TEST(StepWork, ExpertsOverTensorParallelRanksAreReduced) {
  const StepWork work(card_named("qwen3-30b-a3b"), plain, {.tp = 4, .ep = 4});
  const auto experts = operators_of<ExpertGemm>(work.expert_operators(10)).at(0).first;
  EXPECT_EQ(experts.tokens, 10);
  EXPECT_EQ(experts.expert_parallel, 4);
  EXPECT_EQ(experts.tensor_parallel, 1);
  for (const auto& [collective, count] : operators_of<Collective>(work.token_operators(10))) {
    EXPECT_EQ(collective.kind, CollectiveKind::all_reduce);
    EXPECT_EQ(count, 48);
  }
  const StepWork split(card_named("qwen3-30b-a3b"), plain, {.tp = 4});
  EXPECT_EQ(operators_of<ExpertGemm>(split.expert_operators(10)).at(0).first.tensor_parallel, 4);
}

TEST(StepWork, ArithmeticGrowsWithTokens) {
  const StepWork work(card_named("deepseek-v3"), {.weights = NumberFormat::fp8_block},
                      {.tp = 1, .dp = 8, .ep = 8});
  double before = 0;
  for (double tokens = 1; tokens < 10000; tokens *= 1.7) {
    const double now =
        total_flop(work.token_operators(tokens)) + total_flop(work.expert_operators(8 * tokens));
    EXPECT_GT(now, before);
    before = now;
  }
}

}  // namespace
}  // namespace microdc
