#include "sim/planning/forecast/answer_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hwprofiles/base/provenance.hpp"
#include "sim/planning/forecast/answer_charts.hpp"
#include "sim/planning/forecast/answer_words.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

class ForecastPage {
 public:
  ForecastPage(const Forecast& forecast, const Scenario& scenario, const PageKnowledge& knowledge)
      : forecast_(forecast),
        scenario_(scenario),
        knowledge_(knowledge),
        currency_(scenario.economics.currency) {}

  HtmlPage write(const std::string& inputs_sha256) const {
    HtmlPage page{.kind = "Forecast",
                  .title = scenario_.name,
                  .about = scenario_.description,
                  .answer = forecast_headline(forecast_)};
    page.figures = key_figures();
    page.sections.push_back(ways());
    page.sections.push_back(refreshing());
    page.sections.push_back(cloud_and_quality());
    page.sections.push_back(years());
    page.sections.push_back(certainty());
    HtmlSection laws{.title = "Errors of the hardware laws", .folded = true};
    laws.tables.push_back(
        law_table(law_errors_of(scenario_, knowledge_.hardware, knowledge_.profiles)));
    page.sections.push_back(std::move(laws));
    const std::vector<Assumption> assumptions = all_assumptions();
    page.sections.push_back(assumptions_section(assumptions));
    page.origin = origin_of(scenario_, inputs_sha256, assumptions);
    return page;
  }

 private:
  [[nodiscard]] std::string money(const std::optional<double>& amount) const {
    return amount ? money_text(*amount, currency_) : "–";
  }
  /// "1.2–3.4"; an end that is not known is open.
  template <class Text>
  static std::string range(const FutureBand& band, Text text) {
    if (!band.p10) return "–";
    const std::string low = text(*band.p10);
    if (!band.p90) return "from " + low;
    const std::string high = text(*band.p90);
    return low == high ? low : fmt::format("{}–{}", low, high);
  }

  /// The median year of an event for a key figure, and its spread.
  [[nodiscard]] HtmlFigure event_figure(const std::string& label,
                                        const EventForecast& event) const {
    const auto year = [&](const std::optional<double>& value) {
      return value ? year_labels(forecast_)[static_cast<std::size_t>(*value + 0.5) - 1]
                   : std::string("later or never");
    };
    HtmlFigure figure{.label = label, .value = year(event.year.p50)};
    if (event.probability == 0) {
      figure.value = "not within " + years_text(forecast_.years);
      figure.note = "in none of the futures";
    } else if (!event.year.p10) {
      figure.note = fmt::format("within {} in {} of the futures", years_text(forecast_.years),
                                percent_text(event.probability));
    } else {
      figure.note = fmt::format("P10 {}, P90 {}", year(event.year.p10), year(event.year.p90));
    }
    return figure;
  }

  /// In few words: cloud_text says the rest below.
  [[nodiscard]] std::string why_no_cloud() const {
    if (!forecast_.cloud) return "no offer with a price is good enough";
    return forecast_.cloud->forbidden ? "forbidden for these data" : "none is lawful as described";
  }

  [[nodiscard]] std::vector<HtmlFigure> key_figures() const {
    const StrategyForecast& best = best_strategy(forecast_);
    std::vector<HtmlFigure> list;
    const BestWays shares = whole_percents(forecast_);
    list.push_back(
        {"Buy, wait or lease", advice_text(best_ways(forecast_)),
         fmt::format("best in {} of {} futures",
                     percent_text(std::max({shares.buy, shares.wait, shares.lease, shares.cloud})),
                     count_text(forecast_.futures))});
    list.push_back(
        {"A year, all in", money(best.per_year.p50),
         fmt::format("P10 to P90: {} to {}", money(best.per_year.p10), money(best.per_year.p90))});
    list.push_back(event_figure("The rack is outgrown", forecast_.outgrown));
    list.push_back(refresh_figure());
    if (forecast_.has_cloud()) {
      list.push_back(event_figure("Cheaper than a cloud", forecast_.beats_cloud));
    } else {
      list.push_back({"Cheaper than a cloud", "no cloud", why_no_cloud()});
    }
    if (forecast_.quality) {
      list.push_back(event_figure("Sovereignty gap closes", forecast_.quality->gap_closed));
    }
    return list;
  }

  [[nodiscard]] HtmlFigure refresh_figure() const {
    const auto& shares = forecast_.refresh_best;
    const auto best = std::max_element(shares.begin(), shares.end());
    if (shares.size() < 2 || best == shares.end()) return {"New servers", "–", ""};
    const auto years = static_cast<std::size_t>(best - shares.begin()) + 1;
    return {"New servers",
            years == shares.size() ? std::string("not needed")
                                   : fmt::format("after {} year{}", years, years == 1 ? "" : "s"),
            fmt::format("best in {} of the futures", percent_text(*best))};
  }

  [[nodiscard]] HtmlSection ways() const {
    HtmlSection section{.title = "Buy now, wait or lease"};
    section.charts.push_back(best_chart(forecast_));
    section.charts.push_back(strategy_cost_chart(forecast_, currency_));
    HtmlTable table{.title = "Total cost of ownership as equal payments a year",
                    .head = {"", "Best in", "Need met every year in", "P10", "P50", "P90"}};
    const StrategyForecast& best = best_strategy(forecast_);
    const std::vector<double> best_in = best_in_percents(forecast_);
    for (const StrategyForecast& s : forecast_.strategies) {
      const std::size_t row = table.rows.size();
      if (&s == &best) table.emphasised = row;
      table.rows.push_back({text_of(s.strategy), percent_text(best_in[row]),
                            percent_text(s.adequate), money(s.per_year.p10), money(s.per_year.p50),
                            money(s.per_year.p90)});
    }
    table.note = strategies_note(forecast_);
    section.tables.push_back(std::move(table));
    return section;
  }

