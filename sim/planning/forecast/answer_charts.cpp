#include "sim/planning/forecast/answer_charts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/planning/forecast/answer_words.hpp"

namespace microdc {
namespace {

constexpr const char* shaded_note = "Line: P50; shaded: P10 to P90 of the futures.";

void add_band(HtmlChart::Series& series, const FutureBand& band) {
  series.values.push_back(band.p50);
  series.ranges.push_back(band.p10 && band.p90 ? std::optional(std::pair(*band.p10, *band.p90))
                                               : std::nullopt);
}

HtmlChart::Series strategy_series(const std::string& name, const StrategyForecast& strategy,
                                  FutureBand ForecastYear::*figure) {
  HtmlChart::Series series{.name = name};
  for (const ForecastYear& year : strategy.years) add_band(series, year.*figure);
  return series;
}

/// The same value in every year.
HtmlChart::Series constant_series(const std::string& name, double value, std::size_t years) {
  HtmlChart::Series series{.name = name, .limit = true};
  series.values.assign(years, value);
  return series;
}

const StrategyForecast& strategy_of(const Forecast& forecast, Strategy::Kind kind) {
  return *std::find_if(forecast.strategies.begin(), forecast.strategies.end(),
                       [&](const StrategyForecast& s) { return s.strategy.kind == kind; });
}

/// Bars of one value per strategy; the one that is best most often stands out.
template <class Add>
void add_strategy_bars(const Forecast& forecast, HtmlChart& chart, Add add_value) {
  const StrategyForecast& best = best_strategy(forecast);
  HtmlChart::Series chosen{.name = "best most often", .emphasised = true};
  HtmlChart::Series others{.name = "others"};
  for (const StrategyForecast& strategy : forecast.strategies) {
    chart.labels.push_back(text_of(strategy.strategy));
    const bool is_best = &strategy == &best;
    HtmlChart::Series& series = is_best ? chosen : others;
    HtmlChart::Series& blank = is_best ? others : chosen;
    add_value(series, strategy);
    blank.values.emplace_back();
    blank.ranges.emplace_back();
  }
  chart.series = {std::move(chosen), std::move(others)};
}

}  // namespace

std::vector<std::string> year_labels(const Forecast& forecast) {
  std::vector<std::string> labels;
  for (int year = 0; year < forecast.years; ++year) {
    labels.push_back(forecast.first_year ? std::to_string(*forecast.first_year + year)
                                         : fmt::format("year {}", year + 1));
  }
  return labels;
}

HtmlChart best_chart(const Forecast& forecast) {
  HtmlChart chart{.kind = HtmlChart::Kind::stacked,
                  .title = "How often each is best",
                  .note = "Meets the need in most years and, of those that do, costs least.",
                  .x_label = "% of the futures",
                  .horizontal = true};
  add_strategy_bars(forecast, chart, [](HtmlChart::Series& series, const StrategyForecast& s) {
    series.values.emplace_back(100 * s.cheapest);
    series.ranges.emplace_back();
  });
  return chart;
}

HtmlChart strategy_cost_chart(const Forecast& forecast, const std::string& currency) {
  HtmlChart chart{.kind = HtmlChart::Kind::stacked,
                  .title = "What each costs a year",
                  .note =
                      "Everything, as equal payments a year. Bar: P50; whiskers: P10 to P90 of "
                      "the futures.",
                  .x_label = currency + " a year",
                  .horizontal = true};
  add_strategy_bars(forecast, chart, [](HtmlChart::Series& series, const StrategyForecast& s) {
    add_band(series, s.per_year);
  });
  return chart;
}

HtmlChart cost_to_date_chart(const Forecast& forecast, const std::string& currency) {
  HtmlChart chart{.kind = HtmlChart::Kind::bands,
                  .title = "Cost to date",
                  .note = std::string("If everything ended with that year and the equipment were "
                                      "sold. ") +
                          shaded_note,
                  .y_label = currency,
                  .labels = year_labels(forecast)};
  chart.series.push_back(strategy_series("buy now and keep",
                                         strategy_of(forecast, Strategy::Kind::keep),
                                         &ForecastYear::cost_to_date));
  chart.series.back().emphasised = true;
  if (forecast.has_cloud()) {
    chart.series.push_back(strategy_series("cloud", strategy_of(forecast, Strategy::Kind::cloud),
                                           &ForecastYear::cost_to_date));
  }
  return chart;
}

HtmlChart refresh_chart(const Forecast& forecast) {
  HtmlChart chart{.title = "When to refresh the servers",
                  .note = "Of keeping them and of new ones after so many years, the best.",
                  .x_label = "new servers after",
                  .y_label = "% of the futures"};
  HtmlChart::Series series{.name = "best"};
  for (std::size_t i = 0; i < forecast.refresh_best.size(); ++i) {
    const bool keep = i + 1 == forecast.refresh_best.size();
    chart.labels.push_back(keep ? "never" : fmt::format("{} year{}", i + 1, i == 0 ? "" : "s"));
    series.values.emplace_back(100 * forecast.refresh_best[i]);
  }
  chart.series.push_back(std::move(series));
  return chart;
}

HtmlChart first_token_chart(const Forecast& forecast, const Scenario& scenario) {
  HtmlChart chart{
      .kind = HtmlChart::Kind::bands,
      .title = "First token on the rack as it is",
      .note =
          std::string(shaded_note) + " No line: overloaded, waiting times would grow without end.",
      .y_label = fmt::format("seconds, {:g} % of the requests", 100 * scenario.needs.attainment),
      .labels = year_labels(forecast)};
  chart.series.push_back(strategy_series("first token", strategy_of(forecast, Strategy::Kind::keep),
                                         &ForecastYear::ttft));
  chart.series.back().emphasised = true;
  if (scenario.slo.ttft) {
    chart.series.push_back(
        constant_series("target", scenario.slo.ttft->value(), chart.labels.size()));
  }
  return chart;
}

HtmlChart quality_chart(const Forecast& forecast) {
  const QualityForecast& quality = *forecast.quality;
  HtmlChart chart{.kind = HtmlChart::Kind::bands,
                  .title = "Quality: own rack against what can be bought",
                  .note = std::string("MMLU: questions of general knowledge. ") + shaded_note,
                  .y_label = "MMLU score",
                  .labels = year_labels(forecast),
                  .from_zero = false};
  HtmlChart::Series local{.name = "best open model that fits the rack", .emphasised = true};
  HtmlChart::Series premium{.name = "best that can be bought"};
  for (const FutureBand& band : quality.reachable) add_band(local, band);
  for (const FutureBand& band : quality.frontier) add_band(premium, band);
  chart.series = {std::move(local), std::move(premium),
                  constant_series(fmt::format("{} today", quality.premium), quality.premium_today,
                                  chart.labels.size())};
  return chart;
}

}  // namespace microdc
