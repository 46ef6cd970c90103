// What a plan says to those who order: what is kept, what is bought, when it stands and how long.
#include "sim/planning/plan/order.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "sim/planning/plan/answer.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;

const char* const two_gpus = "gpu-pcie-2x-rtx-pro-6000";

/// An office whose rack holds `owned` of these servers.
Scenario owning_office(std::int64_t owned) {
  Scenario scenario = testing::chat_office("office", 60, 800, 150);
  scenario.sites[0].racks[0].servers = {
      {.name = "servers", .type = two_gpus, .count = 2, .owned = owned}};
  scenario.economics.purchase_date = "2026-11-27";
  return scenario;
}

Candidate rack_of_servers(const std::string& type, std::int64_t count) {
  return {.server = type,
          .servers = count,
          .sites = {0},
          .pools = {{.model = "qwen3-8b", .engine = "vllm", .replicas = count}}};
}

Order ordered(const Scenario& scenario, const Candidate& candidate,
              std::optional<double> growth = 2) {
  return order_of(scenario, candidate, growth, catalogs().hardware, *economics_catalog());
}

TEST(Order, DaysAreCounted) {
  EXPECT_EQ(day_after("2026-11-27", 4), "2026-12-01");
  EXPECT_EQ(day_after("2027-12-31", 60), "2028-02-29");
  EXPECT_EQ(day_after("", 4), "");
  EXPECT_EQ(day_after("2026-13-01", 4), "");
}

TEST(Order, WhatStandsIsKeptAndAddedTo) {
  const Scenario scenario = owning_office(2);
  const Order keep = ordered(scenario, rack_of_servers(two_gpus, 2));
  EXPECT_EQ(keep.servers_kept, 2);
  EXPECT_EQ(keep.servers_idle, 0);
  EXPECT_EQ(keep.parts.servers, Cents());
  EXPECT_FALSE(keep.timetable.installation);
  EXPECT_EQ(decision_text(keep, rack_of_servers(two_gpus, 2), "it"), "Keep what stands: it");
  const Order more = ordered(scenario, rack_of_servers(two_gpus, 3));
  EXPECT_EQ(more.servers_kept, 2);
  // The third costs what one costs, and the two would today cost twice that.
  EXPECT_EQ(more.parts.owned, more.parts.servers + more.parts.servers);
  EXPECT_EQ(more.parts.servers,
            ordered(owning_office(0), rack_of_servers(two_gpus, 1)).parts.servers);
  EXPECT_EQ(decision_text(more, rack_of_servers(two_gpus, 3), "it"),
            "Keep 2 and buy 1 more for it");
  const Order other = ordered(scenario, rack_of_servers("cpu-2x-epyc-9755", 1));
  EXPECT_EQ(other.servers_kept, 0);
  EXPECT_EQ(other.servers_idle, 2);
  for (const Part& part : other.parts.parts) {
    EXPECT_TRUE(part.item != "rack" && part.item != "pdu" && part.item != "switch") << part.item;
  }
}

TEST(Order, ServersThatStandAreAmongTheChoices) {
  Scenario scenario = owning_office(2);
  scenario.choices.servers = {"gpu-pcie-1x-l4"};
  scenario.choices.tp = {1};
  scenario.choices.max_servers = 2;
  scenario.choices.spare_servers = {0};
  const auto all = enumerate_candidates(scenario, catalogs());
  ASSERT_TRUE(all);
  const auto of_type = [&](const std::string& type) {
    return std::count_if(all->begin(), all->end(),
                         [&](const Candidate& candidate) { return candidate.server == type; });
  };
  EXPECT_EQ(of_type("gpu-pcie-1x-l4"), 3);  // one, two, the layers over two
  EXPECT_EQ(of_type(two_gpus), 2);
}

TEST(Order, StandsAfterTheLongestLeadTimeAndInstallation) {
  Scenario scenario = owning_office(0);
  scenario.economics.quotes = {
      {.item = "rtx-pro-6000-96gb", .price = Money(8000), .lead_time = Seconds(20 * 86400.0)}};
  const Timetable timetable = ordered(scenario, rack_of_servers(two_gpus, 1)).timetable;
  EXPECT_EQ(timetable.ordered, "2026-11-27");
  EXPECT_EQ(timetable.delivery, Seconds(20 * 86400.0));
  const double installation = economics_catalog()->facility.installation_time->value / 86400;
  EXPECT_EQ(timetable.serves_from, day_after("2026-11-27", 20 + installation));
  scenario.economics.purchase_date.clear();
  EXPECT_EQ(ordered(scenario, rack_of_servers(two_gpus, 1)).timetable.serves_from, "");
}

TEST(Order, AnUnknownLeadTimeIsNotZero) {
  const Timetable timetable =
      ordered(owning_office(0), rack_of_servers("oam-mi300x-8", 1)).timetable;
  EXPECT_FALSE(timetable.unknown.empty());
  EXPECT_EQ(timetable.serves_from, "");
  EXPECT_NE(delivery_text(timetable).find("not known"), std::string::npos);
}

TEST(Order, IsOutgrownWhenDemandHasDoubled) {
  Scenario scenario = owning_office(0);
  scenario.forecast.demand_growth = std::sqrt(2);
  scenario.forecast.demand_growth_range = Range{1, 2};
  const Timetable timetable = ordered(scenario, rack_of_servers(two_gpus, 1), 2).timetable;
  // By hand: 1.41 a year doubles in two years, 2 a year in one, 1 never.
  EXPECT_NEAR(*timetable.outgrown, 2, 1e-12);
  EXPECT_NEAR(*timetable.outgrown_early, 1, 1e-12);
  EXPECT_FALSE(timetable.outgrown_late);
}

}  // namespace
}  // namespace microdc
