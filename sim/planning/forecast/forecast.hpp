// The same need over the coming years.
//
//   trends → futures (every factor of every year, drawn once per future, shared by all strategies)
//   loads, model sizes and hardware of these futures → a grid of simulated weeks
//   each strategy in each future, on the grid → bands, and how often each is the cheapest
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/quality.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/planning/forecast/reachable_quality.hpp"
#include "sim/planning/forecast/strategy.hpp"
#include "sim/planning/run_store.hpp"
#include "sim/policy/verdict.hpp"

namespace microdc {

struct ForecastSettings {
  int jobs = 1;
  std::filesystem::path base_folder = ".";
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(double share)> progress = {};
  /// What the law says of the organisation's requests at a cloud (an empty answer: none binds it);
  /// empty function: verdict_on (terms.hpp).
  std::function<std::optional<Verdict>(const CloudSpec&)> judge = {};
};

/// A figure over futures. An end is empty where that future cannot tell or has none (a rack that
/// has broken down has no latency).
struct FutureBand {
  std::optional<double> p10, p50, p90;
};
/// Quantiles of values of which some may be missing: those count as larger than all others.
FutureBand band_of(const std::vector<std::optional<double>>& values);

struct ForecastYear {
  FutureBand demand, model_size, within, ttft, tpot, energy, carbon;
  FutureBand running_cost;  ///< of the year, without purchases and payments for them
  FutureBand cost_to_date;  ///< StrategyYear::cost_to_date
  double adequate = 0;      ///< share of the futures in which the need of the year is met
};
struct StrategyForecast {
  Strategy strategy;
  std::vector<ForecastYear> years;
  FutureBand per_year;  ///< net present cost as equal payments a year
  double adequate = 0;  ///< share of the futures in which every year's need is met
  double cheapest = 0;  ///< share of the futures in which it is taken: see `make_forecast`
};

/// When something happens; years are counted from 1.
struct EventForecast {
  double probability = 0;  ///< within the years looked at
  FutureBand year;         ///< over all futures; empty: later or never
};

struct QualityForecast {
  std::string model;                  ///< whose size counts: the largest that a pool serves
  double premium_today = 0;           ///< best score that can be bought
  std::string premium;                ///< whose
  std::vector<FutureBand> reachable;  ///< on the present rack, per year
  std::vector<FutureBand> frontier;   ///< of the best that can be bought
  EventForecast gap_closed;           ///< the rack reaches today's premium
};

/// The cloud that stands for all.
struct ForecastCloud {
  std::string label;
  std::optional<bool> lawful;  ///< empty: no law binds
  bool forbidden = false;      ///< not lawful, whatever is arranged
  /// Not lawful as described: what would open it, and the same for people.
  Needs needs;
  std::string needs_text;
  std::vector<FutureBand> bill;  ///< of all requests, per year; empty if not lawful
};

struct Forecast {
  bool interrupted = false;
  int years = 0;
  std::int64_t futures = 0;
  std::size_t samples = 0;        ///< draws of laws, overheads, prices and powers among the futures
  std::optional<int> first_year;  ///< calendar year of the first, if the scenario has a date
  std::int64_t requests = 0;      ///< of the simulated week, today
  Trends trends;
  std::optional<ForecastCloud> cloud;  ///< empty: none has a price and is good enough
  std::vector<StrategyForecast> strategies;
  EventForecast outgrown;     ///< the rack kept as it is no longer meets the targets by itself
  EventForecast beats_cloud;  ///< buying and keeping has cost no more than the cloud
  std::optional<QualityForecast> quality;
  std::vector<double> refresh_best;  ///< share of futures in which refreshing after year i+1 is the
                                     ///< best of keep and refresh; the last: keep
  std::size_t simulated = 0, remembered = 0;
  GridAxes axes;

  /// Whether strategies may use the cloud: there is one, and it is not known to be unlawful.
  [[nodiscard]] bool has_cloud() const { return cloud && cloud->lawful.value_or(true); }
};

/// In a future the strategy is taken that meets the needs of most years, of these the one that
/// leaves the fewest without any service, of these the one of the least net present cost, of equal
/// ones the first. Errors: those of trends_of and of the
/// workloads; a rack that cannot serve its models today; prices that catalogs lack.
Result<Forecast> make_forecast(const Scenario& scenario, const Catalogs& catalogs,
                               const QualityCatalog& quality, const EconomicsCatalog& economics,
                               RunStore& store, const ForecastSettings& settings);

/// Whose draw a future (from 0) has: 1 to `samples` in turn; 0 without.
std::size_t sample_of(std::size_t future, std::size_t samples);

/// Coordinates that cover the futures: loads, sizes and progress up to their 98 % quantiles. Fewer
/// of them if a week has so many `requests` that it takes seconds.
GridAxes axes_for(const std::vector<Future>& futures, const Future& median, int years,
                  std::int64_t requests);

}  // namespace microdc
