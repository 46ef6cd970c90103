#include "calibrate/law_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

/// The given quantile of `values` (linear between order statistics); zero if there are none.
double quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const double position = q * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

/// Six significant digits: what a fit is worth, and the same text on every machine.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double digits = 5 - std::floor(std::log10(std::abs(value)));
  // Powers of ten beyond 1e22 are not exact; scale by the inverse then.
  const double scale = std::pow(10.0, std::abs(digits));
  return digits >= 0 ? std::round(value * scale) / scale : std::round(value / scale) * scale;
}

/// Of a CPU's measured bandwidth.
constexpr double highest_cpu_efficiency = 2;

/// Which of law_parameters(fit.kind) the fit's parameter `i` is.
std::size_t place_of(const LawFit& fit, std::size_t i) {
  return fit.places.empty() ? i : fit.places[i];
}

/// The law with these parameters, and with those that it is fitted without.
PointPredictor predictor_of(const LawFit& fit, std::span<const double> fitted) {
  std::vector<double> theta;
  for (const ParameterInfo& info : law_parameters(fit.kind)) {
    theta.push_back(info.without.value_or(0));
  }
  for (std::size_t i = 0; i < fitted.size(); ++i) theta[place_of(fit, i)] = fitted[i];
  return fit.law(theta);
}

/// The law of these parameters, without errors and origin.
FittedLaw law_with(const LawFit& fit, std::span<const double> values) {
  FittedLaw law{.kind = fit.kind};
  const auto info = law_parameters(fit.kind);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const ParameterInfo& own = info[place_of(fit, i)];
    law.parameters.push_back(
        {.name = std::string(own.name), .unit = std::string(own.unit), .value = values[i]});
  }
  return law;
}

FitResult fit_subset(const LawFit& fit, const std::vector<std::size_t>& subset) {
  const ResidualFunction residuals = [&](std::span<const double> theta, std::span<double> out) {
    const PointPredictor predict = predictor_of(fit, theta);
    for (std::size_t i = 0; i < subset.size(); ++i) {
      out[i] = std::log(predict(subset[i]) / fit.points[subset[i]].seconds);
    }
  };
  return fit_least_squares(fit.parameters, subset.size(), residuals);
}

ErrorSummary summary_of(const std::vector<double>& relative_errors) {
  return {.median = rounded(quantile(relative_errors, 0.5)),
          .p90 = rounded(quantile(relative_errors, 0.9))};
}

/// log(law / measured) of every point, each from the half of the data that it does not belong to.
std::vector<double> held_out_residuals(const LawFit& fit) {
  const std::vector<int> half = halves_of(fit.points);
  std::vector<double> residuals(fit.points.size());
  for (const int test : {0, 1}) {
    std::vector<std::size_t> train;
    for (std::size_t i = 0; i < fit.points.size(); ++i) {
      if (half[i] != test) train.push_back(i);
    }
    const FitResult result = fit_subset(fit, train);
    const PointPredictor predict = predictor_of(fit, result.parameters);
    for (std::size_t i = 0; i < fit.points.size(); ++i) {
      if (half[i] == test) residuals[i] = std::log(predict(i) / fit.points[i].seconds);
    }
  }
  return residuals;
}

std::vector<double> relative_errors(const std::vector<double>& log_residuals) {
  std::vector<double> errors;
  for (const double r : log_residuals) errors.push_back(std::abs(std::expm1(r)));
  return errors;
}

void add_errors(const LawFit& fit, const std::vector<double>& held_out, FittedLaw& law) {
  std::vector<double> magnitude, roofline;
  std::map<std::string, std::vector<double>> by_regime;
  for (std::size_t i = 0; i < fit.points.size(); ++i) {
    const FitPoint& point = fit.points[i];
    magnitude.push_back(std::abs(held_out[i]));
    by_regime[point.regime].push_back(magnitude.back());
    if (point.roofline > 0) roofline.push_back(std::abs(point.roofline / point.seconds - 1));
  }
  law.residual_sd = rounded(quantile(magnitude, 0.6827));
  law.held_out = summary_of(relative_errors(held_out));
  if (!roofline.empty()) law.roofline = summary_of(roofline);
  for (const std::string& name : fit.regimes) {
    const auto& values = by_regime[name];
    if (values.empty()) continue;
    law.regimes.push_back({.name = name,
                           .points = static_cast<std::int64_t>(values.size()),
                           .q50 = rounded(quantile(values, 0.5)),
                           .q90 = rounded(quantile(values, 0.9)),
                           .q95 = rounded(quantile(values, 0.95))});
  }
}

}  // namespace

std::vector<int> halves_of(const std::vector<FitPoint>& points) {
  std::map<std::uint64_t, std::string> shuffled;
  for (const FitPoint& point : points) shuffled[stream_bits(0, point.key, 0)] = point.key;
  std::map<std::string, int> half;
  int position = 0;
  for (const auto& [bits, key] : shuffled) half[key] = position++ % 2;
  std::vector<int> result;
  for (const FitPoint& point : points) result.push_back(half.at(point.key));
  return result;
}

std::vector<FitParameter> starting_at(LawKind kind, const DeviceNumbers& device,
                                      const std::vector<double>& starts) {
  const auto info = law_parameters(kind);
  std::vector<FitParameter> parameters;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const bool exceeds = device.is_cpu && info[i].name == "bandwidth_efficiency";
    parameters.push_back({.start = starts[i],
                          .low = info[i].low,
                          .high = exceeds ? highest_cpu_efficiency : info[i].high});
  }
  return parameters;
}

FittedLaw fit_law(const LawFit& fit) {
  std::vector<std::size_t> all(fit.points.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const FitResult result = fit_subset(fit, all);

  FittedLaw law = law_with(fit, result.parameters);
  law.points = static_cast<std::int64_t>(fit.points.size());
  const std::size_t n = result.parameters.size();
  for (std::size_t i = 0; i < n; ++i) {
    law.parameters[i].value = rounded(law.parameters[i].value);
    law.parameters[i].log_sd = rounded(std::sqrt(result.covariance[i * n + i]));
  }
  for (const double entry : result.covariance) law.covariance.push_back(rounded(entry));
  law.in_sample = summary_of(relative_errors(result.residuals));
  add_errors(fit, held_out_residuals(fit), law);
  for (std::size_t d = 0; d < fit.shape_names.size(); ++d) {
    DomainRange range{.name = fit.shape_names[d], .low = fit.points.front().shape[d]};
    range.high = range.low;
    for (const FitPoint& point : fit.points) {
      range.low = std::min(range.low, point.shape[d]);
      range.high = std::max(range.high, point.shape[d]);
    }
    law.domain.push_back(std::move(range));
  }
  return law;
}

}  // namespace microdc
