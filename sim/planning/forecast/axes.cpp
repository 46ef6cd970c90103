// Where a forecast simulates: the loads, model sizes and hardware that its futures meet.
#include <algorithm>
#include <cmath>

#include "sim/planning/forecast/forecast.hpp"
#include "sim/report/bands.hpp"

namespace microdc {
namespace {

/// Rarer futures are taken at the end of the axis.
constexpr double rare = 0.02;
/// Coordinates nearer than this to one another are not told apart.
constexpr double least_span = 1.02;
struct Resolution {
  std::size_t load_points;  ///< above today's
  std::size_t smaller_sizes;
  std::size_t hardware_points;  ///< beside the present rack's
  int larger_sizes;
};
constexpr Resolution fine{5, 4, 2, 5};
/// For weeks that take seconds to simulate: a third of the time.
constexpr Resolution coarse{3, 3, 1, 2};
constexpr std::int64_t most_requests_on_a_fine_grid = 30'000;
/// Each size above today's over the one below it.
constexpr double size_step = 1.5;

/// `count` points above 1 that end at `last`, in equal ratios.
void add_up_to(double last, std::size_t count, std::vector<double>& axis) {
  if (last < least_span) return;
  for (std::size_t i = 1; i <= count; ++i) {
    axis.push_back(std::pow(last, static_cast<double>(i) / static_cast<double>(count)));
  }
}

template <class Value>
std::vector<double> over_futures(const std::vector<Future>& futures, int years, Value value) {
  std::vector<double> values;
  for (const Future& future : futures) {
    double most = value(future, 0);
    for (int year = 1; year < years; ++year) most = std::max(most, value(future, year));
    values.push_back(most);
  }
  return values;
}

/// Better by `progress`, composed as progress is in the median future.
HardwareFactors factors_for(double progress, const Future& median, int last_year) {
  const double compute = median.factor(TrendName::compute_per_money, last_year);
  const double bandwidth = median.factor(TrendName::bandwidth_per_money, last_year);
  const double memory = median.factor(TrendName::memory_per_money, last_year);
  const double whole = std::cbrt(compute * bandwidth * memory);
  if (whole < least_span) return {progress, progress, progress};
  const double power = std::log(progress) / std::log(whole);
  return {std::pow(compute, power), std::pow(bandwidth, power), std::pow(memory, power)};
}

}  // namespace

GridAxes axes_for(const std::vector<Future>& futures, const Future& median, int years,
                  std::int64_t requests) {
  const Resolution& resolution = requests > most_requests_on_a_fine_grid ? coarse : fine;
  GridAxes axes;
  const auto more = over_futures(futures, years, [](const Future& future, int year) {
    return future.factor(TrendName::demand, year);
  });
  const auto less = over_futures(futures, years, [](const Future& future, int year) {
    return 1 / future.factor(TrendName::demand, year);
  });
  const double least = 1 / quantile(less, 1 - rare);
  if (least * least_span < 1) axes.loads.push_back(least);
  axes.loads.push_back(1);
  add_up_to(quantile(more, 1 - rare), resolution.load_points, axes.loads);

  const auto shrunk = over_futures(
      futures, years, [](const Future& future, int year) { return 1 / future.model_size(year); });
  std::vector<double> inverse{1};
  add_up_to(quantile(shrunk, 1 - rare), resolution.smaller_sizes, inverse);
  for (const double value : inverse) axes.sizes.push_back(1 / value);
  std::reverse(axes.sizes.begin(), axes.sizes.end());
  for (int i = 1; i <= resolution.larger_sizes; ++i) axes.sizes.push_back(std::pow(size_step, i));

  axes.progress = {1};
  add_up_to(quantile(over_futures(futures, years, progress_of), 1 - rare),
            resolution.hardware_points, axes.progress);
  for (const double progress : axes.progress) {
    axes.hardware.push_back(progress == 1 ? HardwareFactors{}
                                          : factors_for(progress, median, years - 1));
  }
  return axes;
}

}  // namespace microdc
