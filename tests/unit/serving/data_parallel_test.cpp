// Prompts on data-parallel ranks, and what a step may hold.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/serving/simulation.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

StepCost four_ranks() {
  const Catalogs& known = catalogs();
  const auto laws = make_device_laws(known.hardware, known.profiles, "H100-SXM-80GB", "vllm");
  return {StepWork(*known.models.find("qwen3-30b-a3b"), {}, {.tp = 1, .dp = 4, .ep = 4}),
          *laws,
          *known.engines.find("vllm"),
          1.0,
          {}};
}

double without_experts(StepCost& cost, const std::vector<PrefillChunk>& chunks) {
  const StepBreakdown step = cost.explain({.chunks = chunks});
  return step.kernels - step.experts;
}

PrefillChunk prompt_on(std::uint16_t rank, std::int64_t tokens) { return {tokens, tokens, rank}; }

TEST(DataParallel, APromptStaysOnItsRankAndTheSlowestRankRules) {
  StepCost cost = four_ranks();
  const double one = without_experts(cost, {prompt_on(0, 4000)});
  const StepWork rank(*catalogs().models.find("qwen3-30b-a3b"), {}, {.tp = 1, .dp = 4, .ep = 4});
  double alone = 0;
  for (const auto& list :
       {rank.token_operators(4000), rank.prefill_attention_operators(4000, 4000)}) {
    for (const Operator& op : list) alone += op.count * cost.laws().time(op.kind).value();
  }
  const double factor = catalogs().engines.find("vllm")->kernel_factor->value;
  // The experts' gather and weighted sum come on top.
  EXPECT_GT(one, factor * alone);
  EXPECT_LT(one, 1.1 * factor * alone);
  // A short prompt on another rank is done while the first still runs; on the same rank it is not.
  const double beside = without_experts(cost, {prompt_on(0, 4000), prompt_on(1, 400)});
  const double behind = without_experts(cost, {prompt_on(0, 4000), prompt_on(0, 400)});
  EXPECT_GT(behind - one, 3 * (beside - one));
  EXPECT_DOUBLE_EQ(without_experts(cost, {prompt_on(1, 400), prompt_on(0, 4000)}), beside);
}

TEST(DataParallel, ExpertsWorkOnTheTokensOfAllRanks) {
  StepCost cost = four_ranks();
  const auto experts = [&](const std::vector<PrefillChunk>& chunks) {
    return cost.explain({.chunks = chunks}).experts;
  };
  EXPECT_NEAR(experts({prompt_on(0, 4000), prompt_on(1, 4000)}), experts({prompt_on(2, 8000)}),
              1e-9);
}

TEST(DataParallel, TheFullestRankHasTheDecodesThatDoNotDivide) {
  StepCost cost = four_ranks();
  const auto kernels = [&](std::int64_t sequences) {
    const StepBreakdown step = cost.explain(
        {.decode_sequences = sequences, .decode_kv_tokens = 1000 * sequences, .chunks = {}});
    return step.kernels - step.experts;
  };
  EXPECT_NEAR(kernels(5), kernels(8), 0.01 * kernels(8));
  EXPECT_LT(kernels(4), kernels(5));
}

Scenario four_rank_pool() {
  Scenario scenario = one_accelerator();
  scenario.sites[0].racks[0].servers[0].type = "hgx-h100-4";
  scenario.pools[0].model = "qwen3-30b-a3b";
  scenario.pools[0].dp = 4;
  scenario.pools[0].ep = 4;
  return scenario;
}

std::string steps_of(const Scenario& scenario, const std::vector<PlainRequest>& requests) {
  catalogs();
  return in_child([&] {
    const auto result = simulate(scenario, catalogs(), {stream_of(requests)});
    if (!result) return "failed\n" + to_text(result.diagnostics());
    return fmt::format("{}", result->replicas[0].counters.steps);
  });
}

TEST(DataParallel, TheTokenBudgetOfAStepIsThatOfEachRank) {
  Scenario scenario = four_rank_pool();
  scenario.pools[0].max_num_batched_tokens = 1000;
  scenario.pools[0].engine = "vllm-0.6";
  // The first prompt's step begins when it arrives; the four others share the next, one per rank.
  EXPECT_EQ(steps_of(scenario, {{0, 50, 1}, {0, 1000, 1}, {0, 900, 1}, {0, 800, 1}, {0, 1000, 1}}),
            "2");
  // A long one is cut into its rank's budget.
  EXPECT_EQ(steps_of(scenario, {{0, 4000, 1}}), "4");
}

TEST(TokenBudget, DecodesTakeNoPartWhereStepsDoNotMix) {
  // 100 chats decode; then a prompt of exactly the budget comes.
  std::vector<PlainRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back({0, 10, 200});
  requests.push_back({0.5, 1000, 1});
  Scenario scenario = one_accelerator();
  scenario.pools[0].max_num_batched_tokens = 1000;
  scenario.pools[0].engine = "sglang";
  // The first chat's prompt, its second token, the prompts of the others; 199 steps for their
  // answers, one for the late prompt.
  EXPECT_EQ(steps_of(scenario, requests), "203");
}

}  // namespace
}  // namespace microdc::testing
