// The forecast examples of docs/worked-examples.md, recomputed here with nothing but the arithmetic
// of that page, and compared with what the product says.
#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/forecast/reachable_quality.hpp"
#include "sim/planning/forecast/strategy.hpp"
#include "sim/planning/forecast/trends.hpp"
#include "tests/unit/worked/support.hpp"

namespace microdc {
namespace {

using testing::one_point;
using testing::rate;
using testing::still;

TEST(WorkedForecast, GrowthCompounds) {
  Trends trends = still();
  rate(trends, TrendName::demand).value = 1.2;
  const Future future(trends, 1, 0, 5);
  EXPECT_NEAR(future.factor(TrendName::demand, 4), 1.2 * 1.2 * 1.2 * 1.2, 1e-12);
  EXPECT_NEAR(future.factor(TrendName::demand, 4), 2.0736, 1e-12);  // as the page says
  EXPECT_EQ(future.factor(TrendName::demand, 0), 1);
}

TEST(WorkedForecast, HalvingOfModels) {
  // Months in which the size halves, as factors per year.
  EXPECT_NEAR(std::exp2(12.0 / 14), 1.81, 0.005);
  EXPECT_NEAR(std::exp2(12.0 / 3.5), 10.8, 0.05);
  EXPECT_NEAR(std::sqrt(1.81 * 10.8), 4.42, 0.005);
  const Figure& shipped = trend_catalog()->per_year(TrendName::model_density);
  EXPECT_EQ(shipped.value, 4.42);
  EXPECT_EQ(*shipped.low, 1.81);
  EXPECT_EQ(*shipped.high, 10.8);

  Trends trends = still();
  rate(trends, TrendName::model_density) = shipped;
  trends.smallest_model = Figure{.value = 0.06};
  const Future future(trends, 1, 0, 3);
  EXPECT_NEAR(future.model_size(1), 0.226, 0.0005);  // 30 billion become 6.8
  EXPECT_NEAR(1 / (4.42 * 4.42), 0.0512, 0.00005);
  EXPECT_EQ(future.model_size(2), 0.06);  // below the smallest
}

TEST(WorkedForecast, ARateAtItsQuantiles) {
  const Figure growth{.value = 1.2, .low = 1.05, .high = 1.6};
  EXPECT_NEAR(drawn_factor(growth, 0), 1.2, 1e-12);
  EXPECT_NEAR(drawn_factor(growth, 1.2815515655446004), 1.6, 1e-12);
  EXPECT_NEAR(drawn_factor(growth, -1.2815515655446004), 1.05, 1e-12);
  // Half a quantile up: the square root of the ratio.
  EXPECT_NEAR(drawn_factor(growth, 0.6407757827723002), 1.2 * std::sqrt(1.6 / 1.2), 1e-12);
  EXPECT_NEAR(1.2 * std::sqrt(1.6 / 1.2), 1.3856, 0.00005);
}

ForecastTerms terms() {
  ForecastTerms terms;
  terms.years = 5;
  terms.servers = 10'000;
  terms.residual_share = 0;
  terms.judged_years = 4;
  terms.cloud_bill = 1500;
  return terms;
}

TEST(WorkedForecast, CrossoverYear) {
  Trends trends = still();
  rate(trends, TrendName::demand).value = 1.5;
  const Future future(trends, 1, 0, 5);
  OperatingPoint free_of_cost{.within = 1, .energy = 0, .energy_cost = 0, .carbon = 0};
  const OperatingGrid grid({.loads = {1}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.95,
                           {free_of_cost});
  const auto keep = play({Strategy::Kind::keep, 0}, terms(), grid, future);
  const auto cloud = play({Strategy::Kind::cloud, 0}, terms(), grid, future);
  double bill = 1500;
  double paid = 0;
  int crossover = 0;
  for (int year = 1; year <= 4; ++year) {
    paid += bill;
    bill *= 1.5;
    const auto i = static_cast<std::size_t>(year - 1);
    EXPECT_NEAR(cloud[i].cost_to_date, paid, 1e-9);
    EXPECT_NEAR(keep[i].cost_to_date, 10'000 * year / 4.0, 1e-9);
    if (crossover == 0 && 10'000 * year / 4.0 <= paid) crossover = year;
  }
  EXPECT_NEAR(paid, 12'187.50, 1e-9);
  EXPECT_EQ(crossover, 4);
}

TEST(WorkedForecast, WaitingAYear) {
  Trends trends = still();
  rate(trends, TrendName::accelerator_price).value = 0.8;
  rate(trends, TrendName::electricity_price).value = 1.1;
  ForecastTerms with = terms();
  with.years = 2;
  with.discount_rate = 0.06;
  const auto years = play({Strategy::Kind::wait, 0}, with, one_point(), Future(trends, 1, 0, 2));
  // 1,500 to the cloud at the end of year 1; then 8,000, of which 6,000 are left a year later, and
  // 275 for electricity.
  const double cost = 1500 / 1.06 + 8000 / 1.06 + (275 - 6000) / (1.06 * 1.06);
  EXPECT_NEAR(cost, 3867.03, 0.005);  // as the page says
  EXPECT_NEAR(years[1].cost_to_date, cost, 1e-6);
  EXPECT_EQ(*years[0].energy, 0);
  EXPECT_NEAR(*years[1].energy, 1000, 1e-9);
}

TEST(WorkedForecast, LeaseRenewedWithNewServers) {
  Trends trends = still();
  rate(trends, TrendName::accelerator_price).value = 0.9;
  ForecastTerms with = terms();
  with.years = 2;
  with.judged_years = 5;
  with.residual_share = 0.5;
  with.cloud_bill.reset();
  with.financing = {.kind = FinancingSpec::Kind::lease, .interest = 0.05, .years = 1};
  OperatingPoint free_of_cost{.within = 1, .energy = 0, .energy_cost = 0, .carbon = 0};
  const OperatingGrid grid({.loads = {1}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.95,
                           {free_of_cost});
  const auto years = play({Strategy::Kind::lease, 0}, with, grid, Future(trends, 1, 0, 2));
  // A year takes a tenth of the value: the lessor lends 10,000 - 9,000/1.05 and gets it back with
  // 5 %: 10,000 × 1.05 - 9,000; the second year the same of 9,000.
  EXPECT_NEAR(years[0].cost_to_date, 10'000 * 1.05 - 9000, 1e-6);
  EXPECT_NEAR(years[1].cost_to_date, 1500 + 9000 * 1.05 - 8100, 1e-6);
}

TEST(WorkedForecast, WhatARackCannotServeGoesToTheCloud) {
  Trends trends = still();
  rate(trends, TrendName::demand).value = 2;
  OperatingPoint good{.within = 0.99, .ttft = 0.5, .energy = 1000, .energy_cost = 250, .carbon = 0};
  OperatingPoint bad{.within = 0.01};
  const OperatingGrid grid({.loads = {1, 4}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.9,
                           {good, bad});
  // Log odds 4.595 at load 1 and -4.595 at load 4; 2.197 (90 %) is crossed at 26.1 % of the way.
  const double share = (std::log(99.0) - std::log(9.0)) / (2 * std::log(99.0));
  EXPECT_NEAR(share, 0.2609, 0.00005);
  const double capacity = std::pow(4, share);
  EXPECT_NEAR(capacity, 1.4358, 0.00005);
  EXPECT_NEAR(grid.capacity(1, 1), capacity, 1e-9);

  ForecastTerms with = terms();
  with.attainment = 0.9;
  with.years = 2;
  const auto years = play({Strategy::Kind::keep, 0}, with, grid, Future(trends, 1, 0, 2));
  EXPECT_EQ(years[0].use.cloud, 0);
  EXPECT_NEAR(years[1].use.cloud, (1 - capacity / 2) * 3000, 1e-6);
  EXPECT_TRUE(years[1].adequate);
}

TEST(WorkedForecast, YearOfPremiumQuality) {
  // Odds of 9 (90 points) at 100 billion, of 4 (80 points) at 10 billion.
  const double slope = std::log(9.0 / 4.0) / std::log(10.0);
  const QualityCurve curve{.intercept = std::log(4.0) - slope * std::log(1e10), .slope = slope};
  EXPECT_NEAR(slope, 0.3522, 0.00005);
  EXPECT_NEAR(curve.score(1e10), 80, 1e-9);
  EXPECT_NEAR(curve.score(1e11), 90, 1e-9);
  EXPECT_NEAR(curve.parameters(90) / 1e11, 1, 1e-9);
  // A rack that holds 20 billion: five times denser models reach 90; at 4.42 a year in 1.08 years.
  EXPECT_NEAR(std::log(5.0) / std::log(4.42), 1.083, 0.0005);
  EXPECT_LT(curve.score(20e9 * 4.42), 90);
  EXPECT_GT(curve.score(20e9 * 4.42 * 4.42), 90);
}

TEST(WorkedForecast, OddsOfTheFrontier) {
  // 90.8 points are odds of 9.87; 1.34 times that, 13.23, are 92.97 points.
  EXPECT_NEAR(90.8 / 9.2, 9.87, 0.005);
  EXPECT_NEAR(100 * 13.2252 / 14.2252, 92.97, 0.005);
  EXPECT_NEAR(with_odds(90.8, 1.34), 92.97, 0.005);
}

}  // namespace
}  // namespace microdc
