// What plan recommends among finalists, and what it counts: requests by pool, servers at several
// sites.
#include <gtest/gtest.h>

#include <cmath>

#include "sim/planning/plan/choice.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;
using testing::plan_knowledge;

Judged costing(double per_year, double ttft, const std::string& server = "gpu-pcie-1x-l4") {
  Judged judged;
  judged.candidate.server = server;
  judged.evaluation.per_year = per_year;
  judged.evaluation.purchase = per_year;
  judged.evaluation.ttft = ttft;
  judged.evaluation.tpot = 0.01;
  return judged;
}

/// Of ten draws, `sure` meet every need; the first `dearer` cost 10 more than 100, the others less.
Finalist finalist(std::size_t index, int sure, int dearer) {
  Finalist made{.judged = index, .draws = 10, .draws_feasible = sure};
  for (int draw = 0; draw < made.draws; ++draw) made.costs.push_back(draw < dearer ? 110 : 90);
  return made;
}
/// The cheapest, which costs 100 in every draw.
Finalist the_cheapest(int sure) {
  return {.judged = 0, .draws = 10, .draws_feasible = sure, .costs = std::vector<double>(10, 100)};
}

using Reason = Plan::Preference::Reason;

TEST(Choice, AFewPercentOfCostGiveWayToSpeed) {
  const std::vector<Judged> judged{costing(100, 2), costing(101.9, 1), costing(105, 0.5)};
  const Choice choice =
      choose_finalist(judged, {the_cheapest(10), finalist(1, 10, 10), finalist(2, 10, 10)}, 0.02);
  EXPECT_EQ(choice.recommended, 1u);
  ASSERT_TRUE(choice.preference);
  EXPECT_EQ(choice.preference->reason, Reason::faster);
  EXPECT_NEAR(choice.preference->dearer, 1.9, 1e-9);
  const Choice strict =
      choose_finalist(judged, {the_cheapest(10), finalist(1, 10, 10), finalist(2, 10, 10)}, 0);
  EXPECT_EQ(strict.recommended, 0u);
  EXPECT_FALSE(strict.preference);
}

TEST(Choice, WhatDrawsOfPricesCannotTellApartGivesWayToWhatIsSurer) {
  const std::vector<Judged> judged{costing(100, 2), costing(105, 3)};
  // Cheaper in two of ten draws: not told apart with nine in ten.
  const Choice choice = choose_finalist(judged, {the_cheapest(9), finalist(1, 10, 8)}, 0.02);
  EXPECT_EQ(choice.recommended, 1u);
  ASSERT_TRUE(choice.preference);
  EXPECT_EQ(choice.preference->reason, Reason::surer);
  EXPECT_EQ(choice.preference->draws_dearer, 8);
  EXPECT_EQ(choose_finalist(judged, {the_cheapest(9), finalist(1, 10, 9)}, 0.02).recommended, 0u);
}

TEST(Choice, ACheapestThatIsNotSureGivesWayWhateverItCosts) {
  const std::vector<Judged> judged{costing(100, 1), costing(200, 1)};
  const Choice choice = choose_finalist(judged, {the_cheapest(8), finalist(1, 9, 10)}, 0.02);
  EXPECT_EQ(choice.recommended, 1u);
  ASSERT_TRUE(choice.preference);
  EXPECT_EQ(choice.preference->reason, Reason::sure);
  // None is sure: the surest.
  EXPECT_EQ(choose_finalist(judged, {the_cheapest(8), finalist(1, 7, 10)}, 0.02).recommended, 0u);
  EXPECT_FALSE(choose_finalist(judged, {}, 0.02).recommended);
}

TEST(Choice, OfTwoThatAreNotSureTheFasterIsNotCalledSurer) {
  const std::vector<Judged> judged{costing(100, 2), costing(101, 1)};
  const Choice choice = choose_finalist(judged, {the_cheapest(8), finalist(1, 8, 0)}, 0.02);
  EXPECT_EQ(choice.recommended, 1u);
  ASSERT_TRUE(choice.preference);
  EXPECT_EQ(choice.preference->reason, Reason::faster);
}

TEST(Choice, WithoutCostsOfAYearPurchasesAreCompared) {
  std::vector<Judged> judged{costing(100, 2), costing(900, 1)};
  for (Judged& j : judged) j.evaluation.per_year.reset();
  Finalist dear = finalist(1, 10, 10);
  Finalist cheap = the_cheapest(10);
  dear.costs.clear();
  cheap.costs.clear();
  EXPECT_EQ(choose_finalist(judged, {cheap, dear}, 0.02).recommended, 0u);
}

TEST(Choice, WhatIsHardlyFasterGivesWayToWhatIsCheaper) {
  const std::vector<Judged> judged{costing(100, 1.01), costing(101, 1.0)};
  EXPECT_EQ(choose_finalist(judged, {the_cheapest(10), finalist(1, 10, 10)}, 0.02).recommended, 0u);
}

TEST(Choice, FinalistsWithTheSameServersDifferInWhatTheyDo) {
  const std::vector<Judged> judged{costing(100, 2), costing(101, 2), costing(102, 1),
                                   costing(103, 2, "gpu-pcie-1x-l40s")};
  EXPECT_EQ(finalists_of(judged, 8, 0.02), (std::vector<std::size_t>{0, 2, 3}));
  EXPECT_EQ(finalists_of(judged, 2, 0.02), (std::vector<std::size_t>{0, 2}));
}

