// What the text of a forecast and its page say in the same words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/catalog.hpp"
#include "sim/planning/forecast/forecast.hpp"

namespace microdc {

/// Shares of the futures in which each way is the best.
struct BestWays {
  double buy = 0;  ///< now: keeping and all ways of refreshing
  double wait = 0, lease = 0, cloud = 0;
};
BestWays best_ways(const Forecast& forecast);
/// Of each strategy, the share of the futures in which it is the best, rounded to whole percents
/// that add up.
std::vector<double> best_in_percents(const Forecast& forecast);
/// The sums of these.
BestWays whole_percents(const Forecast& forecast);

/// The way that is best most often: "Buy now", "Wait a year", "Lease", "Stay in the cloud".
std::string advice_text(const BestWays& ways);
/// The advice, in how many futures each way is best, and the best single choice.
std::string forecast_headline(const Forecast& forecast);

/// The strategy that is taken most often.
const StrategyForecast& best_strategy(const Forecast& forecast);
/// The same among those that have a rack all the time.
const StrategyForecast& best_with_rack(const Forecast& forecast);

/// "year 3, 2029"; without one: "later or never".
std::string year_text(const Forecast& forecast, const std::optional<double>& year);
/// The median year of an event with its P10 and P90, and how likely it is at all.
std::string when_text(const Forecast& forecast, const EventForecast& event);

/// "2 × NVIDIA DGX H100": the servers that the scenario has, by their labels; without a catalog by
/// their types.
std::string scenario_servers_text(const Scenario& scenario,
                                  const HardwareCatalog* hardware = nullptr);
/// What to do with these servers, and how often that is best.
std::string refresh_text(const Forecast& forecast, const std::string& servers);
/// When the rack has cost no more than the cloud, or why there is none to compare with.
std::string cloud_text(const Forecast& forecast);
/// When the best open model that fits the rack reaches today's premium quality. Only with quality.
std::string gap_text(const Forecast& forecast);
/// What the shares are of, and whose time is in which strategy's cost.
std::string strategies_note(const Forecast& forecast);
/// When the rack is outgrown, and what that supposes.
std::string outgrown_text(const Forecast& forecast);
/// What "cost to date" is.
inline constexpr const char* cost_to_date_note =
    "Cost to date: discounted, purchase included, less what the servers would still bring.";
/// From what the figures were made.
std::string basis_text(const Forecast& forecast, const Scenario& scenario);

/// "72 %"
std::string percent_text(double share);

}  // namespace microdc
