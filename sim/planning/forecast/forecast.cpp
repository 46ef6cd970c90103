#include "sim/planning/forecast/forecast.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "hwprofiles/laws/figure_draw.hpp"
#include "sim/economics/financing.hpp"
#include "sim/planning/forecast/sampled_week.hpp"
#include "sim/planning/forecast/terms.hpp"
#include "sim/report/bands.hpp"

namespace microdc {
namespace {

using Plays = std::vector<std::vector<StrategyYear>>;  ///< per future, per year

template <class Value>
FutureBand band_over(const Plays& plays, std::size_t year, Value value) {
  std::vector<std::optional<double>> values;
  for (const auto& play : plays) values.push_back(value(play[year]));
  return band_of(values);
}

ForecastYear year_of(const Plays& plays, std::size_t year) {
  const auto band = [&](auto StrategyYear::*member) {
    return band_over(plays, year,
                     [member](const StrategyYear& y) { return std::optional<double>(y.*member); });
  };
  ForecastYear result{.demand = band(&StrategyYear::demand),
                      .model_size = band(&StrategyYear::model_size),
                      .within = band(&StrategyYear::within),
                      .ttft = band(&StrategyYear::ttft),
                      .tpot = band(&StrategyYear::tpot),
                      .energy = band(&StrategyYear::energy),
                      .carbon = band(&StrategyYear::carbon)};
  result.running_cost = band_over(plays, year, [](const StrategyYear& y) {
    const YearOfUse& u = y.use;
    return std::optional(u.energy + u.staff + u.maintenance + u.support + u.space + u.carbon +
                         u.cloud);
  });
  result.cost_to_date = band(&StrategyYear::cost_to_date);
  const auto met = std::count_if(plays.begin(), plays.end(),
                                 [&](const auto& play) { return play[year].adequate; });
  result.adequate = static_cast<double>(met) / static_cast<double>(plays.size());
  return result;
}

/// The first year (from 1) in which `happens`, per future.
template <class Happens>
EventForecast event_over(std::size_t futures, int years, Happens happens) {
  std::vector<std::optional<double>> when(futures);
  double count = 0;
  for (std::size_t f = 0; f < futures; ++f) {
    for (int year = 0; year < years && !when[f]; ++year) {
      if (happens(f, static_cast<std::size_t>(year))) when[f] = year + 1;
    }
    if (when[f]) ++count;
  }
  return {count / static_cast<double>(futures), band_of(when)};
}

/// Years of strategies in all futures that are kept in memory, a few hundred bytes each.
constexpr double most_years_played = 4e6;

/// What the fields of a scenario cannot say by themselves.
Diagnostics check(const Scenario& scenario) {
  Diagnostics findings;
  const auto years = static_cast<double>(scenario.forecast.years);
  const double strategies = years + 3;
  const auto draws = static_cast<double>(scenario.forecast.draws);
  if (draws * years * strategies > most_years_played) {
    findings.add({.place = "/forecast/draws",
                  .message = "this is more futures than fit into memory",
                  .found = fmt::format("{:g} futures of {:g} years", draws, years),
                  .allowed = fmt::format("{:.0f} for as many years",
                                         most_years_played / (years * strategies)),
                  .fix = "a few hundred are enough for P10 and P90"});
  }
  const SloSpec& slo = scenario.slo;
  if (!slo.ttft && !slo.tpot && !slo.e2e) {
    findings.add(
        {.severity = Severity::warning,
         .place = "/slo",
         .message = "without latency targets no load is too much: nothing is ever outgrown",
         .fix = "state ttft and tpot"});
  }
  return findings;
}

class Forecaster {
 public:
  Forecaster(const Scenario& scenario, const Catalogs& catalogs, const QualityCatalog& quality,
             const EconomicsCatalog& economics, RunStore& store, const ForecastSettings& settings)
      : scenario_(scenario),
        catalogs_(catalogs),
        quality_(quality),
        economics_(economics),
        store_(store),
        settings_(settings) {}

