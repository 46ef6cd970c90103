// Planning: candidates beside retrieval and clouds, and how many of them are simulated.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/judge.hpp"
#include "sim/planning/plan/runs.hpp"
#include "sim/planning/plan/search.hpp"
#include "tests/support/forked.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;
using testing::in_child;
using testing::plan_knowledge;

Scenario plain_office() {
  Scenario scenario = testing::chat_office("plain-office", 60, 800, 150);
  scenario.choices.servers = {"gpu-pcie-1x-l40s", "cpu-2x-epyc-9755"};
  scenario.choices.models = {"qwen3-8b"};
  scenario.choices.max_servers = 1;
  return scenario;
}

Plan answered_plan(const Scenario& scenario) {
  EvaluationStore store;
  auto plan = make_plan(scenario, catalogs(), plan_knowledge(), store,
                        {.jobs = 2, .draws = 4, .finalists = 2});
  EXPECT_TRUE(plan) << to_text(plan.diagnostics());
  return plan ? std::move(*plan) : Plan{};
}

/// Forty people whose documents are found on accelerators beside the model.
Scenario office_with_documents() {
  Scenario scenario = testing::chat_office("office-with-documents", 40, 800, 150);
  scenario.knowledge_bases = {{.name = "files",
                               .chunks = 50000,
                               .chunk_tokens = 256,
                               .reranker = "bge-reranker-v2-m3",
                               .device = KnowledgeBaseSpec::Device::accelerator}};
  scenario.workloads[0].retrieval = RetrievalSpec{.knowledge_base = "files", .chunks = 3};
  scenario.choices.servers = {"gpu-pcie-1x-l40s", "gpu-pcie-4x-l40s", "cpu-2x-epyc-9755"};
  scenario.choices.models = {"qwen3-8b"};
  scenario.choices.weights = {"fp8"};
  scenario.choices.max_servers = 2;
  return scenario;
}

TEST(PlanCandidates, PoolsLeaveAcceleratorsForLookups) {
  const Scenario scenario = office_with_documents();
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all) << to_text(all.diagnostics());
  ASSERT_FALSE(all->empty());
  std::set<std::int64_t> left;
  for (const Candidate& candidate : *all) {
    const ServerType& type = *catalogs().hardware.server(candidate.server);
    ASSERT_GT(type.accelerators, 0) << text_of(candidate) << " has none";
    const PoolChoice& pool = candidate.pools[0];
    left.insert(type.accelerators * candidate.servers - pool.tp * pool.pp * pool.replicas);
    // A spare server's accelerators are not those that look documents up.
    const Scenario with = scenario_of(scenario, candidate);
    const auto& groups = with.sites[0].racks[0].servers;
    EXPECT_EQ(groups.size(), candidate.spare > 0 ? 2u : 1u);
    EXPECT_EQ(groups.front().count, candidate.servers);
    EXPECT_EQ(with.knowledge_bases[0].servers, groups.front().name);
  }
  EXPECT_EQ(*left.begin(), 1) << "one of them is enough";
}

TEST(PlanCandidates, RecommendsARackThatLooksUpOnItsAccelerators) {
  const Scenario scenario = office_with_documents();
  const Plan plan = answered_plan(scenario);
  ASSERT_TRUE(plan.recommended) << plan_text(plan, scenario, catalogs(), std::nullopt);
  EXPECT_NE(plan_text(plan, scenario, catalogs(), std::nullopt)
                .find("kept free for looking documents up"),
            std::string::npos);
}

TEST(PlanCandidates, LookupsAreInTheBoundOfTheFirstToken) {
  Scenario scenario = office_with_documents();
  const auto demand = busiest_week(scenario, ".");
  ASSERT_TRUE(demand);
  const Candidate candidate{.server = "gpu-pcie-4x-l40s",
                            .sites = {0},
                            .pools = {{.model = "qwen3-8b", .engine = "vllm", .tp = 2}}};
  const auto misses_at = [&](double ttft) {
    Demand asked = *demand;
    asked.scenario.slo.ttft = Seconds(ttft);
    Bounds bounds(asked, catalogs(), plan_knowledge());
    const auto misses = bounds.misses(candidate);
    return std::any_of(misses.begin(), misses.end(),
                       [](const Miss& miss) { return miss.need == Need::ttft; });
  };
  EXPECT_FALSE(misses_at(2));
  // Fifty pairs through the reranker take longer than the model's own prefill.
  EXPECT_TRUE(misses_at(0.12));
  Demand asked = *demand;
  asked.scenario.slo.ttft = Seconds(0.12);
  const std::string simulated =
      in_child([&] { return to_line(evaluate(asked, catalogs(), candidate)); });
  const auto evaluation = evaluation_of_line(simulated);
  ASSERT_TRUE(evaluation) << simulated;
  EXPECT_EQ(evaluation->failure, "");
  EXPECT_FALSE(misses_of(*evaluation, asked.scenario).empty()) << "the bound is sound";
}

TEST(PlanCandidates, CloudsNeedNoPrefillAfterALookup) {
  Scenario scenario = office_with_documents();
  const Candidate candidate{.server = "gpu-pcie-4x-l40s",
                            .sites = {0},
                            .pools = {{.model = "qwen3-8b", .engine = "vllm", .tp = 2}}};
  const auto least_ttft = [&](const Scenario& asked) {
    auto demand = busiest_week(asked, ".");
    EXPECT_TRUE(demand) << to_text(demand.diagnostics());
    demand->scenario.slo.ttft = Seconds(1e-3);
    double least = 0;
    for (const Miss& miss : Bounds(*demand, catalogs(), plan_knowledge()).misses(candidate)) {
      if (miss.need == Need::ttft) least = std::max(least, miss.value);
    }
    return least;
  };
  const double of_pools = least_ttft(scenario);
  scenario.clouds = {{.name = "large", .ttft = Seconds(0.001), .tpot = Seconds(0.001)}};
  scenario.gateway.spill = SpillSpec{.to = "large"};
  const double of_clouds = least_ttft(scenario);
  EXPECT_GT(of_clouds, 0.0) << "the lookup is before both";
  EXPECT_LT(of_clouds, of_pools);
}

