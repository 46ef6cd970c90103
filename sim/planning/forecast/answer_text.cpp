#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/planning/forecast/answer.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Kind = Strategy::Kind;

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

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
    return headline() + answers() + strategies() + years() + quality() + basis();
  }

 private:
  [[nodiscard]] std::string money(const std::optional<double>& amount) const {
    return amount ? money_text(*amount, currency_) : "–";
  }
  /// "year 3, 2029"; beyond the horizon it is "later or never".
  [[nodiscard]] std::string year_name(const std::optional<double>& year) const {
    if (!year) return "later or never";
    const long number = std::lround(*year);
    if (!forecast_.first_year) return fmt::format("year {}", number);
    return fmt::format("year {}, {}", number, *forecast_.first_year + number - 1);
  }
  [[nodiscard]] std::string when(const EventForecast& event) const {
    if (event.probability == 0) return fmt::format("not within {} years", forecast_.years);
    if (!event.year.p10) {
      return fmt::format("within {} years in {} of the futures only", forecast_.years,
                         percent(event.probability));
    }
    return fmt::format("{} (P10: {}; P90: {}); within {} years in {} of the futures",
                       year_name(event.year.p50), year_name(event.year.p10),
                       year_name(event.year.p90), forecast_.years, percent(event.probability));
  }
  template <class Matches>
  [[nodiscard]] double chance(Matches matches) const {
    double sum = 0;
    for (const StrategyForecast& s : forecast_.strategies) {
      if (matches(s.strategy.kind)) sum += s.cheapest;
    }
    return sum;
  }
  [[nodiscard]] const StrategyForecast& best() const {
    return *std::max_element(forecast_.strategies.begin(), forecast_.strategies.end(),
                             [](const StrategyForecast& a, const StrategyForecast& b) {
                               return a.cheapest < b.cheapest;
                             });
  }

  /// The strategy that is taken most often among those that have a rack all the time.
  [[nodiscard]] const StrategyForecast& best_with_rack() const {
    const auto rank = [](const StrategyForecast& s) {
      const bool rack = s.strategy.kind != Kind::cloud && s.strategy.kind != Kind::wait;
      return rack ? s.cheapest : -1;
    };
    return *std::max_element(
        forecast_.strategies.begin(), forecast_.strategies.end(),
        [&](const StrategyForecast& a, const StrategyForecast& b) { return rank(a) < rank(b); });
  }

  [[nodiscard]] std::string headline() const {
    const double buy = chance([](Kind k) { return k == Kind::keep || k == Kind::refresh; });
    const double wait = chance([](Kind k) { return k == Kind::wait; });
    const double lease = chance([](Kind k) { return k == Kind::lease; });
    const double cloud = chance([](Kind k) { return k == Kind::cloud; });
    const double most = std::max({buy, wait, lease, cloud});
    const char* advice = "Buy now.";
    if (most == cloud) advice = "Stay in the cloud.";
    if (most == lease) advice = "Lease.";
    if (most == wait) advice = "Wait a year.";
    if (most == buy) advice = "Buy now.";
    std::string text = fmt::format(
        "{} Of {} futures over {} years, buying now is best in {}, waiting a year in {}, leasing "
        "in {}",
        advice, count_text(forecast_.futures), forecast_.years, percent(buy), percent(wait),
        percent(lease));
    if (!forecast_.cloud.empty())
      text += fmt::format(", staying in the cloud in {}", percent(cloud));
    text += fmt::format(". Best single choice: {} ({}).", text_of(best().strategy),
                        percent(best().cheapest));
    return wrapped(text, "", 0);
  }

  [[nodiscard]] std::string answers() const {
    std::vector<std::pair<std::string, std::string>> rows;
    rows.emplace_back("outgrown", when(forecast_.outgrown));
    rows.emplace_back("refresh", refresh_words());
    rows.emplace_back("local or cloud", cloud_words());
    if (forecast_.quality) {
      rows.emplace_back(
          "sovereignty gap",
          fmt::format("the rack as it is reaches today's premium quality ({:.1f}, {}): {}",
                      forecast_.quality->premium_today, forecast_.quality->premium,
                      when(forecast_.quality->gap_closed)));
    }
    return "\nAnswers\n" + labelled(rows);
  }

  [[nodiscard]] std::string refresh_words() const {
    const auto& shares = forecast_.refresh_best;
    if (shares.size() < 2) return "the forecast is too short to tell";
    const auto best = static_cast<std::size_t>(std::max_element(shares.begin(), shares.end() - 1) -
                                               shares.begin());
    std::string what;
    for (const SiteSpec& site : scenario_.sites) {
      for (const RackSpec& rack : site.racks) {
        for (const ServerGroupSpec& group : rack.servers) {
          what += fmt::format("{}{} × {}", what.empty() ? "" : ", ", group.count, group.type);
        }
      }
    }
    if (shares.back() >= 0.5) {
      return fmt::format(
          "keep {} for all {} years: best in {} of the futures (else, most often: "
          "replace it after {} years)",
          what, forecast_.years, percent(shares.back()), best + 1);
    }
    return fmt::format(
        "replace {} by what the same money buys then, most often after {} year{} "
        "({}); keeping it is best in {}",
        what, best + 1, best == 0 ? "" : "s", percent(shares[best]), percent(shares.back()));
  }

  [[nodiscard]] std::string cloud_words() const {
    if (forecast_.cloud.empty()) {
      if (forecast_.cloud_lawful && !*forecast_.cloud_lawful)
        return "no cloud may take these data (planning aid, not legal advice)";
      return "no cloud offer is good enough for needs.quality";
    }
    std::string text = fmt::format("against {}, the rack has cost no more than the cloud: {}",
                                   forecast_.cloud, when(forecast_.beats_cloud));
    if (!forecast_.cloud_lawful) {
      text +=
          ". Whether the cloud is lawful was not checked: organisation.jurisdiction is not stated";
    }
    return text;
  }

  [[nodiscard]] std::string strategies() const {
    Rows rows{{"", "best in", "need met", "a year, P10", "P50", "P90"}};
    for (const StrategyForecast& s : forecast_.strategies) {
      rows.push_back({text_of(s.strategy), percent(s.cheapest), percent(s.adequate),
                      money(s.per_year.p10), money(s.per_year.p50), money(s.per_year.p90)});
    }
    return "\nStrategies (total cost of ownership as equal payments a year)\n" + aligned(rows);
  }

  [[nodiscard]] std::string years() const {
    const StrategyForecast& s = best_with_rack();
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
    add("first token", &ForecastYear::ttft, duration_text);
    add("within targets", &ForecastYear::within, share_text);
    add("energy", &ForecastYear::energy, energy_text);
    add("carbon, t", &ForecastYear::carbon, amount);
    add("running cost, " + currency_, &ForecastYear::running_cost, amount);
    add("cost to date, " + currency_, &ForecastYear::cost_to_date, amount);
    return text + aligned(rows);
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
    std::string text = fmt::format(
        "{} futures, seed {}; demand, models, hardware, prices and electricity from {} trends "
        "(`microdc list trends`). {} requests of the busiest week were simulated under {} loads, "
        "with {} sizes of models and {} generations of hardware; years are interpolated between "
        "these. Bands hold the trends, not the errors of the laws (`simulate --samples`).",
        count_text(forecast_.futures), scenario_.seed, forecast_.trends.trends.size(),
        count_text(forecast_.requests), forecast_.axes.loads.size(), forecast_.axes.sizes.size(),
        forecast_.axes.progress.size());
    return "\nHow it was found\n" + wrapped(text, "  ", 2);
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
