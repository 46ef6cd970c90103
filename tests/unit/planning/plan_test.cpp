// Planning: what is enumerated, what is ruled out, what is chosen, and that nothing is lost.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/judge.hpp"
#include "sim/planning/plan/search.hpp"
#include "sim/planning/workers.hpp"
#include "tests/support/forked.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;
using testing::in_child;
using testing::plan_knowledge;

/// Sixty people, two days' worth of choices: small enough to simulate everything.
Scenario small_office() {
  Scenario scenario = testing::chat_office("small-office", 60, 800, 150);
  scenario.choices.servers = {"gpu-pcie-1x-l4", "gpu-pcie-1x-l40s", "workstation-1x-rtx-4090",
                              "cpu-2x-epyc-9755"};
  scenario.choices.models = {"qwen3-8b", "qwen3-14b"};
  scenario.choices.weights = {"", "fp8"};
  scenario.choices.max_servers = 2;
  return scenario;
}

Plan planned(const Scenario& scenario, EvaluationStore& store, int jobs) {
  const PlanSettings settings{.jobs = jobs, .draws = 4, .finalists = 2};
  auto plan = make_plan(scenario, catalogs(), plan_knowledge(), store, settings);
  EXPECT_TRUE(plan) << to_text(plan.diagnostics());
  return plan ? std::move(*plan) : Plan{};
}

std::string answer(const Scenario& scenario, EvaluationStore& store, int jobs) {
  return plan_json(planned(scenario, store, jobs), scenario, std::nullopt, "").dump();
}

TEST(Plan, CombinationsAreThoseOfTheChoices) {
  Scenario scenario = small_office();
  scenario.choices.servers = {"gpu-pcie-4x-l4"};
  scenario.choices.max_servers = 1;
  scenario.choices.tp = {1, 2, 4, 8};
  scenario.choices.spare_servers = {0, 1};
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all) << to_text(all.diagnostics());
  // 2 models, 2 formats, tp of 1, 2 or 4 (8 does not fit), with and without a spare server.
  EXPECT_EQ(all->size(), 2u * 2 * 3 * 2);
  std::set<std::string> names;
  for (const Candidate& candidate : *all) {
    names.insert(text_of(candidate));
    EXPECT_EQ(candidate.pools[0].replicas, 4 / candidate.pools[0].tp);
  }
  EXPECT_EQ(names.size(), all->size());
}

TEST(Plan, ServersWithAcceleratorsComeWithEveryHostChosen) {
  Scenario scenario = small_office();
  scenario.choices = {.servers = {"gpu-pcie-4x-l4", "cpu-2x-epyc-9654"},
                      .host_cpus = {"epyc-9575f"},
                      .tp = {1},
                      .max_servers = 1,
                      .spare_servers = {0}};
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all) << to_text(all.diagnostics());
  std::set<std::string> types;
  for (const Candidate& candidate : *all) types.insert(candidate.server);
  EXPECT_EQ(types, (std::set<std::string>{"gpu-pcie-4x-l4", "gpu-pcie-4x-l4@epyc-9575f",
                                          "cpu-2x-epyc-9654"}));
  scenario.choices.servers.push_back("gpu-pcie-4x-l4@epyc-9575f");
  scenario.choices.servers.push_back("gpu-pcie-4x-l4");
  const auto twice = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(twice);
  EXPECT_EQ(twice->size(), all->size()) << "what is named twice is one choice";
}

TEST(Plan, TwoPoolsShareTheDevices) {
  Scenario scenario = small_office();
  scenario.pools.push_back({.name = "letters", .model = "qwen3-14b"});
  scenario.workloads[0].pool = "chat";
  scenario.choices = {
      .servers = {"gpu-pcie-4x-l4"}, .tp = {1}, .max_servers = 1, .spare_servers = {0}};
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);  // one pool or the other has what is left
  for (const Candidate& candidate : *all) {
    EXPECT_EQ(candidate.pools[0].replicas + candidate.pools[1].replicas, 4);
  }
}

TEST(Plan, ABillionCombinationsAreCountedAndNotMade) {
  Scenario scenario = small_office();
  scenario.choices = {.max_servers = 1000, .max_candidates = 20000};
  for (int i = 0; i < 20; ++i) scenario.choices.models.push_back("qwen3-8b");
  for (int i = 0; i < 3; ++i) {
    scenario.pools.push_back(scenario.pools.front());
    scenario.pools.back().name = "pool" + std::to_string(i);
  }
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_FALSE(all);
  EXPECT_EQ(all.diagnostics().exit_code(), 2);
  EXPECT_EQ(all.diagnostics().items().front().place, "/choices");
}