TEST(PlanCandidates, EveryOneHasRunsOfItsOwn) {
  Scenario scenario = office_with_documents();
  scenario.sites.push_back(scenario.sites[0]);
  scenario.sites.back().name = "second";
  scenario.choices.servers = {"gpu-pcie-1x-l40s"};
  scenario.choices.max_servers = 3;
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all) << to_text(all.diagnostics());
  std::set<std::string> keys;
  for (const Candidate& candidate : *all) {
    keys.insert(WeekRun{.candidate = &candidate, .variant = "week"}.key());
  }
  EXPECT_EQ(keys.size(), all->size());
}

TEST(PlanCandidates, AsManyMayMissAsTheAttainmentSays) {
  EXPECT_EQ(misses_allowed(0.9, 10), 1);
  EXPECT_EQ(misses_allowed(0.8, 1000), 200);
  EXPECT_EQ(misses_allowed(1, 1000), 0);
  EXPECT_EQ(misses_allowed(0.95, 0), 0);
  for (const double attainment : {0.5, 0.8, 0.9, 0.95, 0.99, 0.999}) {
    for (std::int64_t requests = 1; requests < 3000; ++requests) {
      const std::int64_t misses = misses_allowed(attainment, requests);
      const auto share = [&](std::int64_t missed) {
        return Evaluation{.offered = requests, .within = requests - missed}.within_share();
      };
      ASSERT_GE(share(misses), attainment) << requests;
      ASSERT_LT(share(misses + 1), attainment) << requests;
    }
  }
}

TEST(PlanCandidates, ARunThatWasGivenUpIsJudgedByWhatHadEnded) {
  Scenario scenario = plain_office();
  scenario.needs.attainment = 0.9;
  Evaluation evaluation{.stopped = true, .offered = 1000, .completed = 500, .within = 399};
  auto misses = misses_of(evaluation, scenario);
  ASSERT_EQ(misses.size(), 1u);
  EXPECT_EQ(misses[0].need, Need::throughput);
  EXPECT_NEAR(misses[0].value, 101.0 / 500, 1e-12);
  evaluation.stopped = false;
  misses = misses_of(evaluation, scenario);
  ASSERT_EQ(misses.size(), 1u);
  EXPECT_NEAR(misses[0].value, 0.601, 1e-12);
}

TEST(PlanCandidates, AcceleratorsAreNotServedByAnEngineForCpus) {
  Scenario scenario = plain_office();
  scenario.pools[0].engine = "cpu-native";
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all);
  for (const Candidate& candidate : *all) {
    const bool cpu = is_cpu_centric(candidate, catalogs().hardware);
    EXPECT_EQ(candidate.pools[0].engine == "cpu-native", cpu) << text_of(candidate);
  }
}

TEST(PlanCandidates, VeryBusyWeeksAreSimulatedForFewerCandidates) {
  EXPECT_EQ(usual_candidates(100, 1e5), 1000u);
  EXPECT_EQ(usual_candidates(33'000, 100e6), 1000u);
  EXPECT_EQ(usual_candidates(66'000, 100e6), 500u);
  EXPECT_EQ(usual_candidates(10'000, 400e6), 250u);
  EXPECT_EQ(usual_candidates(4'000'000, 4e9), 200u);
}

TEST(PlanCandidates, WhatCloudsAnswerCountsInTheLeastCost) {
  Scenario scenario = plain_office();
  scenario.clouds = {{.name = "large",
                      .input_price = Money(3),
                      .output_price = Money(15),
                      .ttft = Seconds(1),
                      .tpot = Seconds(0.02)}};
  scenario.workloads[0].pool.clear();
  scenario.gateway.complexity =
      ComplexitySpec{.small = scenario.pools[0].name, .large = "large", .large_share = 0.3};
  const auto demand = busiest_week(scenario, ".");
  ASSERT_TRUE(demand) << to_text(demand.diagnostics());
  ASSERT_EQ(demand->clouds.size(), 1u);
  const auto requests = static_cast<double>(demand->requests);
  EXPECT_NEAR(static_cast<double>(demand->clouds[0].requests), 0.3 * requests, 0.1 * requests);
  const Candidate candidate{.server = "gpu-pcie-1x-l40s",
                            .sites = {0},
                            .pools = {{.model = "qwen3-8b", .engine = "vllm"}}};
  const Scenario with = scenario_of(demand->scenario, candidate);
  const auto without = least_outlay(with, catalogs().hardware, *economics_catalog(), {});
  const auto least = least_outlay(with, catalogs().hardware, *economics_catalog(), demand->clouds);
  ASSERT_TRUE(without && least);
  EXPECT_GT(least->per_year, without->per_year);
  const auto evaluation = evaluation_of_line(in_child(
      [&] { return to_line(evaluate(*demand, catalogs(), candidate, std::nullopt, {}, true)); }));
  ASSERT_TRUE(evaluation && evaluation->per_year);
  EXPECT_LT(least->per_year, *evaluation->per_year) << "energy comes on top";
  EXPECT_NEAR(*evaluation->per_year - *evaluation->energy_per_year, least->per_year,
              1e-6 * least->per_year);
}

}  // namespace
}  // namespace microdc
