// Forecasts of a small service from end to end.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/forecast/answer.hpp"
#include "sim/planning/forecast/sampled_week.hpp"
#include "sim/planning/forecast/terms.hpp"
#include "sim/planning/workers.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc::testing {
namespace {

const QualityCatalog& quality() {
  static const auto loaded = QualityCatalog::load(data_root() / "models/quality/mmlu.json");
  return *loaded;
}

/// One A100 with an 8B model, two requests a second for two minutes.
Scenario small_service() {
  Scenario scenario;
  scenario.name = "small service";
  WorkloadSpec workload{.name = "chat", .kind = "poisson"};
  workload.rate = PerSecond(2);
  workload.duration = Seconds(120);
  workload.input = {.kind = LengthSpec::Kind::lognormal, .mean = 600, .spread = 0.8, .max = 4000};
  workload.output = {.kind = LengthSpec::Kind::lognormal, .mean = 150, .spread = 0.6, .max = 1000};
  scenario.workloads = {workload};
  ServerGroupSpec group{.name = "gpu", .type = "a100-1x", .count = 1};
  SiteSpec site{.name = "here", .racks = {{.name = "rack", .servers = {group}}}};
  site.electricity_price = MoneyPerJoule(0.2 / joules_per_kwh);
  site.carbon_intensity = 380 / joules_per_kwh;
  scenario.sites = {site};
  scenario.pools = {{.name = "chat", .model = "llama-3.1-8b", .servers = "gpu"}};
  scenario.slo = {.ttft = Seconds(1), .tpot = Seconds(0.06)};
  scenario.economics.operation.salary = Money(60'000);
  scenario.forecast.years = 4;
  scenario.forecast.demand_growth = 1.6;
  scenario.forecast.draws = 40;
  return scenario;
}

Forecast forecast_of(const Scenario& scenario, int jobs, RunStore& store,
                     const std::atomic<bool>* interrupt = nullptr, CloudJudge judge = {}) {
  auto made = make_forecast(scenario, catalogs(), quality(), *economics_catalog(), store,
                            {.jobs = jobs, .interrupt = interrupt, .judge = std::move(judge)});
  EXPECT_TRUE(made) << to_text(made.diagnostics());
  return made ? std::move(*made) : Forecast{};
}
std::string everything(const Forecast& forecast, const Scenario& scenario) {
  return forecast_json(forecast, scenario, "x").dump() + forecast_text(forecast, scenario) +
         forecast_csv(forecast, scenario);
}

TEST(Forecast, SameBytesWithOneOrTwoWorkersAndFromTheStore) {
  const Scenario scenario = small_service();
  const auto file = std::filesystem::path(::testing::TempDir()) / "forecast-runs-test.tsv";
  std::filesystem::remove(file);
  auto store = RunStore::open(file, "digest");
  ASSERT_TRUE(store);
  RunStore none;
  const Forecast one = forecast_of(scenario, 1, none);
  const Forecast two = forecast_of(scenario, 2, *store);
  EXPECT_EQ(everything(one, scenario), everything(two, scenario));
  EXPECT_GT(two.simulated, 20U);
  // Half of the store, as an interruption leaves it, and a line that was cut.
  std::vector<std::string> lines;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::ofstream out(file, std::ios::trunc);
  for (std::size_t i = 0; i < lines.size() / 2; ++i) out << lines[i] << '\n';
  out << lines.back().substr(0, 50);
  out.close();
  auto rest = RunStore::open(file, "digest");
  ASSERT_TRUE(rest);
  const Forecast resumed = forecast_of(scenario, 2, *rest);
  EXPECT_EQ(resumed.remembered, lines.size() / 2);
  EXPECT_EQ(resumed.remembered + resumed.simulated, two.simulated);
  EXPECT_EQ(everything(resumed, scenario), everything(two, scenario));
}

TEST(Forecast, BandsAndSharesHoldTogether) {
  const Scenario scenario = small_service();
  RunStore none;
  const Forecast forecast = forecast_of(scenario, 2, none);
  double cheapest = 0;
  for (const StrategyForecast& strategy : forecast.strategies) {
    cheapest += strategy.cheapest;
    ASSERT_EQ(strategy.years.size(), 4U);
    for (const ForecastYear& year : strategy.years) {
      ASSERT_TRUE(year.cost_to_date.p10 && year.cost_to_date.p90);
      EXPECT_LE(*year.cost_to_date.p10, *year.cost_to_date.p50);
      EXPECT_LE(*year.cost_to_date.p50, *year.cost_to_date.p90);
      EXPECT_LE(year.adequate, 1);
    }
    EXPECT_EQ(*strategy.years[0].demand.p10, 1);
  }
  EXPECT_NEAR(cheapest, 1, 1e-9);
  // keep, refresh after 1, 2, 3 years, wait, lease, cloud
  ASSERT_EQ(forecast.strategies.size(), 7U);
  // In the first year keeping and refreshing later are the same.
  EXPECT_EQ(*forecast.strategies[0].years[0].cost_to_date.p50,
            *forecast.strategies[2].years[0].cost_to_date.p50);
  double refresh = 0;
  for (const double share : forecast.refresh_best) refresh += share;
  EXPECT_NEAR(refresh, 1, 1e-9);
  ASSERT_TRUE(forecast.quality);
  EXPECT_LT(*forecast.quality->reachable[0].p50, *forecast.quality->reachable[3].p50);
}

TEST(Forecast, DrawsOfTodayWidenTheFirstYear) {
  Scenario scenario = small_service();
  scenario.forecast.samples = 0;
  RunStore none;
  const Forecast best = forecast_of(scenario, 2, none);
  scenario.forecast.samples = 4;
  const Forecast drawn = forecast_of(scenario, 2, none);
  EXPECT_EQ(drawn.samples, 4U);
  EXPECT_EQ(drawn.remembered, best.simulated);  // only the draws are new
  EXPECT_GE(drawn.simulated, 4U);
  const ForecastYear& certain = best.strategies[0].years[0];
  const ForecastYear& uncertain = drawn.strategies[0].years[0];
  // Without draws nothing of the first year is uncertain: trends begin after it.
  EXPECT_EQ(*certain.ttft.p10, *certain.ttft.p90);
  EXPECT_EQ(*certain.energy.p10, *certain.energy.p90);
  EXPECT_LT(*uncertain.ttft.p10, *uncertain.ttft.p90);
  EXPECT_LT(*uncertain.energy.p10, *uncertain.energy.p90);
  EXPECT_LT(*uncertain.cost_to_date.p10, *uncertain.cost_to_date.p90);
  // The futures themselves are the same.
  EXPECT_EQ(*drawn.strategies[0].years[3].demand.p90, *best.strategies[0].years[3].demand.p90);
}

TEST(Forecast, LongWeeksOfASteadyRateAreCut) {
  Scenario scenario = small_service();
  scenario.workloads[0].rate = PerSecond(100);
  scenario.workloads[0].duration = Seconds(5000);
  const auto cut = sampled_week(scenario, ".");
  ASSERT_TRUE(cut);
  EXPECT_NEAR(static_cast<double>(cut->requests), 50'000, 1000);
  EXPECT_EQ(*cut->scenario.workloads[0].rate, PerSecond(100));
  scenario.workloads[0].duration = Seconds(400);
  EXPECT_EQ(*sampled_week(scenario, ".")->scenario.workloads[0].duration, Seconds(400));
}

TEST(Forecast, ARateThatAWorkloadDoesNotUseCutsNothing) {
  Scenario scenario = small_service();
  WorkloadSpec& workload = scenario.workloads[0];
  const std::filesystem::path folder = ::testing::TempDir();
  std::ofstream(folder / "sampled-week.csv")
      << "#microdc-trace 1 duration_ns=5000000000000 prefix_block_tokens=16\n"
         "arrival_ns,input_tokens,output_tokens,client,prefix_hashes\n"
         "0,374,44,chat,\n4000000000000,374,44,chat,\n";
  workload.kind = "trace";
  workload.trace_file = "sampled-week.csv";
  workload.duration = Seconds(5000);
  workload.rate = PerSecond(100);  // left over from another kind
  const auto week = sampled_week(scenario, folder);
  ASSERT_TRUE(week) << to_text(week.diagnostics());
  EXPECT_EQ(*week->scenario.workloads[0].duration, Seconds(5000));
  EXPECT_EQ(week->requests, 2);
}

TEST(Forecast, NoStrategyUsesACloudThatIsUnlawful) {
  const Scenario scenario = small_service();
  RunStore none;
  const Forecast forecast = forecast_of(scenario, 2, none, nullptr, [](const CloudSpec&) {
    return Verdict{.allowed = false, .decisions = {{.open = {{"agent_agreement"}}}}};
  });
  for (const StrategyForecast& strategy : forecast.strategies) {
    EXPECT_NE(strategy.strategy.kind, Strategy::Kind::cloud);
    if (strategy.strategy.kind != Strategy::Kind::wait) continue;
    EXPECT_EQ(strategy.years[0].adequate, 0);
    EXPECT_EQ(*strategy.years[0].within.p50, 0);
    EXPECT_EQ(strategy.cheapest, 0);  // others serve the first year
  }
  EXPECT_FALSE(forecast.has_cloud());
  ASSERT_TRUE(forecast.cloud);
  EXPECT_TRUE(forecast.cloud->bill.empty());
  EXPECT_FALSE(*forecast.cloud->lawful);
  EXPECT_FALSE(forecast.cloud->forbidden);
  EXPECT_EQ(forecast.cloud->needs, (Needs{{{"agent_agreement"}}}));
}

TEST(Forecast, OfUnlawfulCloudsOneThatSomethingOpensStandsForAll) {
  const EconomicsCatalog& prices = *economics_catalog();
  Scenario scenario = small_service();
  scenario.needs.quality.reset();
  const OperatingPoint year{.requests = 1, .input_tokens = 1e6, .output_tokens = 1e6};
  const Verdict forbidden{.allowed = false, .decisions = {{}}};
  const Verdict open{.allowed = false, .decisions = {{.open = {{"agent_agreement"}}}}};
  const auto any = cheapest_cloud(scenario, prices, year, {});
  ASSERT_TRUE(any);
  const auto cheapest_but = [&](const Verdict& of_cheapest, const Verdict& of_others) {
    return cheapest_cloud(scenario, prices, year, [&](const CloudSpec& cloud) {
      return std::optional(cloud.name == any->cloud.name ? of_cheapest : of_others);
    });
  };
  EXPECT_EQ(cheapest_but(forbidden, forbidden)->label, any->label);
  EXPECT_NE(cheapest_but(forbidden, open)->label, any->label);
  EXPECT_NE(cheapest_but(open, Verdict{})->label, any->label);
  EXPECT_TRUE(cheapest_but(open, Verdict{})->verdict->allowed);
}

TEST(Forecast, TheGridIsNearTheSimulationBetweenItsPoints) {
  const Scenario scenario = small_service();
  const auto week = busiest_week(scenario, ".");
  ASSERT_TRUE(week);
  RunStore none;
  const auto grid = OperatingGrid::simulate(
      *week, catalogs(),
      {.loads = {1, 1.5, 2.25}, .sizes = {0.25, 0.5, 1}, .hardware = {{}}, .progress = {1}}, 0.95,
      none, {.jobs = 2});
  ASSERT_TRUE(grid && *grid);
  const std::vector<std::pair<double, double>> between{{1.2, 0.7}, {1.8, 0.35}, {1.2, 1}};
  const auto answers = run_in_workers(between.size(), 2, [&](std::size_t i) {
    return to_line(operate(*week, catalogs(), between[i].first, between[i].second, {}, "."));
  });
  for (std::size_t i = 0; i < between.size(); ++i) {
    const auto simulated = operating_point_of_line(answers[i].text);
    ASSERT_TRUE(simulated) << answers[i].text;
    const Operation read = (*grid)->at(between[i].first, between[i].second, 1);
    EXPECT_NEAR(*read.tpot / *simulated->tpot, 1, 0.05) << i;
    EXPECT_NEAR(*read.energy / *simulated->energy, 1, 0.03) << i;
    EXPECT_NEAR(*read.ttft / *simulated->ttft, 1, 0.15) << i;
  }
}

TEST(Forecast, EveryHardwareOfTheGridIsSimulated) {
  const Scenario scenario = small_service();
  const auto week = busiest_week(scenario, ".");
  ASSERT_TRUE(week);
  const HardwareFactors later{.compute = 2, .bandwidth = 2, .memory = 2};
  RunStore none;
  const auto grid = OperatingGrid::simulate(
      *week, catalogs(), {.loads = {1}, .sizes = {1}, .hardware = {{}, later}, .progress = {1, 2}},
      0.95, none, {.jobs = 2});
  ASSERT_TRUE(grid && *grid) << to_text(grid.diagnostics());
  EXPECT_EQ((*grid)->point(0, 0, 1).failure, "");
  EXPECT_LT(*(*grid)->at(1, 1, 2).ttft, *(*grid)->at(1, 1, 1).ttft);
}

TEST(Forecast, SmallerModelsAndNewerHardwareAreFaster) {
  const Scenario scenario = small_service();
  const auto week = busiest_week(scenario, ".");
  ASSERT_TRUE(week);
  const std::vector<std::pair<double, HardwareFactors>> cases{
      {1, {}}, {0.25, {}}, {1, {.compute = 2, .bandwidth = 2, .memory = 2}}};
  const auto answers = run_in_workers(cases.size(), 2, [&](std::size_t i) {
    return to_line(operate(*week, catalogs(), 1, cases[i].first, cases[i].second, "."));
  });
  std::vector<OperatingPoint> points;
  for (const auto& answer : answers) {
    const auto point = operating_point_of_line(answer.text);
    ASSERT_TRUE(point) << answer.text;
    points.push_back(*point);
  }
  for (std::size_t i = 1; i < points.size(); ++i) {
    EXPECT_EQ(points[i].failure, "");
    EXPECT_LT(*points[i].tpot, *points[0].tpot) << i;
    EXPECT_LT(*points[i].ttft, *points[0].ttft) << i;
    EXPECT_NEAR(points[i].requests / points[0].requests, 1, 0.05);
  }
}

TEST(Forecast, ARackThatCannotServeTodayIsAnError) {
  Scenario scenario = small_service();
  scenario.pools[0].model = "llama-3.1-70b";
  RunStore none;
  const auto made =
      make_forecast(scenario, catalogs(), quality(), *economics_catalog(), none, {.jobs = 2});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.diagnostics().exit_code(), 3);
}

TEST(Forecast, InterruptedItKeepsWhatItHas) {
  std::atomic<bool> interrupt{true};
  const Scenario scenario = small_service();
  RunStore none;
  const Forecast forecast = forecast_of(scenario, 2, none, &interrupt);
  EXPECT_TRUE(forecast.interrupted);
  EXPECT_NE(forecast_text(forecast, scenario).find("INTERRUPTED"), std::string::npos);
}

TEST(FutureBand, WhatIsMissingCountsAsLarger) {
  const FutureBand band = band_of({1.0, 2.0, std::nullopt, 3.0, std::nullopt});
  EXPECT_NEAR(*band.p10, 1.4, 1e-12);
  EXPECT_EQ(*band.p50, 3);
  EXPECT_FALSE(band.p90);
  EXPECT_FALSE(band_of({}).p50);
}

}  // namespace
}  // namespace microdc::testing
