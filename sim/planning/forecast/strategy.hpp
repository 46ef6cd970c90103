// Ways to serve the coming years, and what one future makes of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/economics/ownership.hpp"
#include "sim/planning/forecast/grid.hpp"
#include "sim/planning/forecast/trends.hpp"

namespace microdc {

struct Strategy {
  enum class Kind {
    keep,     ///< buy now and keep
    refresh,  ///< buy now, and new servers for the same money at the start of `year`
    wait,     ///< cloud or nothing in the first year, then buy
    lease,    ///< lease now; new servers at every renewal
    cloud,    ///< no rack
  };
  Kind kind = Kind::keep;
  int year = 0;  ///< refresh: when, 1 is after one year
  bool operator==(const Strategy&) const = default;
};
/// "keep", "refresh-3", "wait", "lease", "cloud"
std::string name_of(const Strategy& strategy);
/// "buy now, refresh after 3 years"
std::string text_of(const Strategy& strategy);

/// Every strategy for so many years; `cloud` only where there is one.
std::vector<Strategy> strategies_for(int years, bool cloud);

/// What does not depend on the future. Money in the scenario's currency.
struct ForecastTerms {
  int years = 5;
  double attainment = 0.95;
  double servers = 0;   ///< price today, without tax
  double facility = 0;  ///< rack, power, cooling: bought once, lasts
  double sales_tax = 0;
  FinancingSpec
      financing;  ///< of purchases (a lease counts as cash) and, with its terms, of leases
  double discount_rate = 0;
  double residual_share = 0;  ///< after `judged_years`
  double judged_years = 5;    ///< economics.years
  double depreciation_years = 5;
  double maintenance_share = 0;              ///< per year, of servers and facility
  double staff = 0, support = 0, space = 0;  ///< per year
  double carbon_price = 0;                   ///< per tonne
  /// What the requests of today's year cost in the cloud; empty: no cloud may or can be used.
  std::optional<double> cloud_bill;
};

/// Worth of equipment after `years` of use: it falls in equal parts to residual_share after
/// judged_years, and on, but not below zero.
double value_share_after(const ForecastTerms& terms, double years);

/// One year of a strategy in one future.
struct StrategyYear {
  double demand = 1;      ///< multiple of today's
  double model_size = 1;  ///< share of today's
  double within = 0;      ///< share of the requests in time; what goes to the cloud counts as such
  bool adequate = false;  ///< the need of the year is met, if necessary with the cloud
  bool served = false;    ///< by a rack or the cloud, well or badly
  std::optional<double> ttft, tpot;  ///< of the rack, at the quantile of attainment
  std::optional<double> energy;      ///< [kWh]; 0 without a rack
  std::optional<double> carbon;      ///< [t]; of the rack only
  YearOfUse use;                     ///< running costs
  double cloud_bill = 0;             ///< what all requests of the year would cost in the cloud
  /// Net present cost from today to the end of the year, if everything ended then: the equipment is
  /// sold, leases are paid in full.
  double cost_to_date = 0;
};

/// The years of a strategy in one future. Energy, tariff, carbon and models follow the future;
/// staff, support and space stay. Requests over a rack's capacity go to the cloud if there is one;
/// otherwise they miss their targets. `draw`: of the grid; `terms` are those of the same draw.
std::vector<StrategyYear> play(const Strategy& strategy, const ForecastTerms& terms,
                               const OperatingGrid& grid, const Future& future,
                               std::size_t draw = 0);

/// Whether a strategy with the years `a` is better than one with `b`: it meets the need in more
/// years, of as many it leaves fewer without any service, of as few it costs less.
bool is_better(const std::vector<StrategyYear>& a, const std::vector<StrategyYear>& b);
/// Years in which the need is met.
int adequate_years(const std::vector<StrategyYear>& years);

/// Progress of hardware for the same money after `year` years: geometric mean of the factors of
/// compute, bandwidth and memory, at least 1.
double progress_of(const Future& future, int year);

}  // namespace microdc
