#include "sim/planning/forecast/trends.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

const Trends& catalog() {
  EXPECT_TRUE(trend_catalog()) << to_text(trend_catalog().diagnostics());
  return *trend_catalog();
}

TEST(Trends, EveryOneHasSourceDateAndRange) {
  for (std::size_t i = 0; i < trend_count; ++i) {
    const auto name = static_cast<TrendName>(i);
    const Trend& trend = catalog()[name];
    EXPECT_EQ(trend.name, name_of(name));
    const Figure& figure = *trend.per_year;
    EXPECT_FALSE(figure.source.empty()) << trend.name;
    EXPECT_FALSE(figure.date.empty()) << trend.name;
    ASSERT_TRUE(figure.low && figure.high) << trend.name;
    EXPECT_LT(*figure.low, figure.value) << trend.name;
    EXPECT_LT(figure.value, *figure.high) << trend.name;
  }
}

TEST(Trends, TheScenarioReplacesByName) {
  ForecastSpec spec;
  spec.demand_growth = 1.5;
  spec.trends = {{.name = "model_density", .per_year = 2, .per_year_range = Range{1.5, 3}},
                 {.name = "electricity_price", .per_year = 1}};
  const auto trends = trends_of(spec, catalog());
  ASSERT_TRUE(trends);
  EXPECT_EQ(trends->per_year(TrendName::model_density).value, 2);
  EXPECT_EQ(*trends->per_year(TrendName::model_density).high, 3);
  EXPECT_FALSE(trends->per_year(TrendName::electricity_price).high);
  EXPECT_EQ((*trends)[TrendName::electricity_price].noise, 0);
  // Demand keeps the catalog's spread around its own value.
  const Figure& before = catalog().per_year(TrendName::demand);
  const Figure& demand = trends->per_year(TrendName::demand);
  EXPECT_EQ(demand.value, 1.5);
  EXPECT_NEAR(*demand.high / demand.value, *before.high / before.value, 1e-12);
}

TEST(Trends, AllMistakesAtOnce) {
  ForecastSpec spec;
  spec.demand_growth = 1.2;
  spec.demand_growth_range = Range{1.3, 1.6};
  spec.trends = {{.name = "model_densty", .per_year = 2},
                 {.name = "api_price", .per_year = 0.5},
                 {.name = "api_price", .per_year = 0.4}};
  const auto trends = trends_of(spec, catalog());
  ASSERT_FALSE(trends);
  const std::string text = to_text(trends.diagnostics());
  EXPECT_NE(text.find("did you mean \"model_density\"?"), std::string::npos) << text;
  EXPECT_NE(text.find("/forecast/trends/2/name"), std::string::npos) << text;
  EXPECT_NE(text.find("/forecast/demand_growth"), std::string::npos) << text;
}

TEST(Futures, QuantilesAreTheCatalogs) {
  Trends trends = catalog();
  for (Trend& trend : trends.trends) trend.noise = 0;
  std::vector<double> density;
  for (std::uint64_t i = 1; i <= 4000; ++i) {
    density.push_back(Future(trends, 7, i, 2).factor(TrendName::model_density, 1));
  }
  std::sort(density.begin(), density.end());
  const Figure& figure = trends.per_year(TrendName::model_density);
  // The standard error of these quantiles is about 2 % of the logarithm's spread.
  EXPECT_NEAR(std::log(density[400] / *figure.low), 0, 0.08);
  EXPECT_NEAR(std::log(density[2000] / figure.value), 0, 0.08);
  EXPECT_NEAR(std::log(density[3600] / *figure.high), 0, 0.08);
}

TEST(Futures, ShareTheirLuckWhateverElseChanges) {
  Trends other = catalog();
  other.trends[static_cast<std::size_t>(TrendName::api_price)].per_year = Figure{.value = 0.9};
  for (std::uint64_t i = 1; i <= 20; ++i) {
    const Future a(catalog(), 1, i, 5);
    const Future b(other, 1, i, 5);
    EXPECT_EQ(a.factor(TrendName::demand, 4), b.factor(TrendName::demand, 4));
    EXPECT_NE(a.factor(TrendName::api_price, 4), b.factor(TrendName::api_price, 4));
    // A longer forecast begins with the same years.
    EXPECT_EQ(a.factor(TrendName::demand, 3),
              Future(catalog(), 1, i, 9).factor(TrendName::demand, 3));
  }
}

TEST(Futures, ModelsDoNotShrinkBelowTheSmallest) {
  for (std::uint64_t i = 1; i <= 200; ++i) {
    const Future future(catalog(), 1, i, 15);
    for (int year = 1; year < 15; ++year) {
      EXPECT_LE(future.model_size(year), future.model_size(year - 1));
      EXPECT_GE(future.model_size(year), 0.001);
    }
  }
}

}  // namespace
}  // namespace microdc