  [[nodiscard]] HtmlSection refreshing() const {
    HtmlSection section{.title = "What to refresh, and when"};
    section.facts = {{"refresh", refresh_text(forecast_, scenario_servers_text(
                                                             scenario_, &knowledge_.hardware))},
                     {"outgrown", outgrown_text(forecast_)}};
    if (forecast_.refresh_best.size() > 1) section.charts.push_back(refresh_chart(forecast_));
    section.charts.push_back(first_token_chart(forecast_, scenario_));
    return section;
  }

  [[nodiscard]] HtmlSection cloud_and_quality() const {
    HtmlSection section{.title = "Own rack or cloud"};
    section.facts = {{"cheaper than a cloud", cloud_text(forecast_)}};
    section.charts.push_back(cost_to_date_chart(forecast_, currency_));
    if (forecast_.quality) {
      section.facts.emplace_back("sovereignty gap",
                                 "what the best model that can be bought does better than the best "
                                 "open one on this rack; it closes when " +
                                     gap_text(forecast_));
      section.charts.push_back(quality_chart(forecast_));
    }
    return section;
  }

  [[nodiscard]] HtmlSection years() const {
    const StrategyForecast& s = best_with_rack(forecast_);
    HtmlSection section{.title = fmt::format("Year by year: {}", text_of(s.strategy))};
    HtmlTable table{.head = {"P10–P90 of the futures"}};
    for (std::string& label : year_labels(forecast_)) table.head.push_back(std::move(label));
    const auto row = [&](const std::string& name, FutureBand ForecastYear::*figure, auto text) {
      std::vector<std::string> cells{name};
      for (const ForecastYear& year : s.years) cells.push_back(range(year.*figure, text));
      table.rows.push_back(std::move(cells));
    };
    const auto times = [](double value) { return fmt::format("{:.2f}", value); };
    const auto amount = [](double value) { return rounded_text(value); };
    row("Requests, times today's", &ForecastYear::demand, times);
    row("Model size, times today's", &ForecastYear::model_size, times);
    row(fmt::format("First token of {:g} %, s", 100 * scenario_.needs.attainment),
        &ForecastYear::ttft, amount);
    row("Within targets", &ForecastYear::within, percent_text);
    row("Energy, kWh", &ForecastYear::energy, amount);
    row("Carbon, t CO2e", &ForecastYear::carbon, amount);
    row("Running cost, " + currency_, &ForecastYear::running_cost, amount);
    row("Cost to date, " + currency_, &ForecastYear::cost_to_date, amount);
    section.tables.push_back(std::move(table));
    return section;
  }

  [[nodiscard]] HtmlSection certainty() const {
    HtmlSection section{.title = "How sure are we"};
    section.paragraphs.push_back(fmt::format(
        "Each of the {} futures draws one rate per trend from its range and keeps it; 8 in 10 of "
        "the futures lie between P10 and P90. All strategies live in the same futures.",
        count_text(forecast_.futures)));
    section.paragraphs.push_back(basis_text(forecast_, scenario_));
    HtmlTable table{.title = "What is assumed to change, as a factor per year",
                    .head = {"", "P10", "P50", "P90"}};
    const auto factor = [](double value) { return fmt::format("{:.3g}", value); };
    for (const Trend& trend : forecast_.trends.trends) {
      const Figure& f = *trend.per_year;
      table.rows.push_back({trend.label, factor(f.low.value_or(f.value)), factor(f.value),
                            factor(f.high.value_or(f.value))});
    }
    table.note = "1: no change. Sources below; a scenario can replace each.";
    section.tables.push_back(std::move(table));
    return section;
  }

  /// Those of the rack, and the trends with their sources.
  [[nodiscard]] std::vector<Assumption> all_assumptions() const {
    std::vector<Assumption> all;
    const auto add = [&](const std::string& name, const Figure& f) {
      Assumption item{.item = "Trend",
                      .figure = name,
                      .value = fmt::format("{:.3g}", f.value),
                      .kind = std::string(name_of(f.kind)),
                      .source = f.source,
                      .date = f.date};
      if (f.low || f.high) {
        item.range =
            fmt::format("{:.3g} to {:.3g}", f.low.value_or(f.value), f.high.value_or(f.value));
      }
      all.push_back(std::move(item));
    };
    for (const Trend& trend : forecast_.trends.trends) {
      add(trend.label + ", factor per year", *trend.per_year);
    }
    if (forecast_.trends.smallest_model) {
      add("smallest model of equal quality, share of today's", *forecast_.trends.smallest_model);
    }
    for (Assumption& item : assumptions_of(scenario_, knowledge_.hardware, knowledge_.prices, {})) {
      all.push_back(std::move(item));
    }
    return all;
  }

  const Forecast& forecast_;
  const Scenario& scenario_;
  const PageKnowledge& knowledge_;
  std::string currency_;
};

}  // namespace

HtmlPage forecast_page(const Forecast& forecast, const Scenario& scenario,
                       const PageKnowledge& knowledge, const std::string& inputs_sha256) {
  return ForecastPage(forecast, scenario, knowledge).write(inputs_sha256);
}

}  // namespace microdc
