// Robust non-linear least squares in the logarithms of positive parameters.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace microdc {

/// A positive parameter: where to start, between what it must stay, and how sure we are beforehand.
/// The prior (normal in the logarithm around `start`) only matters for what the data do not tell.
struct FitParameter {
  double start = 1;
  double low = 0;
  double high = 1e300;
  double prior_log_sd = 1.5;
};

/// Fills `residuals` (one per point) for the given parameters.
using ResidualFunction =
    std::function<void(std::span<const double> parameters, std::span<double> residuals)>;

struct FitOptions {
  /// Residuals well below this count squared, well above linearly (soft L1).
  double robust_scale = 0.05;
  int starts = 6;  ///< the given start and random ones around it
  int max_iterations = 100;
};

struct FitResult {
  std::vector<double> parameters;
  /// Of the logarithms of the parameters, row by row; zero rows for parameters at a bound.
  std::vector<double> covariance;
  std::vector<double> residuals;  ///< at the solution
  double cost = 0;
  bool converged = false;
};

/// Levenberg-Marquardt with box bounds from several starts; the best solution wins. Deterministic.
/// `points` must exceed the number of parameters for the covariance to mean anything.
FitResult fit_least_squares(const std::vector<FitParameter>& parameters, std::size_t points,
                            const ResidualFunction& residuals, const FitOptions& options = {});

}  // namespace microdc
