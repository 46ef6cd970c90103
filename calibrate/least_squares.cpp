#include "calibrate/least_squares.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// One minimisation problem in z = log(parameters).
class FitProblem {
 public:
  FitProblem(const std::vector<FitParameter>& parameters, std::size_t points,
             const ResidualFunction& residuals, double scale)
      : points_(static_cast<Eigen::Index>(points)), residuals_(residuals), scale_(scale) {
    const auto n = static_cast<Eigen::Index>(parameters.size());
    low_.resize(n);
    high_.resize(n);
    start_.resize(n);
    prior_weight_.resize(n);
    for (Eigen::Index i = 0; i < n; ++i) {
      const FitParameter& parameter = parameters[static_cast<std::size_t>(i)];
      low_[i] = std::log(std::max(parameter.low, 1e-300));
      high_[i] = std::log(parameter.high);
      start_[i] = std::clamp(std::log(parameter.start), low_[i], high_[i]);
      prior_weight_[i] = std::pow(scale / parameter.prior_log_sd, 2);
    }
  }

  [[nodiscard]] const VectorXd& start() const { return start_; }
  [[nodiscard]] VectorXd clamped(const VectorXd& z) const {
    return z.cwiseMax(low_).cwiseMin(high_);
  }

  [[nodiscard]] VectorXd residuals(const VectorXd& z) const {
    const VectorXd theta = z.array().exp();
    VectorXd r(points_);
    residuals_({theta.data(), static_cast<std::size_t>(theta.size())},
               {r.data(), static_cast<std::size_t>(r.size())});
    return r;
  }

  /// Half the robust sum of squares, plus the prior.
  [[nodiscard]] double cost(const VectorXd& z, const VectorXd& r) const {
    const Eigen::ArrayXd x = r.array() / scale_;
    const double data = scale_ * scale_ * ((1 + x * x).sqrt() - 1).sum();
    return data + 0.5 * (prior_weight_.array() * (z - start_).array().square()).sum();
  }

  [[nodiscard]] VectorXd weights(const VectorXd& r) const {
    return (1 + (r.array() / scale_).square()).rsqrt();
  }

  [[nodiscard]] MatrixXd jacobian(const VectorXd& z) const {
    constexpr double step = 1e-5;
    MatrixXd j(points_, z.size());
    for (Eigen::Index i = 0; i < z.size(); ++i) {
      VectorXd up = z, down = z;
      up[i] += step;
      down[i] -= step;
      j.col(i) = (residuals(up) - residuals(down)) / (2 * step);
    }
    return j;
  }

  /// Whether the parameter sits at a bound and the descent direction points outwards.
  [[nodiscard]] bool blocked(const VectorXd& z, const VectorXd& gradient, Eigen::Index i) const {
    return (z[i] <= low_[i] && gradient[i] > 0) || (z[i] >= high_[i] && gradient[i] < 0);
  }
  [[nodiscard]] bool at_bound(const VectorXd& z, Eigen::Index i) const {
    return z[i] <= low_[i] + 1e-9 || z[i] >= high_[i] - 1e-9;
  }
  [[nodiscard]] const VectorXd& prior_weight() const { return prior_weight_; }

 private:
  Eigen::Index points_;
  const ResidualFunction& residuals_;
  double scale_;
  VectorXd low_, high_, start_, prior_weight_;
};

struct Solution {
  VectorXd z, r;
  double cost = 0;
  bool converged = false;
};

/// Normal equations at z: H = J^T W J + prior, g = J^T W r + prior (z - start).
void normal_equations(const FitProblem& problem, const VectorXd& z, const VectorXd& r, MatrixXd& h,
                      VectorXd& g) {
  const MatrixXd j = problem.jacobian(z);
  const VectorXd w = problem.weights(r);
  h = j.transpose() * w.asDiagonal() * j;
  h.diagonal() += problem.prior_weight();
  g = j.transpose() * w.cwiseProduct(r) + problem.prior_weight().cwiseProduct(z - problem.start());
}

