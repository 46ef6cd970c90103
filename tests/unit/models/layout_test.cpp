#include <gtest/gtest.h>

#include "step_cards.hpp"

namespace microdc {
namespace {

std::vector<std::string> places(const char* name, ParallelLayout layout,
                                Severity severity = Severity::error) {
  std::vector<std::string> found;
  const Diagnostics diagnostics = check_layout(card_named(name), layout);
  for (const Diagnostic& item : diagnostics.items()) {
    if (item.severity == severity) found.push_back(item.place);
  }
  return found;
}

using Places = std::vector<std::string>;

TEST(CheckLayout, UsualLayoutsAreFine) {
  EXPECT_TRUE(check_layout(card_named("llama-3.1-70b"), {.tp = 8}).empty());
  EXPECT_TRUE(check_layout(card_named("llama-3.1-70b"), {.tp = 16, .pp = 2}).empty());
  EXPECT_TRUE(check_layout(card_named("deepseek-v3"), {.tp = 8}).empty());
  EXPECT_TRUE(check_layout(card_named("deepseek-v3"), {.dp = 8, .ep = 8}).empty());
  EXPECT_TRUE(check_layout(card_named("qwen3-235b-a22b"), {.tp = 8, .ep = 8}).empty());
  EXPECT_TRUE(check_layout(card_named("gpt-oss-120b"), {.tp = 2}).empty());
}

TEST(CheckLayout, TensorParallelMustDivide) {
  EXPECT_EQ(places("llama-3.1-8b", {.tp = 3}), (Places{"/tp", "/tp"}));
  EXPECT_EQ(places("llama-3.1-8b", {.tp = 64}), Places{"/tp"});
  const auto errors = check_layout(card_named("llama-3.1-8b"), {.tp = 3});
  EXPECT_EQ(errors.items().front().allowed, "1, 2, 4, 8, 16, 32");
}

TEST(CheckLayout, KvHeadsMustSplitOrCopyEvenly) {
  ModelCard card = card_named("llama-3.1-8b");
  card.heads = 12;
  card.kv_heads = 4;
  card.intermediate = 12 * 64;
  const Diagnostics found = check_layout(card, {.tp = 6});
  ASSERT_EQ(found.items().size(), 1u);
  EXPECT_NE(found.items().front().message.find("KV heads"), std::string::npos);
}

TEST(CheckLayout, ExpertParallelNeedsExpertsAndADivisor) {
  EXPECT_EQ(places("llama-3.1-8b", {.tp = 2, .ep = 2}), Places{"/ep"});
  EXPECT_EQ(places("qwen3-30b-a3b", {.tp = 4, .ep = 3}), Places{"/ep"});
  EXPECT_EQ(places("mixtral-8x7b", {.dp = 16, .ep = 16}), Places{"/ep"});
  // 768 columns of one expert cannot be cut into 5.
  EXPECT_EQ(places("qwen3-30b-a3b", {.dp = 5}), Places{"/ep"});
}

TEST(CheckLayout, DataParallelWithoutExpertsIsAWarning) {
  EXPECT_EQ(places("llama-3.1-8b", {.dp = 2}), Places{});
  EXPECT_EQ(places("llama-3.1-8b", {.dp = 2}, Severity::warning), Places{"/dp"});
}

TEST(CheckLayout, PipelineNeedsALayerPerStage) {
  EXPECT_EQ(places("llama-3.1-8b", {.pp = 33}), Places{"/pp"});
}

TEST(CheckLayout, SizesBelowOneAreReportedAndHarmless) {
  const ParallelLayout layout{.tp = 0, .pp = -1, .dp = 0, .ep = 0};
  EXPECT_EQ(places("qwen3-30b-a3b", layout), (Places{"/tp", "/pp", "/dp", "/ep"}));
  const StepWork work(card_named("qwen3-30b-a3b"), {}, layout);
  EXPECT_GT(work.weight_bytes_per_gpu().value(), 0);
  EXPECT_FALSE(work.token_operators(5).empty());
}

}  // namespace
}  // namespace microdc
