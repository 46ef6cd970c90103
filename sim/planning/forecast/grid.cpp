#include "sim/planning/forecast/grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace microdc {
namespace {

/// Shares within targets nearer to 0 or 1 than this are not told apart.
constexpr double least_odds_share = 1e-4;
constexpr int bisections = 50;

double log_odds(double share) {
  const double inside = std::clamp(share, least_odds_share, 1 - least_odds_share);
  return std::log(inside / (1 - inside));
}
double share_of(double log_odds_value) {
  const double share = 1 / (1 + std::exp(-log_odds_value));
  if (share <= 1.01 * least_odds_share) return 0;
  return share >= 1 - 1.01 * least_odds_share ? 1 : share;
}

/// The points around a coordinate, and how far it is from the first to the second.
struct Bracket {
  std::array<std::size_t, 2> index{};
  double weight = 0;
};
Bracket bracket_of(const std::vector<double>& axis, double value) {
  if (value <= axis.front()) return {{0, 0}, 0};
  if (value >= axis.back()) return {{axis.size() - 1, axis.size() - 1}, 0};
  const auto above =
      static_cast<std::size_t>(std::upper_bound(axis.begin(), axis.end(), value) - axis.begin());
  const double span = std::log(axis[above] / axis[above - 1]);
  return {{above - 1, above}, std::log(value / axis[above - 1]) / span};
}

/// Weighted means of logarithms; empty once a point with weight has no value.
class LogMean {
 public:
  void add(double weight, const std::optional<double>& value) {
    if (!value || *value < 0) known_ = false;
    if (!known_) return;
    if (*value == 0)
      zero_ = true;
    else
      sum_ += weight * std::log(*value);
  }
  [[nodiscard]] std::optional<double> mean() const {
    if (!known_) return std::nullopt;
    return zero_ ? 0 : std::exp(sum_);
  }

 private:
  double sum_ = 0;
  bool known_ = true;
  bool zero_ = false;
};

using PointMember =
    std::pair<std::optional<double> OperatingPoint::*, std::optional<double> Operation::*>;
/// Times: not known of a rack that has broken down.
constexpr std::array<PointMember, 2> point_times{
    {{&OperatingPoint::ttft, &Operation::ttft}, {&OperatingPoint::tpot, &Operation::tpot}}};
/// What a rack that has broken down goes on drawing.
constexpr std::array<PointMember, 4> point_amounts{
    {{&OperatingPoint::energy, &Operation::energy},
     {&OperatingPoint::energy_cost, &Operation::energy_cost},
     {&OperatingPoint::carbon, &Operation::carbon},
     {&OperatingPoint::cloud_cost, &Operation::cloud_cost}}};

/// One where both are nothing.
std::optional<double> drawn_ratio(const std::optional<double>& value,
                                  const std::optional<double>& of) {
  if (!value || !of) return std::nullopt;
  return *of > 0 ? *value / *of : 1;
}

}  // namespace

OperatingGrid::OperatingGrid(GridAxes axes, double attainment, std::vector<OperatingPoint> points,
                             std::vector<OperatingPoint> drawn)
    : axes_(std::move(axes)),
      attainment_(attainment),
      points_(std::move(points)),
      drawn_(std::move(drawn)) {
  carry_energy();
}

const OperatingPoint& OperatingGrid::point(std::size_t load, std::size_t size,
                                           std::size_t hardware) const {
  return points_[(load * axes_.sizes.size() + size) * axes_.hardware.size() + hardware];
}

std::size_t index_of_today(const std::vector<double>& axis) {
  return static_cast<std::size_t>(std::lower_bound(axis.begin(), axis.end(), 1.0) - axis.begin());
}

const OperatingPoint& OperatingGrid::present(std::size_t load, std::size_t draw) const {
  if (draw > 0) return drawn_[(draw - 1) * axes_.loads.size() + load];
  return point(load, index_of_today(axes_.sizes), 0);
}

/// A rack that cannot keep up draws what it drew under the largest load that was simulated.
void OperatingGrid::carry_energy() {
  const std::size_t layer = axes_.sizes.size() * axes_.hardware.size();
  for (std::size_t i = layer; i < points_.size(); ++i) {
    for (const auto& [member, target] : point_amounts) {
      if (!(points_[i].*member)) points_[i].*member = points_[i - layer].*member;
    }
  }
  for (std::size_t i = 1; i < drawn_.size(); ++i) {
    const std::size_t load = i % axes_.loads.size();
    for (const auto& [member, target] : point_amounts) {
      if (load == 0 || drawn_[i].*member || !(present(load).*member)) continue;
      const auto factor = drawn_ratio(drawn_[i - 1].*member, present(load - 1).*member);
      if (factor) drawn_[i].*member = *(present(load).*member) * *factor;
    }
  }
}

