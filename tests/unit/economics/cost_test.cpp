#include "sim/economics/cost.hpp"

#include <gtest/gtest.h>

#include "sim/economics/parts_list.hpp"
#include "support.hpp"

namespace microdc {
namespace {

using testing::hardware;
using testing::hours_per_year;
using testing::one_hour;
using testing::small_scenario;

TEST(Cost, FollowsTheHandCalculation) {
  Scenario scenario = small_scenario();
  scenario.economics.capex =
      Money(hours_per_year * 4 * 0.5);  // half a euro an hour over four years
  const RunCost cost = cost_of_run(scenario, hardware(), one_hour());
  EXPECT_TRUE(cost.capex_from_scenario);
  EXPECT_NEAR(cost.simulated.amortisation->value(), 0.5, 1e-12);
  EXPECT_NEAR(cost.simulated.energy->value(), 0.6, 1e-12);  // 3 kWh at 0.20
  EXPECT_NEAR(cost.simulated.total->value(), 1.1, 1e-12);
  EXPECT_NEAR(cost.simulated.per_1000_requests->value(), 0.55, 1e-12);
  EXPECT_NEAR(cost.simulated.per_million_output_tokens->value(), 2.2, 1e-12);
  EXPECT_NEAR(cost.year.total->value(), 1.1 * hours_per_year, 1e-8);
  EXPECT_NEAR(cost.year.per_1000_requests->value(), 0.55, 1e-12);
  EXPECT_TRUE(cost.missing.empty());
}

TEST(Cost, SaysWhenTheSimulatedDayIsNoUsualOne) {
  Scenario scenario = small_scenario();
  scenario.workloads.assign(1, {.kind = "office_day"});
  scenario.workloads[0].users = 10;
  scenario.workloads[0].active_share = 0.5;
  scenario.workloads[0].prompts_per_active_user = 10;
  SimulationResult result = one_hour();
  result.duration = 24 * result.duration;
  const auto basis = [&](std::int64_t requests) {
    result.counts.offered = result.counts.completed = requests;
    return cost_of_run(scenario, hardware(), result).year_basis;
  };
  EXPECT_NE(basis(9).find("(these had 9 requests; 50 are the mean)"), std::string::npos)
      << basis(9);
  EXPECT_EQ(basis(51).find("the mean"), std::string::npos) << basis(51);
}

TEST(Cost, SitesAddUpToTheWhole) {
  Scenario scenario = small_scenario();
  scenario.economics.capex = Money(1000);
  scenario.sites.push_back({.name = "there", .pue = 1.2});
  scenario.sites[1].electricity_price = MoneyPerJoule(0.30 / joules_per_kwh);
  SimulationResult result = one_hour();
  result.sites.push_back({"there", Joules(5 * joules_per_kwh)});
  const RunCost cost = cost_of_run(scenario, hardware(), result);
  ASSERT_EQ(cost.sites.size(), 2U);
  EXPECT_NEAR(cost.sites[1].energy->value(), 1.5, 1e-12);
  EXPECT_DOUBLE_EQ(cost.sites[0].energy->value() + cost.sites[1].energy->value(),
                   cost.simulated.energy->value());
  EXPECT_DOUBLE_EQ(cost.simulated.amortisation->value() + cost.simulated.energy->value(),
                   cost.simulated.total->value());
  EXPECT_DOUBLE_EQ(cost.year.amortisation->value() + cost.year.energy->value(),
                   cost.year.total->value());
}

TEST(Cost, CapexIsTheSumOfCatalogPricesInTheScenariosCurrency) {
  Scenario scenario = small_scenario();
  scenario.economics.exchange_rate = 0.5;
  const ServerType* server = hardware().server("a100-1x");
  ASSERT_NE(server, nullptr);
  const double parts =
      server->price
          ? server->price->value
          : server->price_without_processors->value +
                static_cast<double>(server->sockets) * hardware().cpu(server->cpu)->price->value +
                hardware().accelerator(server->accelerator)->price->value;
  const RunCost cost = cost_of_run(scenario, hardware(), one_hour());
  ASSERT_TRUE(cost.capex);
  EXPECT_DOUBLE_EQ(cost.capex->value(), 2 * parts * 0.5);
}

TEST(Cost, PerUserOfTheLargestOfficeDay) {
  Scenario scenario = small_scenario();
  scenario.economics.capex = Money(1000);
  SimulationResult result = one_hour();
  EXPECT_FALSE(cost_of_run(scenario, hardware(), result).year_per_user);
  scenario.workloads[0].kind = "office_day";
  scenario.workloads[0].users = 20;
  scenario.workloads.push_back({.name = "more", .kind = "office_day", .users = 50});
  result.duration = 86400LL * 1'000'000'000;
  const RunCost cost = cost_of_run(scenario, hardware(), result);
  ASSERT_TRUE(cost.year_per_user);
  EXPECT_DOUBLE_EQ(cost.year_per_user->value(), cost.year.total->value() / 50);
}

TEST(Cost, OfficeDaysIdleForTheRestOfTheYear) {
  Scenario scenario = small_scenario();
  scenario.workloads[0].kind = "office_day";
  scenario.economics.capex = Money(0);
  scenario.economics.working_days_per_year = 200;
  SimulationResult result = one_hour();
  result.duration = 86400LL * 1'000'000'000;
  result.energy.it = Joules(40 * joules_per_kwh);
  result.energy.facility = Joules(60 * joules_per_kwh);
  result.sites[0].facility = result.energy.facility;
  const RunCost cost = cost_of_run(scenario, hardware(), result);
  // 200 days of 60 kWh; 165.25 days of 24 kWh IT times 1.5.
  EXPECT_NEAR(cost.year.energy->value(), (200 * 60 + 165.25 * 24 * 1.5) * 0.20, 1e-6);
  EXPECT_NEAR(cost.year.facility->value() / joules_per_kwh, 200 * 60 + 165.25 * 24 * 1.5, 1e-6);
  EXPECT_NEAR(cost.year.requests, 200 * 2000, 1e-6);
}

TEST(Cost, ATraceOfAWeekIsRepeatedOverTheCalendar) {
  constexpr double days_per_year = 365.25;
  Scenario scenario = small_scenario();
  scenario.workloads[0].kind = "trace";
  SimulationResult week = one_hour();
  week.duration = static_cast<std::int64_t>(6.8 * 86400e9);  // its last request is on a Sunday
  EXPECT_NEAR(cost_of_run(scenario, hardware(), week).year.requests, 2000 * days_per_year / 7,
              1e-6);
  scenario.workloads.push_back({.name = "beside", .kind = "office_day"});
  const RunCost beside = cost_of_run(scenario, hardware(), week);
  EXPECT_NEAR(beside.year.requests, 2000 * days_per_year / 7, 1e-6);
  EXPECT_NE(beside.year_basis.find("its own days of rest"), std::string::npos);
  // Five days of a trace may be the working ones; without an office nothing says so.
  week.duration = static_cast<std::int64_t>(4.8 * 86400e9);
  EXPECT_NEAR(cost_of_run(scenario, hardware(), week).year.requests,
              2000 * scenario.economics.working_days_per_year / 5, 1e-6);
  scenario.workloads.pop_back();
  EXPECT_NEAR(cost_of_run(scenario, hardware(), week).year.requests, 2000 * days_per_year / 4.8,
              1e-6);
}

TEST(Cost, APartOfADayOrACutRunHasNoYear) {
  Scenario scenario = small_scenario();
  SimulationResult cut = one_hour();
  cut.counts.unfinished = 5;
  EXPECT_FALSE(cost_of_run(scenario, hardware(), cut).year.energy);
  EXPECT_TRUE(cost_of_run(scenario, hardware(), one_hour()).year.energy);
  scenario.workloads[0].kind = "office_day";
  const RunCost part = cost_of_run(scenario, hardware(), one_hour());
  EXPECT_FALSE(part.year_known);
  EXPECT_FALSE(part.year.total);
  EXPECT_FALSE(part.year.per_1000_requests);
  EXPECT_TRUE(part.simulated.total);
}

TEST(Cost, SaysWhatIsMissingAndStaysEmpty) {
  Scenario scenario = small_scenario();
  scenario.sites[0].electricity_price.reset();
  scenario.sites[0].racks[0].servers[0].type = "no-such-server";
  const RunCost cost = cost_of_run(scenario, hardware(), one_hour());
  EXPECT_FALSE(cost.capex);
  EXPECT_FALSE(cost.simulated.energy);
  EXPECT_FALSE(cost.simulated.total);
  EXPECT_FALSE(cost.year.per_1000_requests);
  const std::vector<std::string> expected{"price of no-such-server (hardware catalog)",
                                          "electricity price of site here (scenario)"};
  EXPECT_EQ(cost.missing, expected);
}

TEST(Cost, NothingPerRequestWithoutRequests) {
  Scenario scenario = small_scenario();
  scenario.economics.capex = Money(1000);
  SimulationResult result = one_hour();
  result.counts = {};
  const RunCost cost = cost_of_run(scenario, hardware(), result);
  EXPECT_TRUE(cost.simulated.total);
  EXPECT_FALSE(cost.simulated.per_1000_requests);
  EXPECT_FALSE(cost.simulated.per_million_output_tokens);
}

}  // namespace
}  // namespace microdc
