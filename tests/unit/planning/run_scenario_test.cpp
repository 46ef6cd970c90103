#include <gtest/gtest.h>

#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using microdc::testing::case_of;
using microdc::testing::catalogs;
using microdc::testing::plain_run;
using microdc::testing::skip_reason;

TEST(RunScenario, ServerAndPoolOfARow) {
  MeasuredRun run = plain_run();
  run.num_gpus = run.tp = 2;
  run.max_num_seqs = 32;
  run.max_num_batched_tokens = 64;
  run.kv_cache_capacity_tokens = 44640;
  run.prefix_caching = 1;
  const RunCase made = case_of(run);
  EXPECT_EQ(made.server.accelerator, "h100-sxm-80gb");
  EXPECT_EQ(made.server.accelerators, 2);
  EXPECT_FALSE(made.server.cpu.empty());
  ASSERT_EQ(made.scenario.pools.size(), 1u);
  const PoolSpec& pool = made.scenario.pools.front();
  EXPECT_EQ(pool.model, "llama-3.1-8b");
  EXPECT_EQ(pool.engine, "vllm");
  EXPECT_EQ(pool.tp, 2);
  EXPECT_EQ(pool.max_num_seqs, 32);
  EXPECT_EQ(pool.max_num_batched_tokens, 64);
  EXPECT_EQ(pool.kv_cache_tokens, 44640);
  EXPECT_TRUE(pool.prefix_caching);
}

TEST(RunScenario, ReplicaOverSeveralServers) {
  MeasuredRun run = plain_run();
  run.num_gpus = run.dp = 16;
  const RunCase made = case_of(run);
  EXPECT_EQ(made.server.accelerators, 8);
  EXPECT_EQ(made.scenario.sites.front().racks.front().servers.front().count, 2);
}

TEST(RunScenario, LimitsAreDividedOnlyWhereTheyAreTotals) {
  MeasuredRun run = plain_run();
  run.num_gpus = run.dp = 4;
  run.arrival_process = "burst_inf_rate";
  run.num_requests = 100;
  run.max_num_seqs = 64;
  EXPECT_EQ(case_of(run).scenario.pools.front().max_num_seqs, 64);
  run.source = "ml-energy-leaderboard";
  EXPECT_EQ(case_of(run).scenario.pools.front().max_num_seqs, 16);
}

TEST(RunScenario, ManyClientsRaiseABlankLimit) {
  MeasuredRun run = plain_run();
  run.concurrency = 5000;
  EXPECT_GE(case_of(run).scenario.pools.front().max_num_seqs.value_or(0), 5000);
}

TEST(RunScenario, StaticBatchIsPrefilledInOneStep) {
  MeasuredRun run = plain_run();
  run.serving_mode = run.arrival_process = "static_batch";
  run.concurrency = 8;
  const PoolSpec pool = case_of(run).scenario.pools.front();
  EXPECT_EQ(pool.max_num_seqs, 8);
  EXPECT_EQ(pool.max_num_batched_tokens, 8000);
}

TEST(RunScenario, NumberFormats) {
  const auto weights = [](const std::string& model, const std::string& precision) {
    MeasuredRun run = plain_run();
    run.gpu = "B200-SXM-180GB";
    run.num_gpus = run.tp = 8;
    run.model = model;
    run.weight_precision = precision;
    return case_of(run).scenario.pools.front().weights;
  };
  EXPECT_EQ(weights("meta-llama/Llama-3.1-70B", "fp8"), "fp8");
  EXPECT_EQ(weights("meta-llama/Llama-3.1-70B", "fp4"), "nvfp4");
  EXPECT_EQ(weights("meta-llama/Llama-3.1-70B", "16-bit"), "bf16");
  EXPECT_EQ(weights("meta-llama/Llama-3.1-70B", "unspecified"), "bf16");
  EXPECT_EQ(weights("deepseek-ai/DeepSeek-R1", "fp8"), "fp8_block");
  EXPECT_EQ(weights("deepseek-ai/DeepSeek-R1", ""), "fp8_block");
}

TEST(RunScenario, KvFormatOfASource) {
  MeasuredRun run = plain_run();
  run.weight_precision = "fp8";
  run.source = "aiconfigurator-silicon/inferencex";
  EXPECT_EQ(case_of(run).scenario.pools.front().kv_cache, "fp8");
  run.kv_precision = "bf16";
  EXPECT_EQ(case_of(run).scenario.pools.front().kv_cache, "bf16");
  run.kv_precision = "";
  run.weight_precision = "bf16";
  EXPECT_EQ(case_of(run).scenario.pools.front().kv_cache, "");
}

