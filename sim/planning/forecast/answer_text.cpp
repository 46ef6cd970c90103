#include <fmt/format.h>

#include <array>

#include "sim/planning/forecast/answer.hpp"
#include "sim/planning/forecast/answer_words.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

class ForecastText {
 public:
  ForecastText(const Forecast& forecast, const Scenario& scenario)
      : forecast_(forecast), scenario_(scenario), currency_(scenario.economics.currency) {}

  std::string write() const {
    if (forecast_.interrupted) {
      return wrapped(
          "INTERRUPTED: no forecast. What was simulated is kept; the same command with the same "
          "-o goes on.",
          "", 0);
    }
    return wrapped(forecast_headline(forecast_), "", 0) + answers() + strategies() + years() +
           quality() + basis();
  }

 private:
  [[nodiscard]] std::string money(const std::optional<double>& amount) const {
    return amount ? money_text(*amount, currency_) : "–";
  }

  [[nodiscard]] std::string answers() const {
    std::vector<std::pair<std::string, std::string>> rows;
    rows.emplace_back("rack", scenario_servers_text(scenario_) +
                                  ", as the scenario has it; `microdc plan` may recommend another");
    rows.emplace_back("outgrown", outgrown_text(forecast_));
    rows.emplace_back("refresh", refresh_text(forecast_, scenario_servers_text(scenario_)));
    rows.emplace_back("local or cloud", cloud_text(forecast_));
    if (forecast_.quality) rows.emplace_back("sovereignty gap", gap_text(forecast_));
    return "\nAnswers\n" + labelled(rows);
  }

  [[nodiscard]] std::string strategies() const {
    Rows rows{{"", "best in", "need met", "a year, P10", "P50", "P90"}};
    const std::vector<double> best_in = best_in_percents(forecast_);
    for (std::size_t i = 0; i < forecast_.strategies.size(); ++i) {
      const StrategyForecast& s = forecast_.strategies[i];
      rows.push_back({text_of(s.strategy), percent_text(best_in[i]), percent_text(s.adequate),
                      money(s.per_year.p10), money(s.per_year.p50), money(s.per_year.p90)});
    }
    return "\nStrategies (total cost of ownership as equal payments a year)\n" + aligned(rows) +
           wrapped(strategies_note(forecast_), "  ", 2);
  }

  [[nodiscard]] std::string years() const {
    const StrategyForecast& s = best_with_rack(forecast_);
    std::string text = fmt::format("\nYear by year: {} (P10 – P50 – P90)\n", text_of(s.strategy));
    Rows rows{{""}};
    for (std::size_t y = 0; y < s.years.size(); ++y) rows[0].push_back(fmt::format("{}", y + 1));
    const auto add = [&](const std::string& name, FutureBand ForecastYear::*band,
                         auto text_of_value) {
      const std::array<std::pair<const char*, std::optional<double> FutureBand::*>, 3> ends{
          std::pair{"P10", &FutureBand::p10}, std::pair{"P50", &FutureBand::p50},
          std::pair{"P90", &FutureBand::p90}};
      for (const auto& [end, member] : ends) {
        std::vector<std::string> row{fmt::format("{} {}", name, end)};
        for (const ForecastYear& year : s.years) {
          const auto& value = year.*band.*member;
          row.push_back(value ? text_of_value(*value) : "–");
        }
        rows.push_back(std::move(row));
      }
    };
    const auto times = [](double v) { return fmt::format("{:.2f}", v); };
    const auto amount = [](double v) { return rounded_text(v); };
    add("demand, × today", &ForecastYear::demand, times);
    add("model size, × today", &ForecastYear::model_size, times);
    add(fmt::format("first token of {:g} %,", 100 * scenario_.needs.attainment),
        &ForecastYear::ttft, duration_text);
    add("within targets", &ForecastYear::within, share_text);
    add("energy", &ForecastYear::energy, energy_text);
    add("carbon, t", &ForecastYear::carbon, amount);
    add("running cost, " + currency_, &ForecastYear::running_cost, amount);
    add("cost to date, " + currency_, &ForecastYear::cost_to_date, amount);
    return text + aligned(rows) + wrapped(cost_to_date_note, "  ", 2);
  }

  [[nodiscard]] std::string quality() const {
    if (!forecast_.quality) return "";
    const QualityForecast& q = *forecast_.quality;
    Rows rows{{""}};
    std::vector<std::string> local{"best open model that fits the rack"};
    std::vector<std::string> premium{"best that can be bought"};
    for (std::size_t y = 0; y < q.reachable.size(); ++y) {
      rows[0].push_back(fmt::format("{}", y + 1));
      local.push_back(fmt::format("{:.0f}–{:.0f}", *q.reachable[y].p10, *q.reachable[y].p90));
      premium.push_back(fmt::format("{:.0f}–{:.0f}", *q.frontier[y].p10, *q.frontier[y].p90));
    }
    rows.push_back(local);
    rows.push_back(premium);
    return "\nQuality (MMLU, P10–P90)\n" + aligned(rows);
  }

  [[nodiscard]] std::string basis() const {
    return "\nHow it was found\n" + wrapped(basis_text(forecast_, scenario_), "  ", 2);
  }

  const Forecast& forecast_;
  const Scenario& scenario_;
  std::string currency_;
};

}  // namespace

std::string forecast_text(const Forecast& forecast, const Scenario& scenario) {
  return ForecastText(forecast, scenario).write();
}

}  // namespace microdc
