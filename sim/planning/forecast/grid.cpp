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

}  // namespace

OperatingGrid::OperatingGrid(GridAxes axes, double attainment, std::vector<OperatingPoint> points)
    : axes_(std::move(axes)), attainment_(attainment), points_(std::move(points)) {
  carry_energy();
}

const OperatingPoint& OperatingGrid::point(std::size_t load, std::size_t size,
                                           std::size_t hardware) const {
  return points_[(load * axes_.sizes.size() + size) * axes_.hardware.size() + hardware];
}

/// A rack that cannot keep up draws what it drew under the largest load that was simulated.
void OperatingGrid::carry_energy() {
  const std::size_t layer = axes_.sizes.size() * axes_.hardware.size();
  for (std::size_t i = layer; i < points_.size(); ++i) {
    const OperatingPoint& before = points_[i - layer];
    if (!points_[i].energy) points_[i].energy = before.energy;
    if (!points_[i].energy_cost) points_[i].energy_cost = before.energy_cost;
    if (!points_[i].carbon) points_[i].carbon = before.carbon;
    if (!points_[i].cloud_cost) points_[i].cloud_cost = before.cloud_cost;
  }
}

Operation OperatingGrid::at(double load, double size, double progress) const {
  const Bracket loads = bracket_of(axes_.loads, load);
  const Bracket sizes = bracket_of(axes_.sizes, size);
  const Bracket years = bracket_of(axes_.progress, progress);
  double within = 0;
  LogMean ttft, tpot, energy, energy_cost, carbon, cloud_cost;
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
    ttft.add(weight, p.ttft);
    tpot.add(weight, p.tpot);
    energy.add(weight, p.energy);
    energy_cost.add(weight, p.energy_cost);
    carbon.add(weight, p.carbon);
    cloud_cost.add(weight, p.cloud_cost);
  }
  return {.within = share_of(within),
          .ttft = ttft.mean(),
          .tpot = tpot.mean(),
          .energy = energy.mean(),
          .energy_cost = energy_cost.mean(),
          .carbon = carbon.mean(),
          .cloud_cost = cloud_cost.mean()};
}

double OperatingGrid::capacity(double size, double progress) const {
  const auto serves = [&](double load) { return at(load, size, progress).within >= attainment_; };
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

std::optional<double> OperatingGrid::largest_size(double load) const {
  const auto serves = [&](double size) { return at(load, size, 1).within >= attainment_; };
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