TEST(RunScenario, WeightsThatLeaveNoRoomAreAnAssumption) {
  MeasuredRun run = plain_run();
  run.model = "meta-llama/Llama-3.1-70B";
  const RunCase made = case_of(run);
  ASSERT_EQ(made.assumptions.size(), 1u);
  EXPECT_GT(made.scenario.pools.front().kv_cache_tokens.value_or(0), 1200);
}

TEST(RunScenario, UnknownEngineIsAnAssumption) {
  MeasuredRun run = plain_run();
  run.engine = "abacus";
  const RunCase made = case_of(run);
  EXPECT_EQ(made.scenario.pools.front().engine, "vllm");
  ASSERT_EQ(made.assumptions.size(), 1u);
  EXPECT_EQ(made.assumptions.front(), "engine \"abacus\" taken as vLLM");
}

TEST(RunScenario, UnknownFormatsAreAssumptions) {
  MeasuredRun run = plain_run();
  run.weight_precision = "roman";
  run.kv_precision = "greek";
  const RunCase made = case_of(run);
  EXPECT_EQ(made.scenario.pools.front().weights, "bf16");
  EXPECT_EQ(made.scenario.pools.front().kv_cache, "");
  EXPECT_EQ(made.assumptions.size(), 2u);
}

TEST(RunScenario, DisaggregatedPools) {
  MeasuredRun run = plain_run();
  run.serving_mode = "disaggregated";
  run.notes = "prefill tp=1 dp=1 workers=2; decode tp=2 dp=1 workers=1";
  const Scenario scenario = case_of(run).scenario;
  ASSERT_EQ(scenario.pools.size(), 2u);
  EXPECT_EQ(scenario.pools[0].role, PoolSpec::Role::decode);
  EXPECT_EQ(scenario.pools[1].role, PoolSpec::Role::prefill);
  EXPECT_EQ(scenario.pools[1].decode_pool, scenario.pools[0].name);
  EXPECT_EQ(scenario.pools[1].replicas, 2);
  EXPECT_EQ(scenario.workloads.front().pool, scenario.pools[1].name);
}

TEST(RunScenario, EngineOfAVersion) {
  const EngineCatalog& engines = catalogs().engines;
  EXPECT_EQ(find_engine(engines, "vllm", "2023 (unstated)")->name, "eager-2023");
  EXPECT_EQ(find_engine(engines, "vllm", "0.11.1")->name, "vllm-0.11.1");
  EXPECT_EQ(find_engine(engines, "vllm", "0.6.0")->name, "vllm-0.6");
  EXPECT_EQ(find_engine(engines, "vllm", "0.19.0")->name, "vllm");
  EXPECT_EQ(find_engine(engines, "vLLM", "")->name, "vllm");
  EXPECT_EQ(find_engine(engines, "tensorrt-llm", "1.2.0rc6.post3")->name, "tensorrt-llm");
  EXPECT_EQ(find_engine(engines, "abacus", "1"), nullptr);
}

TEST(RunScenario, ModelWithoutItsFormatSuffix) {
  const ModelCatalog& models = catalogs().models;
  ASSERT_NE(find_model(models, "nobody/Qwen3-8B-AWQ"), nullptr);
  EXPECT_EQ(find_model(models, "nobody/Qwen3-8B-AWQ")->name, "qwen3-8b");
  EXPECT_EQ(find_model(models, "nobody/some-model-FP8"), nullptr);
}

TEST(RunScenario, Skips) {
  EXPECT_EQ(skip_reason(plain_run()), "");
  MeasuredRun run = plain_run();
  run.quality = "C";
  EXPECT_EQ(skip_reason(run), "quality C: not to be scored");
  run = plain_run();
  run.gpu = "abacus";
  EXPECT_EQ(skip_reason(run), "GPU \"abacus\" is not in the catalog");
  run = plain_run();
  run.model = "nobody/nothing";
  EXPECT_EQ(skip_reason(run), "model \"nobody/nothing\" is not in the catalog (--model-dir)");
  run = plain_run();
  run.measured.clear();
  EXPECT_EQ(skip_reason(run), "nothing was measured");
}

}  // namespace
}  // namespace microdc