TEST(Plan, UnknownNamesAreAllReported) {
  Scenario scenario = small_office();
  scenario.choices.servers = {"gpu-pcie-1x-l4x"};
  scenario.choices.models = {"qwen3-8bb"};
  scenario.choices.weights = {"fp9"};
  scenario.choices.host_cpus = {"epyc-9575x"};
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_FALSE(all);
  ASSERT_EQ(all.diagnostics().items().size(), 4u);
  EXPECT_NE(all.diagnostics().items()[0].fix.find("gpu-pcie-1x-l4"), std::string::npos);
}

TEST(Plan, AvailabilityIsTheBinomialOfServers) {
  // By hand: 0.99^2; 0.99^3 + 3 * 0.01 * 0.99^2.
  EXPECT_NEAR(availability_of_servers(0.99, 2, 0), 0.9801, 1e-12);
  EXPECT_NEAR(availability_of_servers(0.99, 2, 1), 0.999702, 1e-12);
  ServerType type;
  type.accelerators = 8;
  FailureFigures figures = plan_knowledge().failures;
  figures.server_failures_per_year->value = 0.1;
  figures.accelerator_failures_per_year->value = 0.1;
  figures.repair_time->value = seconds_per_year / 100;
  EXPECT_NEAR(server_availability(type, {}, figures), 1 / 1.009, 1e-12);
  const FailureSpec own{.server_mtbf = Seconds(900), .repair_time = Seconds(100)};
  EXPECT_NEAR(server_availability(type, own, figures), 0.9, 1e-12);
}

TEST(Plan, GrowthMultipliesTheLoad) {
  const auto once = busiest_week(small_office(), ".");
  ASSERT_TRUE(once);
  const auto twice = grown_week(*once, 2);
  ASSERT_TRUE(twice);
  EXPECT_EQ(once->weeks_looked_at, 13);
  EXPECT_NEAR(static_cast<double>(twice->requests) / static_cast<double>(once->requests), 2, 0.2);
  // 60 people, half of them active, 10.3 prompts each, five days.
  EXPECT_NEAR(static_cast<double>(once->requests), 60 * 0.5 * 10.3 * 5, 250);
}

TEST(Plan, CountsTheDocumentsBeforePrompts) {
  Scenario scenario = small_office();
  const auto plain = busiest_week(scenario, ".");
  scenario.knowledge_bases = {{.name = "files", .chunk_tokens = 256, .servers = "elsewhere"}};
  scenario.workloads[0].retrieval = RetrievalSpec{.knowledge_base = "files", .chunks = 5};
  const auto longer = busiest_week(scenario, ".");
  ASSERT_TRUE(plain && longer);
  EXPECT_NEAR(longer->pools[0].mean_prompt() - plain->pools[0].mean_prompt(), 5 * 256, 1e-6);
  EXPECT_NEAR(longer->pools[0].prompt_quantile(0.5) - plain->pools[0].prompt_quantile(0.5), 5 * 256,
              1e-6);
  const Candidate candidate{
      .server = "gpu-pcie-1x-l4", .sites = {0}, .pools = {{.model = "qwen3-8b", .engine = "vllm"}}};
  EXPECT_EQ(scenario_of(scenario, candidate).knowledge_bases[0].servers, "");
  // An L4 reads prompts of 800 tokens within 300 ms, but not with 1,024 tokens more, which no cache
  // has: only the first of the five documents may be there.
  const auto rules_out = [&](const Demand& demand) {
    Bounds bounds(demand, catalogs(), plan_knowledge());
    const auto misses = bounds.misses(candidate);
    return std::any_of(misses.begin(), misses.end(),
                       [](const Miss& miss) { return miss.need == Need::ttft; });
  };
  Demand short_prompts = *plain;
  Demand long_prompts = *longer;
  short_prompts.scenario.slo.ttft = long_prompts.scenario.slo.ttft = Seconds(0.3);
  EXPECT_FALSE(rules_out(short_prompts));
  EXPECT_TRUE(rules_out(long_prompts));
}

