#include "sim/planning/forecast/answer_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "sim/economics/cents.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {

std::string percent_text(double share) { return fmt::format("{:.0f} %", 100 * share); }

namespace {

template <class Share>
BestWays ways_of(const Forecast& forecast, Share share) {
  BestWays ways;
  for (std::size_t i = 0; i < forecast.strategies.size(); ++i) {
    switch (forecast.strategies[i].strategy.kind) {
      case Strategy::Kind::keep:
      case Strategy::Kind::refresh: ways.buy += share(i); break;
      case Strategy::Kind::wait: ways.wait += share(i); break;
      case Strategy::Kind::lease: ways.lease += share(i); break;
      case Strategy::Kind::cloud: ways.cloud += share(i); break;
    }
  }
  return ways;
}

}  // namespace

std::vector<double> best_in_percents(const Forecast& forecast) {
  std::vector<double> shares;
  for (const StrategyForecast& s : forecast.strategies) shares.push_back(s.cheapest);
  std::vector<double> percents;
  for (const Cents& part : rounded_parts(shares)) {  // hundredths of the whole
    percents.push_back(static_cast<double>(part.hundredths()) / 100);
  }
  return percents;
}

BestWays best_ways(const Forecast& forecast) {
  return ways_of(forecast, [&](std::size_t i) { return forecast.strategies[i].cheapest; });
}

BestWays whole_percents(const Forecast& forecast) {
  const std::vector<double> percents = best_in_percents(forecast);
  return ways_of(forecast, [&](std::size_t i) { return percents[i]; });
}

std::string advice_text(const BestWays& ways) {
  const double most = std::max({ways.buy, ways.wait, ways.lease, ways.cloud});
  if (most == ways.buy) return "Buy now";
  if (most == ways.wait) return "Wait a year";
  if (most == ways.lease) return "Lease";
  return "Stay in the cloud";
}

std::string forecast_headline(const Forecast& forecast) {
  const BestWays ways = whole_percents(forecast);
  std::string text = fmt::format(
      "{}. Of {} futures over {}, buying now is best in {}, waiting a year in {}, leasing "
      "in {}",
      advice_text(best_ways(forecast)), count_text(forecast.futures), years_text(forecast.years),
      percent_text(ways.buy), percent_text(ways.wait), percent_text(ways.lease));
  if (forecast.has_cloud()) {
    text += fmt::format(", staying in the cloud in {}", percent_text(ways.cloud));
  }
  const StrategyForecast& best = best_strategy(forecast);
  const auto best_index = static_cast<std::size_t>(&best - forecast.strategies.data());
  return text + fmt::format(". Best single choice: {} ({}).", text_of(best.strategy),
                            percent_text(best_in_percents(forecast)[best_index]));
}

const StrategyForecast& best_strategy(const Forecast& forecast) {
  return *std::max_element(
      forecast.strategies.begin(), forecast.strategies.end(),
      [](const StrategyForecast& a, const StrategyForecast& b) { return a.cheapest < b.cheapest; });
}

const StrategyForecast& best_with_rack(const Forecast& forecast) {
  const auto rank = [](const StrategyForecast& s) {
    const bool rack =
        s.strategy.kind != Strategy::Kind::cloud && s.strategy.kind != Strategy::Kind::wait;
    return rack ? s.cheapest : -1;
  };
  return *std::max_element(
      forecast.strategies.begin(), forecast.strategies.end(),
      [&](const StrategyForecast& a, const StrategyForecast& b) { return rank(a) < rank(b); });
}

std::string year_text(const Forecast& forecast, const std::optional<double>& year) {
  if (!year) return "later or never";
  const long number = std::lround(*year);
  if (!forecast.first_year) return fmt::format("year {}", number);
  return fmt::format("year {}, {}", number, *forecast.first_year + number - 1);
}

std::string when_text(const Forecast& forecast, const EventForecast& event) {
  if (event.probability == 0) return "not within " + years_text(forecast.years);
  if (!event.year.p10) {
    return fmt::format("within {} in {} of the futures only", years_text(forecast.years),
                       percent_text(event.probability));
  }
  return fmt::format("{} (P10: {}; P90: {}); within {} in {} of the futures",
                     year_text(forecast, event.year.p50), year_text(forecast, event.year.p10),
                     year_text(forecast, event.year.p90), years_text(forecast.years),
                     percent_text(event.probability));
}

