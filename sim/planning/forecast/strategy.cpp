#include "sim/planning/forecast/strategy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

#include "sim/economics/financing.hpp"

namespace microdc {
namespace {

using Kind = Strategy::Kind;

/// Servers of one generation, from the start of year `begin` to that of `end`.
struct Segment {
  int begin = 0;
  int end = 0;
  double price = 0;         ///< without tax
  double progress = 1;      ///< of the hardware
  double power_factor = 1;  ///< energy over that of today's hardware at the same work
  bool leased = false;
};

class Play {
 public:
  Play(const Strategy& strategy, const ForecastTerms& terms, const OperatingGrid& grid,
       const Future& future, std::size_t draw)
      : strategy_(strategy), terms_(terms), grid_(grid), future_(future), draw_(draw) {
    make_segments();
  }

  std::vector<StrategyYear> years() const {
    std::vector<StrategyYear> years;
    for (int year = 0; year < terms_.years; ++year) years.push_back(operate(year));
    for (int end = 1; end <= terms_.years; ++end) {
      years[static_cast<std::size_t>(end - 1)].cost_to_date = cost_until(end, years);
    }
    return years;
  }

 private:
  void add_segment(int begin, int end, bool leased = false) {
    const double compute = future_.factor(TrendName::compute_per_money, begin);
    const double per_watt = future_.factor(TrendName::compute_per_watt, begin);
    segments_.push_back({begin, end,
                         terms_.servers * future_.factor(TrendName::accelerator_price, begin),
                         progress_of(future_, begin), compute / per_watt, leased});
  }
  void make_segments() {
    const int years = terms_.years;
    switch (strategy_.kind) {
      case Kind::keep: return add_segment(0, years);
      case Kind::refresh: add_segment(0, strategy_.year); return add_segment(strategy_.year, years);
      case Kind::wait:
        if (years > 1) add_segment(1, years);
        return;
      case Kind::lease: {
        const int term = lease_years();
        for (int begin = 0; begin < years; begin += term) {
          add_segment(begin, std::min(begin + term, years), true);
        }
        return;
      }
      case Kind::cloud: return;
    }
  }
  [[nodiscard]] int lease_years() const {
    return std::max(1, static_cast<int>(std::lround(terms_.financing.years)));
  }
  [[nodiscard]] const Segment* segment_of(int year) const {
    for (const Segment& segment : segments_) {
      if (segment.begin <= year && year < segment.end) return &segment;
    }
    return nullptr;
  }

  [[nodiscard]] StrategyYear operate(int year) const {
    StrategyYear result{.demand = future_.factor(TrendName::demand, year),
                        .model_size = future_.model_size(year),
                        .energy = 0,
                        .carbon = 0};
    result.cloud_bill =
        terms_.cloud_bill.value_or(0) * result.demand * future_.factor(TrendName::api_price, year);
    const Segment* segment = segment_of(year);
    result.served = segment != nullptr || terms_.cloud_bill.has_value();
    if (segment != nullptr) {
      run_rack(*segment, year, result);
    } else if (terms_.cloud_bill) {
      result.within = 1;
      result.adequate = true;
      result.use.cloud = result.cloud_bill;
    }
    return result;
  }

  void run_rack(const Segment& segment, int year, StrategyYear& result) const {
    Operation rack = grid_.at(result.demand, result.model_size, segment.progress, draw_);
    result.adequate = rack.within >= terms_.attainment;
    if (!result.adequate && terms_.cloud_bill) {
      const double capacity = grid_.capacity(result.model_size, segment.progress, draw_);
      const double local = std::min(1.0, capacity / result.demand);
      rack =
          grid_.at(std::min(capacity, result.demand), result.model_size, segment.progress, draw_);
      result.use.cloud = (1 - local) * result.cloud_bill;
      rack.within = local > 0 ? std::max(rack.within, terms_.attainment) : 1;
      result.adequate = true;
    }
    result.within = rack.within;
    result.ttft = rack.ttft;
    result.tpot = rack.tpot;
    const auto scaled = [&](const std::optional<double>& value) {
      return value ? std::optional(*value * segment.power_factor) : std::nullopt;
    };
    result.energy = scaled(rack.energy);
    result.carbon = scaled(rack.carbon);
    YearOfUse& use = result.use;
    use.energy =
        scaled(rack.energy_cost).value_or(0) * future_.factor(TrendName::electricity_price, year);
    const double taxed = 1 + terms_.sales_tax;
    use.cloud += rack.cloud_cost.value_or(0) * taxed * future_.factor(TrendName::api_price, year);
    use.carbon = result.carbon.value_or(0) * terms_.carbon_price;
    use.staff = terms_.staff;
    use.support = terms_.support;
    use.space = terms_.space;
    use.maintenance = terms_.maintenance_share * taxed * (segment.price + terms_.facility);
  }