  Result<Forecast> run() {
    auto trends = trends_of(scenario_.forecast, *trend_catalog());
    Diagnostics findings = check(scenario_);
    findings.append(trends.diagnostics());
    if (findings.has_errors()) return findings;
    auto week = sampled_week(scenario_, settings_.base_folder);
    findings.append(week.diagnostics());
    if (findings.has_errors()) return findings;
    forecast_.trends = std::move(*trends);
    forecast_.requests = week->requests;
    draw_futures();
    const auto grid = OperatingGrid::simulate(
        *week, catalogs_, forecast_.axes, scenario_.needs.attainment, store_,
        {settings_.jobs, settings_.base_folder, settings_.interrupt, settings_.progress});
    findings.append(grid.diagnostics());
    if (!grid) return findings;
    if (!*grid) {
      forecast_.interrupted = true;
      return {std::move(forecast_), std::move(findings)};
    }
    findings.append(judge(**grid));
    if (findings.has_errors()) return findings;
    return {std::move(forecast_), std::move(findings)};
  }

 private:
  void draw_futures() {
    const ForecastSpec& spec = scenario_.forecast;
    forecast_.years = static_cast<int>(spec.years);
    forecast_.futures = spec.draws;
    const std::string& date = scenario_.organisation.date;
    int year = 0;
    if (std::from_chars(date.data(), date.data() + date.size(), year).ec == std::errc()) {
      forecast_.first_year = year;
    }
    const auto seed = static_cast<std::uint64_t>(scenario_.seed);
    for (std::int64_t i = 1; i <= spec.draws; ++i) {
      futures_.emplace_back(forecast_.trends, seed, static_cast<std::uint64_t>(i), forecast_.years);
    }
    const Future median(forecast_.trends, seed, 0, forecast_.years);
    forecast_.axes = axes_for(futures_, median, forecast_.years, forecast_.requests);
    forecast_.samples = static_cast<std::size_t>(std::min(spec.samples, spec.draws));
    forecast_.axes.draws = forecast_.samples;
  }

  /// Terms of the best estimate, and of each draw.
  Diagnostics make_terms(const OperatingGrid& grid) {
    const std::size_t today = index_of_today(grid.axes().loads);
    auto best = forecast_terms(scenario_, catalogs_.hardware, economics_, grid.present(today));
    if (!best) return best.diagnostics();
    const CloudJudge by_rules = [&](const CloudSpec& cloud) {
      return verdict_on(scenario_, economics_, cloud);
    };
    const auto cloud = cheapest_cloud(scenario_, economics_, grid.present(today),
                                      settings_.judge ? settings_.judge : by_rules);
    if (cloud) forecast_.cloud = described(*cloud);
    if (forecast_.has_cloud()) best->cloud_bill = cloud->bill;
    terms_ = {std::move(*best)};
    for (std::size_t draw = 1; draw <= forecast_.samples; ++draw) {
      Scenario scenario = scenario_;
      Catalogs catalogs = catalogs_;
      EconomicsCatalog prices = economics_;
      const FigureDraw luck{static_cast<std::uint64_t>(scenario.seed), draw};
      draw_figures(scenario, catalogs, luck);
      draw_figures(prices, luck);
      auto terms = forecast_terms(scenario, catalogs.hardware, prices, grid.present(today, draw));
      if (!terms) return terms.diagnostics();
      if (forecast_.has_cloud()) {
        terms->cloud_bill = bill_of(cloud->cloud, scenario, prices, grid.present(today));
      }
      terms_.push_back(std::move(*terms));
    }
    return {};
  }