TEST(Plan, DrawsFindTracesBesideTheScenario) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("microdc-plan-trace-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "asked.csv") << "TIMESTAMP,ContextTokens,GeneratedTokens\n"
                                         "2023-11-16 18:00:00.0000000,400,30\n"
                                         "2023-11-16 18:00:05.0000000,300,20\n";
  Scenario scenario = small_office();
  scenario.workloads = {{.name = "asked", .kind = "trace", .trace_file = "asked.csv"}};
  const auto demand = busiest_week(scenario, folder);
  ASSERT_TRUE(demand) << to_text(demand.diagnostics());
  const Candidate candidate{
      .server = "gpu-pcie-1x-l4", .sites = {0}, .pools = {{.model = "qwen3-8b", .engine = "vllm"}}};
  const auto week = drawn_week(*demand, 1);
  ASSERT_TRUE(week) << to_text(week.diagnostics());
  const std::string drawn = in_child([&] {
    const Evaluation evaluation = evaluate(*week, catalogs(), candidate, 1);
    return evaluation.failure + std::to_string(evaluation.completed);
  });
  EXPECT_EQ(drawn, "2");
  std::filesystem::remove_all(folder);
}

TEST(Plan, ChoosesWhatSimulatingEverythingWouldChoose) {
  const Scenario scenario = small_office();
  EvaluationStore store;
  const Plan plan = planned(scenario, store, 2);
  ASSERT_TRUE(plan.recommended);

  const auto demand = busiest_week(scenario, ".");
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(demand && all);
  const auto answers = run_in_workers(all->size(), 2, [&](std::size_t i) {
    return to_line(evaluate(*demand, catalogs(), (*all)[i]));
  });
  Bounds bounds(*demand, catalogs(), plan_knowledge());
  double best = 1e300;
  std::string best_text;
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto evaluation = evaluation_of_line(answers[i].text);
    ASSERT_TRUE(evaluation) << answers[i].text;
    if (!misses_of(*evaluation, demand->scenario).empty() || !evaluation->per_year) continue;
    if (*evaluation->per_year >= best) continue;
    best = *evaluation->per_year;
    best_text = text_of((*all)[i]);
  }
  // The cheapest of all, unless the plan says which one it prefers to it.
  const std::size_t cheapest = plan.preference ? plan.preference->over : *plan.recommended;
  EXPECT_EQ(text_of(plan.judged[cheapest].candidate), best_text);
  // What bounds ruled out fails when it is simulated all the same.
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto misses = bounds.misses((*all)[i]);
    const bool out = std::any_of(misses.begin(), misses.end(),
                                 [](const Miss& miss) { return miss.excess() > near_miss; });
    if (!out) continue;
    const auto evaluation = evaluation_of_line(answers[i].text);
    const bool price_unknown = misses.front().need == Need::price_known;
    EXPECT_TRUE(price_unknown || !misses_of(*evaluation, demand->scenario).empty())
        << text_of((*all)[i]) << " was ruled out by " << text_of(misses.front().need);
  }
}

TEST(Plan, WhatTheAnswerNamesWasSimulatedToItsEnd) {
  Scenario scenario = small_office();
  scenario.slo.ttft = Seconds(0.02);
  EvaluationStore store;
  const Plan plan = planned(scenario, store, 2);
  ASSERT_TRUE(plan.nearest_miss);
  bool one_given_up = false;
  for (const Judged& judged : plan.judged) one_given_up |= judged.evaluation.stopped;
  EXPECT_TRUE(one_given_up) << "else this test shows nothing";
  EXPECT_FALSE(plan.judged[*plan.nearest_miss].evaluation.stopped);
  EXPECT_TRUE(plan.judged[*plan.nearest_miss].evaluation.per_year);
  if (plan.binding) {
    EXPECT_FALSE(plan.judged[plan.binding->judged].evaluation.stopped);
  }
  if (plan.other_kind) {
    EXPECT_FALSE(plan.judged[*plan.other_kind].evaluation.stopped);
  }
}

TEST(Plan, SameBytesWithOneOrTwoWorkers) {
  EvaluationStore one, two;
  EXPECT_EQ(answer(small_office(), one, 1), answer(small_office(), two, 2));
}

