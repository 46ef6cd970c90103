#include "calibrate/least_squares.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

/// log(a + x/b) against noisy data, x from 1 to 1000.
struct Line {
  std::vector<double> x, log_y;

  Line(double a, double b, double noise, std::uint64_t seed) {
    for (int i = 0; i < 120; ++i) {
      x.push_back(std::pow(1000.0, i / 119.0));
      log_y.push_back(std::log(a + x.back() / b) +
                      noise * standard_normal(seed, "noise", static_cast<std::uint64_t>(i)));
    }
  }
  [[nodiscard]] ResidualFunction residuals() const {
    return [this](std::span<const double> p, std::span<double> r) {
      for (std::size_t i = 0; i < x.size(); ++i) r[i] = std::log(p[0] + x[i] / p[1]) - log_y[i];
    };
  }
};

const std::vector<FitParameter> wide{{.start = 1, .low = 1e-3, .high = 1e3},
                                     {.start = 1, .low = 1e-3, .high = 1e3}};

TEST(LeastSquares, RecoversExactParameters) {
  const Line line(5, 3, 0, 1);
  const FitResult fit = fit_least_squares(wide, line.x.size(), line.residuals());
  EXPECT_TRUE(fit.converged);
  // The weak prior pulls by far less than any measurement can tell.
  EXPECT_NEAR(fit.parameters[0], 5, 1e-3);
  EXPECT_NEAR(fit.parameters[1], 3, 1e-3);
}

TEST(LeastSquares, IsRobustAgainstOutliers) {
  Line line(5, 3, 0.02, 2);
  for (std::size_t i = 0; i < line.x.size(); i += 10) line.log_y[i] += 2;
  const FitResult fit = fit_least_squares(wide, line.x.size(), line.residuals());
  EXPECT_NEAR(fit.parameters[0], 5, 0.25);
  EXPECT_NEAR(fit.parameters[1], 3, 0.15);
}

TEST(LeastSquares, RespectsBoundsAndFreezesTheirCovariance) {
  const Line line(5, 3, 0.02, 3);
  auto bounded = wide;
  bounded[0].high = 2;
  const FitResult fit = fit_least_squares(bounded, line.x.size(), line.residuals());
  EXPECT_NEAR(fit.parameters[0], 2, 1e-9);
  EXPECT_EQ(fit.covariance[0], 0);
  EXPECT_EQ(fit.covariance[1], 0);
  EXPECT_GT(fit.covariance[3], 0);
}

TEST(LeastSquares, IsDeterministic) {
  const Line line(5, 3, 0.05, 4);
  const FitResult a = fit_least_squares(wide, line.x.size(), line.residuals());
  const FitResult b = fit_least_squares(wide, line.x.size(), line.residuals());
  EXPECT_EQ(a.parameters, b.parameters);
  EXPECT_EQ(a.covariance, b.covariance);
}

// With normal noise the 90 % interval of each parameter holds the truth in about 90 % of
// repetitions.
TEST(LeastSquares, CovarianceCoversTheTruth) {
  int inside[2] = {0, 0};
  const int repetitions = 200;
  for (int i = 0; i < repetitions; ++i) {
    const Line line(5, 3, 0.03, 100 + static_cast<std::uint64_t>(i));
    const FitResult fit = fit_least_squares(wide, line.x.size(), line.residuals(), {.starts = 1});
    const double truth[2] = {5, 3};
    for (std::size_t j = 0; j < 2; ++j) {
      const double sd = std::sqrt(fit.covariance[j * 2 + j]);
      if (std::abs(std::log(fit.parameters[j] / truth[j])) < 1.645 * sd) ++inside[j];
    }
  }
  for (const int count : inside) {
    EXPECT_GE(count, 0.82 * repetitions);
    EXPECT_LE(count, 0.97 * repetitions);
  }
}

TEST(LeastSquares, UnidentifiedParametersStayNearTheirPrior) {
  const Line line(5, 3, 0.02, 5);
  auto with_idle = wide;
  with_idle.push_back({.start = 0.1, .low = 1e-3, .high = 1, .prior_log_sd = 1});
  const FitResult fit = fit_least_squares(with_idle, line.x.size(), line.residuals());
  EXPECT_NEAR(fit.parameters[2], 0.1, 1e-3);
  EXPECT_GT(fit.covariance[8], 0);
}

}  // namespace
}  // namespace microdc
