// The page of a forecast says what the forecast found.
#include "sim/planning/forecast/answer_page.hpp"

#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/forecast/answer_charts.hpp"
#include "sim/planning/forecast/answer_words.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc::testing {
namespace {

StrategyForecast page_strategy(Strategy::Kind kind, int year, double share, double cost) {
  StrategyForecast s{.strategy = {kind, year},
                     .per_year = {cost - 100, cost, cost + 100},
                     .adequate = 1,
                     .cheapest = share};
  for (int y = 0; y < 3; ++y) {
    ForecastYear& of_year = s.years.emplace_back();
    of_year.demand = {1.0 + y, 1.5 + y, 2.0 + y};
    of_year.ttft = {0.1, 0.2, y == 2 ? std::nullopt : std::optional(0.4)};
    of_year.cost_to_date = {cost * (y + 1) - 1, cost * (y + 1), cost * (y + 1) + 1};
  }
  return s;
}

Scenario page_office() {
  Scenario scenario = chat_office("office", 30, 600, 100);
  scenario.slo.ttft = Seconds(2);
  scenario.economics.currency = "EUR";
  return scenario;
}

Forecast three_years() {
  Forecast forecast;
  forecast.years = 3;
  forecast.futures = 200;
  forecast.first_year = 2026;
  forecast.trends = *trend_catalog();
  using Kind = Strategy::Kind;
  forecast.strategies = {
      page_strategy(Kind::keep, 0, 0.2, 1000), page_strategy(Kind::refresh, 2, 0.5, 900),
      page_strategy(Kind::wait, 0, 0.1, 1200), page_strategy(Kind::cloud, 0, 0.2, 1500)};
  forecast.cloud = {.label = "mini (vendor)", .lawful = true};
  forecast.refresh_best = {0.1, 0.6, 0.3};
  forecast.outgrown = {0.7, {2, 3, std::nullopt}};
  forecast.beats_cloud = {1, {1, 2, 2}};
  forecast.quality = QualityForecast{.model = "m", .premium_today = 90, .premium = "best"};
  for (int y = 0; y < 3; ++y) {
    forecast.quality->reachable.push_back({70, 80, 85});
    forecast.quality->frontier.push_back({90, 91, 92});
  }
  return forecast;
}

HtmlPage forecast_page_of(const Forecast& forecast) {
  static const EconomicsCatalog prices;
  return forecast_page(forecast, page_office(), {catalogs().hardware, catalogs().profiles, prices},
                       "digest");
}

const HtmlFigure& page_figure(const HtmlPage& page, const std::string& label) {
  for (const HtmlFigure& item : page.figures) {
    if (item.label == label) return item;
  }
  ADD_FAILURE() << "there is no figure " << label;
  return page.figures.front();
}

TEST(ForecastPage, KeyFiguresAreTheAnswers) {
  const HtmlPage page = forecast_page_of(three_years());
  EXPECT_EQ(page.answer, forecast_headline(three_years()));
  EXPECT_EQ(page_figure(page, "Buy, wait or lease").value, "Buy now");
  EXPECT_EQ(page_figure(page, "Buy, wait or lease").note, "best in 70 % of 200 futures");
  EXPECT_EQ(page_figure(page, "A year, all in").value, "900 EUR");
  EXPECT_EQ(page_figure(page, "The rack is outgrown").value, "2028");
  EXPECT_EQ(page_figure(page, "The rack is outgrown").note, "P10 2027, P90 later or never");
  EXPECT_EQ(page_figure(page, "New servers").value, "after 2 years");
  EXPECT_EQ(page_figure(page, "Cheaper than a cloud").value, "2027");
  EXPECT_EQ(page_figure(page, "Sovereignty gap closes").value, "not within 3 years");
  EXPECT_EQ(page.origin[1].second, "digest");
}

TEST(ForecastPage, WithoutACloudItSaysWhy) {
  Forecast forecast = three_years();
  forecast.cloud->lawful = false;
  forecast.cloud->needs_text = "a contract";
  forecast.strategies.pop_back();
  const auto why = [](const Forecast& of) {
    const HtmlPage page = forecast_page_of(of);
    EXPECT_EQ(page_figure(page, "Cheaper than a cloud").value, "no cloud");
    std::string text = page_figure(page, "Cheaper than a cloud").note + ". ";
    for (const HtmlSection& section : page.sections) {
      for (const auto& [label, value] : section.facts) {
        if (label == "cheaper than a cloud") text += value;
      }
    }
    return text;
  };
  EXPECT_EQ(why(forecast),
            "none is lawful as described. no cloud may take these data as things are described: "
            "mini (vendor) needs a contract (planning aid, not legal advice)");
  Forecast forbidden = forecast;
  forbidden.cloud->forbidden = true;
  EXPECT_EQ(why(forbidden),
            "forbidden for these data. no cloud may take these data, whatever is arranged "
            "(planning aid, not legal advice)");
  Forecast none = forecast;
  none.cloud.reset();
  EXPECT_EQ(
      why(none),
      "no offer with a price is good enough. no cloud offer that has a price is good enough for "
      "needs.quality");
  EXPECT_EQ(cost_to_date_chart(forecast, "EUR").series.size(), 1U);
}

TEST(ForecastPage, BandsAreLeftOutWhereAnEndIsNotKnown) {
  const HtmlChart chart = first_token_chart(three_years(), page_office());
  EXPECT_EQ(chart.labels, (std::vector<std::string>{"2026", "2027", "2028"}));
  ASSERT_EQ(chart.series.size(), 2U);
  EXPECT_EQ(chart.series[0].ranges[0], std::pair(0.1, 0.4));
  EXPECT_FALSE(chart.series[0].ranges[2]);
  EXPECT_EQ(*chart.series[0].values[2], 0.2);
  EXPECT_TRUE(chart.series[1].limit);
  EXPECT_EQ(*chart.series[1].values[2], 2);
}

TEST(ForecastPage, TheBestStandsOutInTheChartOfCosts) {
  const HtmlChart chart = strategy_cost_chart(three_years(), "EUR");
  ASSERT_EQ(chart.labels.size(), 4U);
  EXPECT_TRUE(chart.series[0].emphasised);
  EXPECT_FALSE(chart.series[0].values[0]);
  EXPECT_EQ(*chart.series[0].values[1], 900);
  EXPECT_EQ(chart.series[0].ranges[1], std::pair(800.0, 1000.0));
  EXPECT_EQ(*chart.series[1].values[0], 1000);
}

TEST(ForecastPage, EveryTrendIsThereWithItsSource) {
  const HtmlPage page = forecast_page_of(three_years());
  const HtmlSection& sources = page.sections.back();
  ASSERT_EQ(sources.title, "Assumptions and sources");
  for (const Trend& trend : trend_catalog()->trends) {
    bool found = false;
    for (const auto& row : sources.tables[0].rows) {
      found =
          found || (row[1].starts_with(trend.label) && row[3].starts_with(trend.per_year->source));
    }
    EXPECT_TRUE(found) << trend.name;
  }
}

TEST(ForecastWords, SharesOfTheWaysAddUpToThoseOfTheTable) {
  Forecast forecast;
  for (const double share : {0.495, 0.255, 0.245, 0.005}) {
    forecast.strategies.push_back({.cheapest = share});
  }
  forecast.strategies[2].strategy.kind = Strategy::Kind::wait;
  forecast.strategies[3].strategy.kind = Strategy::Kind::lease;
  const std::vector<double> rows = best_in_percents(forecast);
  const BestWays ways = whole_percents(forecast);
  EXPECT_NEAR(ways.buy + ways.wait + ways.lease + ways.cloud, 1, 1e-12);
  EXPECT_NEAR(ways.buy, rows[0] + rows[1], 1e-12);
  EXPECT_EQ(ways.wait, rows[2]);
  EXPECT_EQ(ways.lease, rows[3]);
}

TEST(ForecastWords, AYearWithoutServiceIsWorseThanOneThatMissesATarget) {
  std::vector<StrategyYear> buys(2), waits(2);
  buys[0].served = buys[1].served = waits[1].served = true;
  buys[1].adequate = waits[1].adequate = true;
  buys[1].cost_to_date = 100;
  waits[1].cost_to_date = 50;
  EXPECT_TRUE(is_better(buys, waits));
  EXPECT_FALSE(is_better(waits, buys));
  waits[0].served = waits[0].adequate = true;  // by a cloud
  EXPECT_TRUE(is_better(waits, buys));
  buys[0].adequate = true;
  EXPECT_TRUE(is_better(waits, buys)) << "as good and cheaper";
}

}  // namespace
}  // namespace microdc::testing