std::string scenario_servers_text(const Scenario& scenario, const HardwareCatalog* hardware) {
  std::string text;
  for (const SiteSpec& site : scenario.sites) {
    for (const RackSpec& rack : site.racks) {
      for (const ServerGroupSpec& group : rack.servers) {
        const ServerType* type = hardware != nullptr ? hardware->server(group.type) : nullptr;
        const bool labelled = type != nullptr && !type->label.empty();
        text += fmt::format("{}{} × {}", text.empty() ? "" : ", ", group.count,
                            labelled ? type->label : group.type);
      }
    }
  }
  return text;
}

std::string refresh_text(const Forecast& forecast, const std::string& servers) {
  const auto& shares = forecast.refresh_best;
  if (shares.size() < 2) return "the forecast is too short to tell";
  const auto best =
      static_cast<std::size_t>(std::max_element(shares.begin(), shares.end() - 1) - shares.begin());
  if (shares.back() >= 0.5) {
    return fmt::format(
        "keep {} for all {} years: best in {} of the futures (else, most often: "
        "replace it after {})",
        servers, forecast.years, percent_text(shares.back()),
        years_text(static_cast<double>(best + 1)));
  }
  return fmt::format(
      "replace {} by what the same money buys then, most often after {} year{} "
      "({}); keeping it is best in {}",
      servers, best + 1, best == 0 ? "" : "s", percent_text(shares[best]),
      percent_text(shares.back()));
}

std::string cloud_text(const Forecast& forecast) {
  if (!forecast.cloud) return "no cloud offer that has a price is good enough for needs.quality";
  const ForecastCloud& cloud = *forecast.cloud;
  if (cloud.forbidden) {
    return fmt::format("no cloud may take these data, whatever is arranged ({})",
                       policy_disclaimer);
  }
  if (!forecast.has_cloud()) {
    return fmt::format("no cloud may take these data as things are described: {} needs {} ({})",
                       cloud.label, cloud.needs_text, policy_disclaimer);
  }
  std::string text = fmt::format("against {}, the rack has cost no more than the cloud: {}",
                                 cloud.label, when_text(forecast, forecast.beats_cloud));
  if (!cloud.lawful) {
    text +=
        ". Whether the cloud is lawful was not checked: organisation.jurisdiction is not stated";
  }
  return text;
}

std::string gap_text(const Forecast& forecast) {
  return fmt::format("the rack as it is reaches today's premium quality ({:.1f}, {}): {}",
                     forecast.quality->premium_today, forecast.quality->premium,
                     when_text(forecast, forecast.quality->gap_closed));
}

std::string strategies_note(const Forecast& forecast) {
  std::string text =
      "Shares are of the futures. Best in a future is what meets the need in most years; of what "
      "meets it in as many, what leaves fewest years without any service (waiting leaves the "
      "first, "
      "where no cloud may fill it); of these the cheapest. Need met: in every year.";
  if (forecast.has_cloud()) {
    text +=
        " With a rack: purchase, energy, staff, maintenance and support. In the cloud: tokens "
        "alone, nobody's time.";
  }
  return text;
}

std::string outgrown_text(const Forecast& forecast) {
  return when_text(forecast, forecast.outgrown) +
         ". A rack is outgrown when it serves fewer requests in time than needed; smaller models "
         "of "
         "equal quality take the place of today's";
}

std::string basis_text(const Forecast& forecast, const Scenario& scenario) {
  const std::string today =
      forecast.samples == 0
          ? "Bands hold the trends, not the errors of the laws and the ranges of today's prices."
          : fmt::format(
                "Bands hold the trends and, in {} draws that the futures share, the errors of the "
                "hardware's laws and the ranges of overheads, prices and powers of today.",
                forecast.samples);
  return fmt::format(
      "{} futures, seed {}; demand, models, hardware, prices and electricity from {} trends "
      "(microdc list trends). {} requests of the busiest week were simulated under {} loads, "
      "with {} sizes of models and {} generations of hardware; years are interpolated between "
      "these. {}",
      count_text(forecast.futures), scenario.seed, forecast.trends.trends.size(),
      count_text(forecast.requests), forecast.axes.loads.size(), forecast.axes.sizes.size(),
      forecast.axes.progress.size(), today);
}

}  // namespace microdc
