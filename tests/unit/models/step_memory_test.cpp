#include <gtest/gtest.h>

#include "step_cards.hpp"

namespace microdc {
namespace {

constexpr ServedPrecision bf16{};
constexpr ServedPrecision fp8_cache{.kv_cache = NumberFormat::fp8};

double kv_per_gpu(const char* name, ParallelLayout layout, ServedPrecision precision = bf16) {
  return StepWork(card_named(name), precision, layout).kv_bytes_per_token_per_gpu().value();
}

TEST(KvCache, GroupedQueryByHand) {
  // 32 layers * 2 (K and V) * 8 heads * 128 * 2 bytes
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {}), 131072);
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {}, fp8_cache), 65536);
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {.tp = 8}), 131072 / 8);
  // Eight KV heads on 16 ranks: every rank keeps one head, so each head is there twice.
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {.tp = 16}), 131072 / 8);
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {.pp = 2}), 65536);
  EXPECT_EQ(kv_per_gpu("llama-3.1-8b", {.pp = 3}), 11 * 4096);
  EXPECT_EQ(kv_per_gpu("llama-3.1-70b", {.tp = 4}), 80 * 2 * 2 * 128 * 2);
}

TEST(KvCache, LatentIsKeptByEveryRank) {
  EXPECT_EQ(kv_per_gpu("deepseek-v3", {}), (512 + 64) * 61 * 2);
  EXPECT_EQ(kv_per_gpu("deepseek-v3", {.tp = 8}), (512 + 64) * 61 * 2);
  const StepWork work(card_named("deepseek-v3"), bf16, {.tp = 8});
  EXPECT_EQ(work.kv_bytes_per_token(), Bytes(8 * (512 + 64) * 61 * 2));
}

TEST(KvCache, TransferMovesTheHeadsOfAllRanks) {
  const StepWork eight(card_named("llama-3.1-8b"), bf16, {.tp = 8, .pp = 2});
  EXPECT_EQ(eight.kv_bytes_per_token(), Bytes(131072));
  const StepWork sixteen(card_named("llama-3.1-8b"), bf16, {.tp = 16});
  EXPECT_EQ(sixteen.kv_bytes_per_token(), Bytes(2 * 131072));
}

TEST(KvCache, ShortWindowsAreConstantState) {
  const StepWork oss(card_named("gpt-oss-20b"), bf16, {});
  EXPECT_EQ(oss.kv_bytes_per_token_per_gpu(), Bytes(12 * 2 * 8 * 64 * 2));
  EXPECT_EQ(oss.state_bytes_per_sequence_per_gpu(1000), Bytes(12 * 128 * 2 * 8 * 64 * 2));
  EXPECT_EQ(oss.state_bytes_per_sequence_per_gpu(100), Bytes(12 * 100 * 2 * 8 * 64 * 2));
  const StepWork scout(card_named("llama-4-scout"), bf16, {});
  EXPECT_EQ(scout.kv_bytes_per_token_per_gpu(), Bytes(48 * 2 * 8 * 128 * 2));
  EXPECT_EQ(scout.state_bytes_per_sequence_per_gpu(1000), Bytes(0));
}

TEST(KvCache, RecurrentLayersHoldStateInstead) {
  const ModelCard& card = card_named("nemotron-nano-9b-v2");
  const StepWork work(card, bf16, {.tp = 2});
  EXPECT_EQ(work.kv_bytes_per_token_per_gpu(), Bytes(4 * 2 * 4 * 128 * 2));
  // Mamba-2: 128 heads * 80 * 128 in fp32, and 3 inputs of 12288 convolved channels in bf16.
  EXPECT_EQ(work.state_bytes_per_sequence_per_gpu(1000),
            Bytes(27 * (128 * 80 * 128 * 4 + 12288 * 3 * 2) / 2.0));
}