/// Sixty people ask; hard questions go to a second pool, or to a cloud of that name.
Scenario routed(bool to_cloud) {
  Scenario scenario = testing::chat_office("routed", 60, 800, 150);
  if (to_cloud) {
    scenario.clouds = {{.name = "large"}};
  } else {
    scenario.pools.push_back({.name = "large", .model = "qwen3-14b", .servers = "servers"});
  }
  scenario.gateway.complexity = ComplexitySpec{.small = "chat", .large = "large"};
  return scenario;
}

TEST(PoolDemand, IsSplitByComplexity) {
  const auto demand = busiest_week(routed(false), ".");
  ASSERT_TRUE(demand) << to_text(demand.diagnostics());
  const PoolDemand& small = demand->pools[0];
  const PoolDemand& large = demand->pools[1];
  EXPECT_EQ(small.prompts.size() + large.prompts.size(),
            static_cast<std::size_t>(demand->requests));
  EXPECT_NEAR(large.share, 0.3, 0.03);  // some 1,500 requests: three standard deviations
  EXPECT_NEAR(small.share + large.share, 1, 1e-12);
  EXPECT_GT(large.busy_hour_output, 0);
  EXPECT_LT(large.busy_hour_output, small.busy_hour_output);
  // What a cloud takes is no pool's work.
  const auto left = busiest_week(routed(true), ".");
  ASSERT_TRUE(left);
  ASSERT_EQ(left->pools.size(), 1u);
  EXPECT_NEAR(left->pools[0].share, 0.7, 0.03);
  EXPECT_EQ(left->pools[0].prompts.size(), small.prompts.size());
}

TEST(PoolDemand, WhatMaySpillIsNoPoolsForCertain) {
  Scenario scenario = testing::chat_office("spilling", 60, 800, 150);
  scenario.clouds = {{.name = "cloud"}};
  scenario.gateway.spill = SpillSpec{.to = "cloud"};
  const auto demand = busiest_week(scenario, ".");
  ASSERT_TRUE(demand);
  EXPECT_EQ(demand->pools[0].busy_hour_output, 0);
  EXPECT_EQ(demand->pools[0].share, 1);
}

TEST(PoolDemand, APoolWithFewRequestsMayMissThemAll) {
  // By hand: of 100 requests 5 may be late; of 50, that is 10 %; of 4, all.
  EXPECT_NEAR(PoolDemand{.share = 1}.least_attainment(0.95), 0.95, 1e-12);
  EXPECT_NEAR(PoolDemand{.share = 0.5}.least_attainment(0.95), 0.9, 1e-12);
  EXPECT_EQ(PoolDemand{.share = 0.04}.least_attainment(0.95), 0);
}

/// Two sites; each server works nine tenths of the time.
Scenario two_sites() {
  Scenario scenario = testing::chat_office("two-sites", 60, 800, 150);
  scenario.sites.push_back(scenario.sites[0]);
  scenario.sites[1].name = "second";
  scenario.failures = {.server_mtbf = Seconds(9000), .repair_time = Seconds(1000)};
  scenario.choices = {
      .servers = {"gpu-pcie-1x-l4"}, .tp = {1}, .max_servers = 1, .spare_servers = {0}};
  return scenario;
}

TEST(SeveralSites, AreTheRedundancyThatTheyAre) {
  const Scenario scenario = two_sites();
  const auto all = enumerate_candidates(scenario, catalogs());
  const auto demand = busiest_week(scenario, ".");
  ASSERT_TRUE(all && demand);
  ASSERT_EQ(all->size(), 4u);  // one, the other, both needed, one of both may fail
  const Bounds bounds(*demand, catalogs(), plan_knowledge());
  EXPECT_NEAR(bounds.availability_of((*all)[0]), 0.9, 1e-12);
  EXPECT_EQ((*all)[2].pools[0].replicas, 2);
  EXPECT_NEAR(bounds.availability_of((*all)[2]), 0.81, 1e-12);  // both work
  EXPECT_EQ((*all)[3].pools[0].replicas, 1);
  EXPECT_NEAR(bounds.availability_of((*all)[3]), 0.99, 1e-12);  // not both fail
  EXPECT_NE(text_of((*all)[3]).find("at 2 sites, of which 1 may fail"), std::string::npos);
  // With a spare server at each: two of four have to work, 1 - 0.1^4 - 4 * 0.9 * 0.1^3.
  Candidate candidate = (*all)[2];
  candidate.spare = 1;
  EXPECT_NEAR(bounds.availability_of(candidate), 1 - 0.0001 - 0.0036, 1e-12);
}

TEST(SeveralSites, WhereTheLawForbidsOneOfThemTheyDoNotServeTogether) {
  Scenario scenario = two_sites();
  scenario.organisation.jurisdiction = "CH";
  scenario.organisation.sector = "public_hospital";
  scenario.organisation.date = "2026-11-27";
  scenario.workloads[0].data_classes = {"patient_dossier"};
  scenario.sites[0].jurisdiction = scenario.sites[0].operator_jurisdiction = "CH";
  scenario.sites[1].jurisdiction = scenario.sites[1].operator_jurisdiction = "US";
  const auto all = enumerate_candidates(scenario, catalogs());
  const auto demand = busiest_week(scenario, ".");
  ASSERT_TRUE(all && demand);
  Bounds bounds(*demand, catalogs(), plan_knowledge());
  const auto forbidden = [&](std::size_t index) {
    const auto misses = bounds.misses((*all)[index]);
    return std::any_of(misses.begin(), misses.end(),
                       [](const Miss& miss) { return miss.need == Need::residency; });
  };
  EXPECT_FALSE(forbidden(0));
  EXPECT_TRUE(forbidden(1));
  EXPECT_TRUE(forbidden(2));
  EXPECT_TRUE(forbidden(3));
}

}  // namespace
}  // namespace microdc