  [[nodiscard]] ForecastCloud described(const CloudChoice& choice) const {
    ForecastCloud cloud{.label = choice.label};
    if (!choice.verdict) return cloud;
    cloud.lawful = choice.verdict->allowed;
    cloud.forbidden = choice.verdict->forbidden();
    if (cloud.forbidden) return cloud;
    cloud.needs = needs_of(*choice.verdict);
    cloud.needs_text = needs_text(*policy_catalog(), cloud.needs, economics_.stated_attestations());
    return cloud;
  }

  Diagnostics judge(const OperatingGrid& grid) {
    forecast_.simulated = grid.simulated();
    forecast_.remembered = grid.remembered();
    const Diagnostics findings = make_terms(grid);
    if (findings.has_errors()) return findings;
    const auto strategies = strategies_for(forecast_.years, terms_[0].cloud_bill.has_value());
    for (const Strategy& strategy : strategies) {
      Plays& plays = plays_.emplace_back();
      for (std::size_t f = 0; f < futures_.size(); ++f) {
        const std::size_t draw = sample_of(f, forecast_.samples);
        plays.push_back(play(strategy, terms_[draw], grid, futures_[f], draw));
      }
      summarise(strategy, plays);
    }
    choose(strategies);
    find_events(grid);
    return add_quality(grid);
  }

  void summarise(const Strategy& strategy, const Plays& plays) {
    const ForecastTerms& terms = terms_[0];
    StrategyForecast& result = forecast_.strategies.emplace_back();
    result.strategy = strategy;
    const auto last = static_cast<std::size_t>(forecast_.years - 1);
    for (std::size_t year = 0; year <= last; ++year) result.years.push_back(year_of(plays, year));
    result.per_year = band_over(plays, last, [&](const StrategyYear& y) {
      return std::optional(annuity(y.cost_to_date, terms.discount_rate, terms.years));
    });
    const auto met = std::count_if(plays.begin(), plays.end(), [&](const auto& play) {
      return adequate_years(play) == forecast_.years;
    });
    result.adequate = static_cast<double>(met) / static_cast<double>(plays.size());
  }

  /// The best of some strategies in a future, of equal ones the first.
  [[nodiscard]] std::size_t best_of(const std::vector<std::size_t>& candidates,
                                    std::size_t future) const {
    return *std::min_element(candidates.begin(), candidates.end(),
                             [&](std::size_t a, std::size_t b) {
                               return is_better(plays_[a][future], plays_[b][future]);
                             });
  }

  void choose(const std::vector<Strategy>& strategies) {
    std::vector<std::size_t> all, owned;
    for (std::size_t s = 0; s < strategies.size(); ++s) {
      all.push_back(s);
      const Strategy::Kind kind = strategies[s].kind;
      if (kind == Strategy::Kind::keep || kind == Strategy::Kind::refresh) owned.push_back(s);
    }
    const double each = 1 / static_cast<double>(futures_.size());
    forecast_.refresh_best.assign(owned.size(), 0);
    for (std::size_t f = 0; f < futures_.size(); ++f) {
      forecast_.strategies[best_of(all, f)].cheapest += each;
      const int year = strategies[best_of(owned, f)].year;
      forecast_.refresh_best[year == 0 ? owned.size() - 1 : static_cast<std::size_t>(year - 1)] +=
          each;
    }
  }

  void find_events(const OperatingGrid& grid) {
    const Plays& keep = plays_.front();
    forecast_.outgrown =
        event_over(futures_.size(), forecast_.years, [&](std::size_t f, std::size_t year) {
          const StrategyYear& y = keep[f][year];
          const std::size_t draw = sample_of(f, forecast_.samples);
          return grid.at(y.demand, y.model_size, 1, draw).within < terms_[0].attainment;
        });
    if (!terms_[0].cloud_bill) return;
    const Plays& cloud = plays_.back();
    forecast_.beats_cloud =
        event_over(futures_.size(), forecast_.years, [&](std::size_t f, std::size_t year) {
          return keep[f][year].cost_to_date <= cloud[f][year].cost_to_date;
        });
    for (std::size_t year = 0; year < keep.front().size(); ++year) {
      forecast_.cloud->bill.push_back(
          band_over(keep, year, [](const StrategyYear& y) { return std::optional(y.cloud_bill); }));
    }
  }