TEST(KvCache, TransferMovesStateToo) {
  // Up to the window every layer of gpt-oss holds every token, whatever its kind.
  const StepWork oss(card_named("gpt-oss-20b"), bf16, {.tp = 2, .pp = 2});
  EXPECT_EQ(oss.cache_bytes_per_sequence(100), Bytes(100.0 * 24 * 2 * 8 * 64 * 2));
  EXPECT_EQ(oss.cache_bytes_per_sequence(1128), Bytes((24 * 128.0 + 12 * 1000) * 2 * 8 * 64 * 2));
}

double weights(const char* name, ParallelLayout layout, NumberFormat format = NumberFormat::bf16) {
  return StepWork(card_named(name), {.weights = format}, layout).weight_bytes_per_gpu().value();
}

TEST(Weights, OneGpuHoldsTheParameters) {
  for (const char* name : {"llama-3.1-8b", "qwen3-0.6b", "qwen3-30b-a3b", "gpt-oss-20b",
                           "llama-4-scout", "nemotron-nano-9b-v2"}) {
    EXPECT_NEAR(weights(name, {}) / (2 * parameter_count(card_named(name))), 1, 2e-4) << name;
  }
}

TEST(Weights, RanksTogetherHoldTheParametersAndCopiesOfNorms) {
  const double one = weights("llama-3.1-8b", {});
  const double norms = 65 * 4096 * 2;
  for (const int tp : {2, 8}) {
    EXPECT_DOUBLE_EQ(tp * weights("llama-3.1-8b", {.tp = tp}), one + (tp - 1) * norms) << tp;
  }
}

TEST(Weights, CopiedKvHeadsCost) {
  const double eight = 8 * weights("qwen3-235b-a22b", {.tp = 8});
  const double four = 4 * weights("qwen3-235b-a22b", {.tp = 4});
  const double copied_kv = 94 * 2.0 * 4 * 128 * 4096 * 2;
  const double norms_and_routers = 4 * (189 + 94.0 * 128) * 4096 * 2;
  EXPECT_NEAR(eight - four, copied_kv + norms_and_routers, 1e-6 * eight);
}

TEST(Weights, QuantisedFormatsSpareEmbeddingsAndHead) {
  const double table = 128256.0 * 4096 * 2;
  const double norms = 65 * 4096 * 2;
  const double linear = 8030261248.0 - 2 * 128256.0 * 4096 - 65 * 4096;
  EXPECT_DOUBLE_EQ(weights("llama-3.1-8b", {}, NumberFormat::fp8), linear + 2 * table + norms);
  EXPECT_DOUBLE_EQ(weights("llama-3.1-8b", {}, NumberFormat::nvfp4),
                   0.5625 * linear + 2 * table + norms);
}

TEST(Weights, PublishedCheckpointSizes) {
  // gpt-oss model card, table 1: 60.8 GiB and 12.8 GiB.
  const double gib = 1024.0 * 1024 * 1024;
  EXPECT_NEAR(weights("gpt-oss-120b", {}, NumberFormat::mxfp4) / gib, 60.8, 0.6);
  EXPECT_NEAR(weights("gpt-oss-20b", {}, NumberFormat::mxfp4) / gib, 12.8, 0.13);
}

TEST(Weights, ExpertParallelHoldsWholeExperts) {
  // 256 experts over 8 ranks, attention copied by every data-parallel rank.
  const double experts = 58 * 32 * 3.0 * 7168 * 2048;
  const double attention_and_rest = weights("deepseek-v3", {}) - 58 * 256 * 3.0 * 7168 * 2048 * 2;
  EXPECT_DOUBLE_EQ(weights("deepseek-v3", {.dp = 8, .ep = 8}), 2 * experts + attention_and_rest);
}

TEST(Weights, PipelineStages) {
  const double tables = 2 * 128256.0 * 8192 * 2;
  const double final_norm = 8192 * 2;
  const double layers = weights("llama-3.1-70b", {}) - tables - final_norm;
  EXPECT_DOUBLE_EQ(weights("llama-3.1-70b", {.pp = 2}), layers / 2 + tables / 2 + final_norm);
  EXPECT_EQ(StepWork(card_named("llama-3.1-70b"), bf16, {}).hidden_bytes_per_token(),
            Bytes(2 * 8192 * 2));
}

}  // namespace
}  // namespace microdc