  [[nodiscard]] PurchaseTerms purchase(double equipment, double years) const {
    return {.equipment = equipment,
            .sales_tax = terms_.sales_tax,
            .years = years,
            .discount_rate = terms_.discount_rate,
            .residual_share = value_share_after(terms_, years),
            .depreciation_years = terms_.depreciation_years};
  }

  [[nodiscard]] double cost_until(int end, const std::vector<StrategyYear>& years) const {
    double cost = 0;
    for (int year = 0; year < end; ++year) {
      if (segment_of(year) != nullptr) continue;
      cost += present_value(years[static_cast<std::size_t>(year)].use.cloud, terms_.discount_rate,
                            year + 1);
    }
    for (const Segment& segment : segments_) {
      if (segment.begin >= end) continue;
      cost += present_value(cost_of(segment, std::min(segment.end, end), years),
                            terms_.discount_rate, segment.begin);
    }
    if (!segments_.empty() && segments_.front().begin < end) {
      const int begin = segments_.front().begin;
      cost += present_value(
          ownership_totals(purchase(terms_.facility, end - begin), {}).net_present_cost,
          terms_.discount_rate, begin);
    }
    return cost;
  }

  /// Value at the segment's begin.
  [[nodiscard]] double cost_of(const Segment& segment, int end,
                               const std::vector<StrategyYear>& years) const {
    PurchaseTerms terms = purchase(segment.price, end - segment.begin);
    if (segment.leased) {
      terms.financing = terms_.financing;
      terms.financing.kind = FinancingSpec::Kind::lease;
      terms.financing.years = segment.end - segment.begin;
    } else if (terms_.financing.kind == FinancingSpec::Kind::loan) {
      terms.financing = terms_.financing;
    }
    std::vector<YearOfUse> use;
    for (int year = segment.begin; year < end; ++year) {
      use.push_back(years[static_cast<std::size_t>(year)].use);
    }
    return ownership_totals(terms, use).net_present_cost;
  }

  const Strategy& strategy_;
  const ForecastTerms& terms_;
  const OperatingGrid& grid_;
  const Future& future_;
  std::size_t draw_;
  std::vector<Segment> segments_;
};

}  // namespace

std::string name_of(const Strategy& strategy) {
  switch (strategy.kind) {
    case Kind::keep: return "keep";
    case Kind::refresh: return fmt::format("refresh-{}", strategy.year);
    case Kind::wait: return "wait";
    case Kind::lease: return "lease";
    case Kind::cloud: break;
  }
  return "cloud";
}

std::string text_of(const Strategy& strategy) {
  switch (strategy.kind) {
    case Kind::keep: return "buy now and keep";
    case Kind::refresh:
      return fmt::format("buy now, refresh after {} year{}", strategy.year,
                         strategy.year == 1 ? "" : "s");
    case Kind::wait: return "wait a year, then buy";
    case Kind::lease: return "lease, renew with new servers";
    case Kind::cloud: break;
  }
  return "stay in the cloud";
}

std::vector<Strategy> strategies_for(int years, bool cloud) {
  std::vector<Strategy> all{{Kind::keep, 0}};
  for (int year = 1; year < years; ++year) all.push_back({Kind::refresh, year});
  if (years > 1) all.push_back({Kind::wait, 0});
  all.push_back({Kind::lease, 0});
  if (cloud) all.push_back({Kind::cloud, 0});
  return all;
}

double value_share_after(const ForecastTerms& terms, double years) {
  return std::max(0.0, 1 - (1 - terms.residual_share) * years / terms.judged_years);
}

double progress_of(const Future& future, int year) {
  return std::max(1.0, std::cbrt(future.factor(TrendName::compute_per_money, year) *
                                 future.factor(TrendName::bandwidth_per_money, year) *
                                 future.factor(TrendName::memory_per_money, year)));
}

int adequate_years(const std::vector<StrategyYear>& years) {
  return static_cast<int>(
      std::count_if(years.begin(), years.end(), [](const StrategyYear& y) { return y.adequate; }));
}

bool is_better(const std::vector<StrategyYear>& a, const std::vector<StrategyYear>& b) {
  const auto key = [](const std::vector<StrategyYear>& years) {
    const auto idle =
        std::count_if(years.begin(), years.end(), [](const StrategyYear& y) { return !y.served; });
    return std::tuple(-adequate_years(years), idle, years.back().cost_to_date);
  };
  return key(a) < key(b);
}

std::vector<StrategyYear> play(const Strategy& strategy, const ForecastTerms& terms,
                               const OperatingGrid& grid, const Future& future, std::size_t draw) {
  return Play(strategy, terms, grid, future, draw).years();
}

}  // namespace microdc
