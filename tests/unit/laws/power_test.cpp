#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

TEST(Power, FollowsTheSaturatingLaw) {
  const DeviceLaws laws = test::laws_of("alpha");
  EXPECT_DOUBLE_EQ(laws.power(0, 0, 0).value(), 500 * 0.2);
  const double expected = 500 * (0.2 + 0.8 * (1 - std::exp(-(0.5 + 0.1 * 10 + 0.25 * 2))));
  EXPECT_NEAR(laws.power(0.5, 0.1, 0.25).value(), expected, 1e-9);
  EXPECT_LE(laws.power(1, 1, 1).value(), 500);
  EXPECT_GT(laws.power(0.6, 0, 0).value(), laws.power(0.5, 0, 0).value());
  EXPECT_EQ(laws.idle_power().value(), 50);
  EXPECT_EQ(laws.tdp().value(), 500);
}

TEST(Power, BorrowedMemorySlopeScalesWithBandwidthPerWatt) {
  // beta has half the bandwidth and half the TDP: the same slope.
  const DeviceLaws beta = test::laws_of("beta");
  EXPECT_NEAR(beta.power(0.5, 0, 0).value(), 250 * (0.2 + 0.8 * (1 - std::exp(-0.5))), 1e-9);
  EXPECT_TRUE(test::mentions(beta.caveats(), "power law borrowed from alpha"));
}

TEST(Power, IdleWithoutFigureIsAShareOfTdpAndSaysSo) {
  const DeviceLaws beta = test::laws_of("beta");
  EXPECT_NEAR(beta.idle_power().value(), 25, 1e-9);
  EXPECT_TRUE(test::mentions(beta.caveats(), "idle power assumed as 10 % of TDP"));
}

TEST(Power, DrawsVaryButStayBelowTdp) {
  double low = 1e9, high = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const DeviceLaws laws = test::laws_of("alpha", "vllm", LawDraw{seed});
    low = std::min(low, laws.power(0.5, 0, 0).value());
    high = std::max(high, laws.power(0.5, 0, 0).value());
    EXPECT_LE(laws.power(1, 1, 1).value(), 500);
  }
  EXPECT_LT(low, 0.95 * high);
}

}  // namespace
}  // namespace microdc