/// What a draw makes of the present rack, as factors of times and amounts.
void OperatingGrid::apply(std::size_t draw, double load, Operation& operation) const {
  const Bracket loads = bracket_of(axes_.loads, load);
  double shift = 0;
  std::array<LogMean, point_times.size()> times;
  std::array<LogMean, point_amounts.size()> amounts;
  for (unsigned side = 0; side < 2; ++side) {
    const double weight = side == 1 ? loads.weight : 1 - loads.weight;
    if (weight <= 0) continue;
    const OperatingPoint& base = present(loads.index[side]);
    const OperatingPoint& drawn = present(loads.index[side], draw);
    shift += weight * (log_odds(drawn.within) - log_odds(base.within));
    for (std::size_t i = 0; i < point_times.size(); ++i) {
      times[i].add(weight, drawn_ratio(drawn.*point_times[i].first, base.*point_times[i].first));
    }
    for (std::size_t i = 0; i < point_amounts.size(); ++i) {
      amounts[i].add(weight,
                     drawn_ratio(drawn.*point_amounts[i].first, base.*point_amounts[i].first));
    }
  }
  operation.within = share_of(log_odds(operation.within) + shift);
  const auto scale = [](std::optional<double>& value, const std::optional<double>& factor) {
    if (value) value = factor ? std::optional(*value * *factor) : std::nullopt;
  };
  for (std::size_t i = 0; i < point_times.size(); ++i)
    scale(operation.*point_times[i].second, times[i].mean());
  for (std::size_t i = 0; i < point_amounts.size(); ++i) {
    scale(operation.*point_amounts[i].second, amounts[i].mean());
  }
}

Operation OperatingGrid::at(double load, double size, double progress, std::size_t draw) const {
  const Bracket loads = bracket_of(axes_.loads, load);
  const Bracket sizes = bracket_of(axes_.sizes, size);
  const Bracket years = bracket_of(axes_.progress, progress);
  double within = 0;
  std::array<LogMean, point_times.size()> times;
  std::array<LogMean, point_amounts.size()> amounts;
  for (unsigned corner = 0; corner < 8; ++corner) {
    double weight = 1;
    std::array<std::size_t, 3> index{};
    unsigned axis = 0;
    for (const Bracket* bracket : {&loads, &sizes, &years}) {
      const unsigned side = corner >> axis & 1U;
      weight *= side == 1 ? bracket->weight : 1 - bracket->weight;
      index[axis++] = bracket->index[side];
    }
    if (weight <= 0) continue;
    const OperatingPoint& p = point(index[0], index[1], index[2]);
    within += weight * log_odds(p.within);
    for (std::size_t i = 0; i < point_times.size(); ++i)
      times[i].add(weight, p.*point_times[i].first);
    for (std::size_t i = 0; i < point_amounts.size(); ++i)
      amounts[i].add(weight, p.*point_amounts[i].first);
  }
  Operation operation{.within = share_of(within)};
  for (std::size_t i = 0; i < point_times.size(); ++i)
    operation.*point_times[i].second = times[i].mean();
  for (std::size_t i = 0; i < point_amounts.size(); ++i) {
    operation.*point_amounts[i].second = amounts[i].mean();
  }
  if (draw > 0 && !drawn_.empty()) apply(draw, load, operation);
  return operation;
}

double OperatingGrid::capacity(double size, double progress, std::size_t draw) const {
  const auto serves = [&](double load) {
    return at(load, size, progress, draw).within >= attainment_;
  };
  double good = axes_.loads.front();
  if (!serves(good)) return 0;
  // Shares do not always fall with the load: the first point that does not serve ends it.
  double bad = 0;
  for (const double load : axes_.loads) {
    if (serves(load)) {
      good = load;
      continue;
    }
    bad = load;
    break;
  }
  if (bad == 0) return good;
  for (int i = 0; i < bisections; ++i) {
    const double middle = std::sqrt(good * bad);
    (serves(middle) ? good : bad) = middle;
  }
  return good;
}

std::optional<double> OperatingGrid::largest_size(double load, std::size_t draw) const {
  const auto serves = [&](double size) { return at(load, size, 1, draw).within >= attainment_; };
  for (std::size_t i = axes_.sizes.size(); i-- > 0;) {
    double good = axes_.sizes[i];
    if (!serves(good)) continue;
    if (i + 1 == axes_.sizes.size()) return good;
    double bad = axes_.sizes[i + 1];
    // What does not fit into memory says nothing about the sizes below it.
    for (std::size_t l = 0; l < axes_.loads.size(); ++l) {
      if (!point(l, i + 1, 0).failure.empty()) return good;
    }
    for (int step = 0; step < bisections; ++step) {
      const double middle = std::sqrt(good * bad);
      (serves(middle) ? good : bad) = middle;
    }
    return good;
  }
  return std::nullopt;
}

}  // namespace microdc
