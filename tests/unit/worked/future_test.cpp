// More forecast examples of docs/worked-examples.md: grids, later hardware, quantiles over futures.
#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/base/json_io.hpp"
#include "sim/economics/financing.hpp"
#include "sim/planning/forecast/forecast.hpp"
#include "tests/unit/worked/support.hpp"

namespace microdc {
namespace {

using testing::one_point;
using testing::rate;
using testing::still;

ForecastTerms two_years() {
  ForecastTerms terms;
  terms.years = 2;
  terms.servers = 10'000;
  terms.residual_share = 0;
  terms.judged_years = 4;
  return terms;
}

TEST(WorkedForecast, BetweenTwoLoads) {
  OperatingPoint low{.within = 1, .ttft = 0.2, .energy = 1000};
  OperatingPoint high{.within = 1, .ttft = 0.8, .energy = 1600};
  const OperatingGrid grid({.loads = {1, 4}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.9,
                           {low, high});
  // Load 2 is half of the way in the logarithm.
  EXPECT_NEAR(*grid.at(2, 1, 1).ttft, 0.4, 1e-12);
  EXPECT_NEAR(*grid.at(2, 1, 1).energy, std::sqrt(1000.0 * 1600.0), 1e-9);
  EXPECT_NEAR(std::sqrt(1000.0 * 1600.0), 1264.91, 0.005);  // as the page says
}

TEST(WorkedForecast, RefreshAfterAYear) {
  Trends trends = still();
  rate(trends, TrendName::accelerator_price).value = 0.9;
  rate(trends, TrendName::compute_per_money).value = 1.30;
  rate(trends, TrendName::compute_per_watt).value = 1.37;
  ForecastTerms terms = two_years();
  terms.maintenance_share = 0.05;
  terms.carbon_price = 100;
  const auto years =
      play({Strategy::Kind::refresh, 1}, terms, one_point(), Future(trends, 1, 0, 2));
  // The same work on servers of which a watt computes 1.37 times and the money 1.30 times as much.
  const double power = 1.30 / 1.37;
  EXPECT_NEAR(power, 0.949, 0.0005);
  EXPECT_NEAR(*years[1].energy, 1000 * power, 1e-9);
  EXPECT_NEAR(years[1].use.energy, 250 * power, 1e-9);
  EXPECT_NEAR(years[1].use.carbon, 0.4 * power * 100, 1e-9);
  EXPECT_NEAR(years[1].use.maintenance, 0.05 * 9000, 1e-9);
  // Servers: 10,000 - 7,500 in the first year, 9,000 - 6,750 in the second.
  const double first = 2500 + 250 + 40 + 500;
  const double second = 2250 + (250 + 40) * power + 450;
  EXPECT_NEAR(first + second, 6265.18, 0.005);  // as the page says
  EXPECT_NEAR(years[0].cost_to_date, first, 1e-9);
  EXPECT_NEAR(years[1].cost_to_date, first + second, 1e-9);
}

TEST(WorkedForecast, ProgressOfHardware) {
  Trends trends = still();
  rate(trends, TrendName::compute_per_money).value = 1.30;
  rate(trends, TrendName::bandwidth_per_money).value = 1.184;
  rate(trends, TrendName::memory_per_money).value = 1.19;
  const double progress = std::cbrt(1.30 * 1.184 * 1.19);
  EXPECT_NEAR(progress, 1.2235, 0.0001);  // as the page says
  EXPECT_NEAR(progress_of(Future(trends, 1, 0, 3), 1), progress, 1e-12);
  EXPECT_NEAR(progress_of(Future(trends, 1, 0, 3), 2), progress * progress, 1e-12);
}

TEST(WorkedForecast, BillOfTheCloudInALaterYear) {
  Trends trends = still();
  rate(trends, TrendName::demand).value = 1.2;
  rate(trends, TrendName::api_price).value = 0.316;
  ForecastTerms terms = two_years();
  terms.cloud_bill = 1500;
  terms.discount_rate = 0.06;
  const auto years = play({Strategy::Kind::cloud, 0}, terms, one_point(), Future(trends, 1, 0, 2));
  EXPECT_NEAR(years[1].cloud_bill, 1500 * 1.2 * 0.316, 1e-9);
  EXPECT_NEAR(1500 * 1.2 * 0.316, 568.80, 1e-9);  // as the page says
  // Equal payments a year of the same present value.
  const double present = 1500 / 1.06 + 568.8 / (1.06 * 1.06);
  const double per_year = present / (1 / 1.06 + 1 / (1.06 * 1.06));
  EXPECT_NEAR(per_year, 1047.96, 0.005);
  EXPECT_NEAR(annuity(years[1].cost_to_date, 0.06, 2), per_year, 1e-6);
}

TEST(WorkedForecast, QuantilesOverFutures) {
  // The year in which the rack is outgrown in five futures; in one it is not.
  const FutureBand band = band_of({3.0, 2.0, std::nullopt, 5.0, 3.0});
  EXPECT_NEAR(*band.p10, 2.4, 1e-12);  // 0.4 of the way from 2 to 3
  EXPECT_EQ(*band.p50, 3);
  EXPECT_FALSE(band.p90);  // 0.6 of the way from 5 to never
}

TEST(WorkedForecast, GrowthOfTheScenarioKeepsTheRangeInProportion) {
  Trends catalog = *trend_catalog();
  catalog.trends[0].per_year = Figure{.value = 1.2, .low = 1.05, .high = 1.6};
  ForecastSpec spec;
  spec.demand_growth = 1.3;
  const auto trends = trends_of(spec, catalog);
  ASSERT_TRUE(trends);
  const Figure& demand = trends->per_year(TrendName::demand);
  EXPECT_EQ(demand.value, 1.3);
  EXPECT_NEAR(*demand.low, 1.05 * 1.3 / 1.2, 1e-12);
  EXPECT_NEAR(*demand.low, 1.1375, 1e-12);  // as the page says
  EXPECT_NEAR(*demand.high, 1.7333, 0.00005);
}

TEST(WorkedForecast, AMixtureOfExpertsAsADenseModel) {
  // Qwen3-235B-A22B: 235 billion parameters, of which a token uses 22.
  EXPECT_NEAR(std::sqrt(235.0 * 22.0), 71.9, 0.05);
  const auto models = ModelCatalog::load(data_root() / "models/catalog");
  ASSERT_TRUE(models);
  const ModelCard* card = models->find("qwen3-235b-a22b");
  ASSERT_NE(card, nullptr);
  EXPECT_NEAR(effective_parameters(*card) / 71.9e9, 1, 0.01);
}

}  // namespace
}  // namespace microdc
