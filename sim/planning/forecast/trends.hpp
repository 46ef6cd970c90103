// How models, hardware, prices and demand change: sim/planning/catalog/trends.json, and what a
// scenario puts in its place.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "sim/scenario/decision.hpp"

namespace microdc {

/// The trends that a forecast knows; docs/forecast.md tells what each does.
enum class TrendName {
  demand,
  model_density,
  compute_per_money,
  bandwidth_per_money,
  memory_per_money,
  compute_per_watt,
  accelerator_price,
  api_price,
  electricity_price,
  frontier_quality,
};
inline constexpr std::size_t trend_count = 10;
/// "demand", "model_density", … as in the catalog.
std::string_view name_of(TrendName trend);

struct Trend {
  std::string name;
  std::string label;
  std::optional<Figure> per_year;  ///< factor; low and high: 10 % and 90 % quantile
  double noise = 0;                ///< standard deviation of the logarithm of a single year
};
void describe(FieldVisitor& visitor, Trend& trend);

/// One of each name, in the order of TrendName, and what bounds them.
struct Trends {
  std::vector<Trend> trends;
  std::optional<Figure> smallest_model;  ///< share of today's parameters

  [[nodiscard]] const Trend& operator[](TrendName name) const {
    return trends[static_cast<std::size_t>(name)];
  }
  [[nodiscard]] const Figure& per_year(TrendName name) const { return *(*this)[name].per_year; }
};

/// The catalog in data_root(), read once per process. Errors: file missing or wrong; a trend that
/// is missing, unknown or there twice; quantiles out of order.
const Result<Trends>& trend_catalog();

/// With the scenario's trends in their place: forecast.demand_growth is the value of `demand`, with
/// its own range or the catalog's in proportion; items of forecast.trends replace value and range,
/// without range it is certain, and have no noise. Errors: an unknown name (with the nearest
/// match), a name twice, quantiles out of order; all at once.
Result<Trends> trends_of(const ForecastSpec& forecast, const Trends& catalog);

/// Factors of one future: what a year t (0: the first) has, as a multiple of today's.
class Future {
 public:
  /// Future `number` (from 1) of a seed. Each trend has luck of its own, by (seed, trend, number),
  /// so that futures of two scenarios, or of two assumptions about one trend, share all other luck.
  /// The logarithm of the rate is normal on each side of the median, through the quantiles. Number
  /// 0 is the future in which every trend has its median.
  Future(const Trends& trends, std::uint64_t seed, std::uint64_t number, int years);

  /// Rate^t and the noise of the years until then; 1 for t = 0.
  [[nodiscard]] double factor(TrendName trend, int year) const {
    return factors_[static_cast<std::size_t>(trend)][static_cast<std::size_t>(year)];
  }
  /// The factor of model_density, at least 1: today's models stay.
  [[nodiscard]] double density(int year) const;
  /// Size of a model of today's quality, as a share of today's: 1 / density, but never less than
  /// the smallest that this future allows.
  [[nodiscard]] double model_size(int year) const;
  /// Standard normal luck of this future for `purpose`.
  [[nodiscard]] double luck(std::string_view purpose) const;

 private:
  std::array<std::vector<double>, trend_count> factors_;
  double smallest_model_ = 0;
  std::uint64_t seed_;
  std::uint64_t number_;
};

/// value · (high/value)^(z/1.2816) for z ≥ 0, value · (low/value)^(-z/1.2816) below: the rate at
/// the quantile of the standard normal number z. A side without range equals the value.
double drawn_factor(const Figure& figure, double z);

}  // namespace microdc
