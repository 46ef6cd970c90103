#include "hwprofiles/base/random.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace microdc {
namespace {

// Known answers of the Random123 library (kat_vectors, philox 4x32 10).
TEST(Random, PhiloxGivesTheKnownAnswers) {
  using Block = std::array<std::uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, StreamsOfOtherPurposeStreamOrIndexDiffer) {
  const auto first = [](std::uint64_t seed, RandomPurpose purpose, std::uint32_t stream,
                        std::uint32_t index) {
    return RandomStream(seed, purpose, stream, index).next_u64();
  };
  const auto base = first(1, RandomPurpose::arrivals, 0, 0);
  EXPECT_EQ(base, first(1, RandomPurpose::arrivals, 0, 0));
  EXPECT_NE(base, first(2, RandomPurpose::arrivals, 0, 0));
  EXPECT_NE(base, first(1, RandomPurpose::turns, 0, 0));
  EXPECT_NE(base, first(1, RandomPurpose::arrivals, 1, 0));
  EXPECT_NE(base, first(1, RandomPurpose::arrivals, 0, 1));
  EXPECT_NE(base, first(std::uint64_t{1} << 40 | 1, RandomPurpose::arrivals, 0, 0));
}

TEST(Random, InverseNormalMatchesTables) {
  EXPECT_NEAR(inverse_normal(0.5), 0, 1e-12);
  EXPECT_NEAR(inverse_normal(0.975), 1.959963984540054, 1e-9);
  EXPECT_NEAR(inverse_normal(0.01), -2.326347874040841, 1e-9);
  EXPECT_NEAR(inverse_normal(1e-10), -6.361340902404056, 1e-7);
  EXPECT_TRUE(std::isfinite(inverse_normal(0x1p-54)));
  EXPECT_TRUE(std::isfinite(inverse_normal(1 - 0x1p-53)));
}

struct Moments {
  double mean = 0;
  double variance = 0;
};
Moments sample(const std::function<double(RandomStream&)>& draw) {
  RandomStream random(7, RandomPurpose::arrivals, 0);
  constexpr int n = 200000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = draw(random);
    sum += x;
    squares += x * x;
  }
  return {sum / n, squares / n - sum / n * (sum / n)};
}

TEST(Random, DistributionsHaveTheirMoments) {
  const Moments uniform = sample([](RandomStream& r) { return r.uniform(); });
  EXPECT_NEAR(uniform.mean, 0.5, 0.003);
  EXPECT_NEAR(uniform.variance, 1.0 / 12, 0.001);
  const Moments exponential = sample([](RandomStream& r) { return r.exponential(); });
  EXPECT_NEAR(exponential.mean, 1, 0.01);
  EXPECT_NEAR(exponential.variance, 1, 0.03);
  const Moments normal = sample([](RandomStream& r) { return r.normal(); });
  EXPECT_NEAR(normal.mean, 0, 0.01);
  EXPECT_NEAR(normal.variance, 1, 0.015);
  for (const double shape : {0.1, 0.5, 1.0, 4.0}) {
    const Moments gamma = sample([shape](RandomStream& r) { return r.gamma(shape); });
    EXPECT_NEAR(gamma.mean / shape, 1, 0.04) << shape;
    EXPECT_NEAR(gamma.variance / shape, 1, 0.08) << shape;
  }
  const Moments weibull = sample([](RandomStream& r) { return r.weibull(0.8); });
  EXPECT_NEAR(weibull.mean, std::tgamma(1 + 1 / 0.8), 0.02);
  const Moments geometric =
      sample([](RandomStream& r) { return static_cast<double>(r.geometric(1.88)); });
  EXPECT_NEAR(geometric.mean, 1.88, 0.02);
  EXPECT_NEAR(geometric.variance, 1.88 * 0.88, 0.05);
  const Moments poisson =
      sample([](RandomStream& r) { return static_cast<double>(r.poisson(3.5)); });
  EXPECT_NEAR(poisson.mean, 3.5, 0.03);
  EXPECT_NEAR(poisson.variance, 3.5, 0.06);
}

TEST(Random, GeometricOfMeanOneIsOne) {
  RandomStream random(1, RandomPurpose::turns, 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(random.geometric(1), 1);
}

}  // namespace
}  // namespace microdc