TEST(Plan, GoesOnAfterAnInterruptionAndLosesNothing) {
  const auto file = std::filesystem::temp_directory_path() /
                    ("microdc-plan-" + std::to_string(::getpid()) + ".tsv");
  std::filesystem::remove(file);
  const Scenario scenario = small_office();
  EvaluationStore whole;
  const std::string expected = answer(scenario, whole, 2);
  std::size_t kept = 0;
  {
    auto store = EvaluationStore::open(file, "inputs");
    ASSERT_TRUE(store);
    std::atomic<bool> interrupt{false};
    PlanSettings settings{.jobs = 2, .draws = 4, .finalists = 2, .interrupt = &interrupt};
    settings.progress = [&](double share, const std::string&) { interrupt = share > 0.1; };
    const auto plan = make_plan(scenario, catalogs(), plan_knowledge(), *store, settings);
    ASSERT_TRUE(plan);
    EXPECT_TRUE(plan->interrupted);
    EXPECT_FALSE(plan->recommended);
    kept = store->size();
    EXPECT_GT(kept, 0u);
    EXPECT_GT(plan->simulated, 0u);
  }
  std::ofstream(file, std::ios::app) << "inputs\tcut sho";  // as by a power failure
  auto store = EvaluationStore::open(file, "inputs");
  ASSERT_TRUE(store);
  EXPECT_EQ(store->size(), kept);
  Plan plan = planned(scenario, *store, 2);
  EXPECT_GE(plan.remembered, kept);
  EXPECT_EQ(plan_json(plan, scenario, std::nullopt, "").dump(), expected);
  EXPECT_EQ(EvaluationStore::open(file, "other inputs")->size(), 0u);
  std::filesystem::remove(file);
}

TEST(Plan, WhatCannotBeMetNamesTheNearestMissAndItsPrice) {
  Scenario scenario = small_office();
  scenario.needs.budget = Money(10);  // dollars
  EvaluationStore store;
  const Plan none = planned(scenario, store, 2);
  EXPECT_FALSE(none.recommended);
  EXPECT_GT(none.ruled_out[static_cast<std::size_t>(Need::budget)], 0u);
  ASSERT_TRUE(none.nearest_miss);
  const Judged& nearest = none.judged[*none.nearest_miss];
  EXPECT_NEAR(nearest.excess(), *nearest.evaluation.purchase / 10 - 1, 1e-6);
  // A budget that is a little too small leaves a near miss.
  scenario.needs.budget.reset();
  const Plan plan = planned(scenario, store, 2);
  ASSERT_TRUE(plan.recommended);
  double cheapest = 1e300;
  for (const Judged& judged : plan.judged) {
    if (judged.feasible()) cheapest = std::min(cheapest, *judged.evaluation.purchase);
  }
  scenario.needs.budget = Money(0.95 * cheapest);
  const Plan near = planned(scenario, store, 2);
  EXPECT_FALSE(near.recommended);
  ASSERT_TRUE(near.nearest_miss);
  EXPECT_NEAR(near.judged[*near.nearest_miss].excess(), 1 / 0.95 - 1, 1e-9);
}

Judged judged_with(double per_year, double ttft, double quality) {
  Judged judged;
  judged.evaluation.per_year = per_year;
  judged.evaluation.purchase = per_year;
  judged.evaluation.ttft = ttft;
  judged.quality = quality;
  return judged;
}

TEST(Plan, TheFrontHoldsWhatNothingBeats) {
  const std::vector<Judged> judged{judged_with(10, 2, 80), judged_with(12, 1, 80),
                                   judged_with(13, 1, 80), judged_with(20, 2, 85),
                                   judged_with(9, 3, 70)};
  EXPECT_EQ(pareto_front(judged), (std::vector<std::size_t>{4, 0, 1, 3}));
}

TEST(Plan, TheBindingNeedIsTheOneWhoseRelaxationSavesMost) {
  std::vector<Judged> judged{judged_with(10, 2, 80), judged_with(7, 2, 80), judged_with(8, 2, 80)};
  judged[1].misses = {{Need::quality, 70, 80, false, ""}, {Need::budget, 11, 10, true, ""}};
  judged[2].misses = {{Need::availability, 0.99, 0.999, false, ""}};
  const auto binding = binding_need(judged, 0);
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->need, Need::availability);
  EXPECT_DOUBLE_EQ(binding->saving, 2);
  // Nine hours in a thousand instead of one.
  EXPECT_NEAR(judged[2].misses[0].excess(), 9, 1e-9);
}

TEST(Plan, NothingIsRelaxedForLessThanWhatNeedsNoRelaxationSaves) {
  // The recommended one, a cheaper one that does but is less sure, and a near miss between them.
  std::vector<Judged> judged{judged_with(10, 2, 80), judged_with(8, 2, 80),
                             judged_with(9, 2.3, 80)};
  judged[2].misses = {{Need::ttft, 2.3, 2, true, ""}};
  EXPECT_FALSE(binding_need(judged, 0));
  EXPECT_FALSE(nearest_miss(judged, 0));
  judged[2].evaluation.per_year = 7;
  ASSERT_TRUE(binding_need(judged, 0));
  EXPECT_EQ(nearest_miss(judged, 0), 2U);
}

}  // namespace
}  // namespace microdc