Solution minimise(const FitProblem& problem, VectorXd z, int max_iterations) {
  z = problem.clamped(z);
  Solution best{.z = z, .r = problem.residuals(z)};
  best.cost = problem.cost(z, best.r);
  double damping = 1e-3;
  MatrixXd h;
  VectorXd g;
  for (int iteration = 0; iteration < max_iterations; ++iteration) {
    normal_equations(problem, best.z, best.r, h, g);
    for (Eigen::Index i = 0; i < g.size(); ++i) {
      if (!problem.blocked(best.z, g, i)) continue;
      g[i] = 0;
      h.row(i).setZero();
      h.col(i).setZero();
      h(i, i) = 1;
    }
    bool improved = false;
    double gain = 0;
    for (int attempt = 0; attempt < 12 && !improved; ++attempt) {
      MatrixXd damped = h;
      damped.diagonal() *= 1 + damping;
      VectorXd step = damped.ldlt().solve(-g);
      // Far steps in the logarithm overflow the exponential before they can be refused.
      const double longest = step.cwiseAbs().maxCoeff();
      if (longest > 2) step *= 2 / longest;
      const VectorXd trial = problem.clamped(best.z + step);
      const VectorXd r = problem.residuals(trial);
      const double cost = problem.cost(trial, r);
      improved = std::isfinite(cost) && cost < best.cost;
      if (improved) {
        gain = best.cost - cost;
        best = {.z = trial, .r = r, .cost = cost};
        damping = std::max(damping / 5, 1e-12);
      } else {
        damping *= 4;
      }
    }
    if (!improved || gain < 1e-10 * best.cost) {
      best.converged = true;
      break;
    }
  }
  return best;
}

/// sigma^2 (J^T W J + prior)^-1 of the parameters that are not at a bound.
std::vector<double> covariance_of(const FitProblem& problem, const Solution& solution) {
  MatrixXd h;
  VectorXd g;
  normal_equations(problem, solution.z, solution.r, h, g);
  const Eigen::Index n = h.rows();
  std::vector<Eigen::Index> free;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (!problem.at_bound(solution.z, i)) free.push_back(i);
  }
  const VectorXd w = problem.weights(solution.r);
  const double freedom =
      std::max(1.0, static_cast<double>(solution.r.size()) - static_cast<double>(free.size()));
  const double variance = w.dot(solution.r.cwiseAbs2()) / freedom;
  MatrixXd reduced(free.size(), free.size());
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = 0; b < free.size(); ++b) {
      reduced(static_cast<Eigen::Index>(a), static_cast<Eigen::Index>(b)) = h(free[a], free[b]);
    }
  }
  const auto size = static_cast<Eigen::Index>(free.size());
  const MatrixXd inverse = variance * reduced.ldlt().solve(MatrixXd::Identity(size, size));
  std::vector<double> covariance(static_cast<std::size_t>(n * n), 0.0);
  for (std::size_t a = 0; a < free.size(); ++a) {
    for (std::size_t b = 0; b < free.size(); ++b) {
      const auto ia = static_cast<Eigen::Index>(a), ib = static_cast<Eigen::Index>(b);
      covariance[static_cast<std::size_t>(free[a] * n + free[b])] =
          0.5 * (inverse(ia, ib) + inverse(ib, ia));
    }
  }
  return covariance;
}

}  // namespace

FitResult fit_least_squares(const std::vector<FitParameter>& parameters, std::size_t points,
                            const ResidualFunction& residuals, const FitOptions& options) {
  const FitProblem problem(parameters, points, residuals, options.robust_scale);
  Solution best = minimise(problem, problem.start(), options.max_iterations);
  const std::size_t n = parameters.size();
  for (int start = 1; start < options.starts; ++start) {
    VectorXd z = problem.start();
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint64_t index = static_cast<std::uint64_t>(start) * n + i;
      z[static_cast<Eigen::Index>(i)] += 0.5 * standard_normal(1, "fit/start", index);
    }
    Solution other = minimise(problem, z, options.max_iterations);
    if (other.cost < best.cost) best = std::move(other);
  }
  FitResult result;
  const VectorXd theta = best.z.array().exp();
  result.parameters.assign(theta.data(), theta.data() + theta.size());
  result.residuals.assign(best.r.data(), best.r.data() + best.r.size());
  result.covariance = covariance_of(problem, best);
  result.cost = best.cost;
  result.converged = best.converged;
  return result;
}

}  // namespace microdc