  Diagnostics add_quality(const OperatingGrid& grid) {
    const auto curve = quality_curve(catalogs_.models, quality_);
    if (!curve) return curve.diagnostics();
    const ModelCard* largest = nullptr;
    for (const PoolSpec& pool : scenario_.pools) {
      const ModelCard* card = catalogs_.models.find(pool.model);
      if (card == nullptr) continue;
      if (largest == nullptr || parameter_count(*card) > parameter_count(*largest)) largest = card;
    }
    if (largest == nullptr) return {};
    QualityForecast quality{.model = largest->name};
    for (const CloudOffer& offer : economics_.offers) {
      if (!offer.quality || offer.quality->value <= quality.premium_today) continue;
      quality.premium_today = offer.quality->value;
      quality.premium = offer.name;
    }
    const double parameters = effective_parameters(*largest);
    const auto years = static_cast<std::size_t>(forecast_.years);
    std::vector<std::vector<std::optional<double>>> reach(years), best(years);
    for (std::size_t f = 0; f < futures_.size(); ++f) {
      const Future& future = futures_[f];
      const double luck = future.luck("forecast/quality");
      for (std::size_t y = 0; y < years; ++y) {
        const int year = static_cast<int>(y);
        const auto size = grid.largest_size(future.factor(TrendName::demand, year),
                                            sample_of(f, forecast_.samples));
        const double density = future.density(year);
        const double fits = size.value_or(grid.axes().sizes.front());
        reach[y].push_back(curve->score(parameters * fits * density, luck));
        best[y].push_back(
            with_odds(quality.premium_today, future.factor(TrendName::frontier_quality, year)));
      }
    }
    for (std::size_t y = 0; y < years; ++y) {
      quality.reachable.push_back(band_of(reach[y]));
      quality.frontier.push_back(band_of(best[y]));
    }
    quality.gap_closed = event_over(
        futures_.size(), forecast_.years,
        [&](std::size_t f, std::size_t year) { return *reach[year][f] >= quality.premium_today; });
    forecast_.quality = std::move(quality);
    return {};
  }

  const Scenario& scenario_;
  const Catalogs& catalogs_;
  const QualityCatalog& quality_;
  const EconomicsCatalog& economics_;
  RunStore& store_;
  const ForecastSettings& settings_;
  Forecast forecast_;
  std::vector<Future> futures_;
  std::vector<ForecastTerms> terms_;  ///< of the best estimate, then of each draw
  std::vector<Plays> plays_;          ///< per strategy
};

}  // namespace

FutureBand band_of(const std::vector<std::optional<double>>& values) {
  FutureBand band;
  if (values.empty()) return band;
  std::vector<double> known;
  for (const auto& value : values) {
    if (value) known.push_back(*value);
  }
  std::sort(known.begin(), known.end());
  const auto at = [&](double share) -> std::optional<double> {
    const double position = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const auto above = static_cast<std::size_t>(std::ceil(position));
    if (above >= known.size()) return std::nullopt;
    return std::lerp(known[below], known[above], position - static_cast<double>(below));
  };
  return {at(0.1), at(0.5), at(0.9)};
}

std::size_t sample_of(std::size_t future, std::size_t samples) {
  return samples == 0 ? 0 : future % samples + 1;
}

Result<Forecast> make_forecast(const Scenario& scenario, const Catalogs& catalogs,
                               const QualityCatalog& quality, const EconomicsCatalog& economics,
                               RunStore& store, const ForecastSettings& settings) {
  if (!trend_catalog()) return trend_catalog().diagnostics();
  return Forecaster(scenario, catalogs, quality, economics, store, settings).run();
}

}  // namespace microdc
