#include "sim/economics/cents.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>

namespace microdc {
namespace {

std::int64_t rounded(double amount) { return Cents::rounded(amount).hundredths(); }

TEST(Cents, RoundToTheNearestHundredthAndHalvesAwayFromZero) {
  EXPECT_EQ(rounded(12.344), 1234);
  EXPECT_EQ(rounded(12.346), 1235);
  EXPECT_EQ(rounded(0.125), 13);  // exact in binary
  EXPECT_EQ(rounded(-0.125), -13);
  EXPECT_EQ(rounded(std::nan("")), 0);
}

TEST(Cents, StayAtTheirLimit) {
  const Cents most = Cents::rounded(std::numeric_limits<double>::infinity());
  EXPECT_GT(most.money().value(), 8e16);
  EXPECT_EQ(most + most, most);
  EXPECT_EQ(-most - most, -most);
}

std::vector<Cents> parts_of(std::vector<double> amounts) { return rounded_parts(amounts); }

TEST(RoundedParts, SumToTheRoundedSumAndFavourTheLargestRemainder) {
  const double third = 1.0 / 3;
  EXPECT_EQ(parts_of({third, third, third}), (std::vector<Cents>{Cents(34), Cents(33), Cents(33)}));
  EXPECT_EQ(parts_of({0.0625, -0.03125}), (std::vector<Cents>{Cents(6), Cents(-3)}));
  EXPECT_EQ(parts_of({1.254, 1.254, 1.256}),
            (std::vector<Cents>{Cents(125), Cents(125), Cents(126)}));
  EXPECT_TRUE(parts_of({}).empty());
}

// Property: whatever is divided, the parts are the whole to the cent, each within a cent of its
// amount.
TEST(RoundedParts, AnySplitAddsUpToTheCent) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> amount(-1e7, 1e8);
  std::uniform_int_distribution<std::size_t> size(1, 40);
  for (int i = 0; i < 5000; ++i) {
    std::vector<double> amounts(size(random));
    for (double& a : amounts) a = amount(random);
    const std::vector<Cents> parts = rounded_parts(amounts);
    ASSERT_EQ(parts.size(), amounts.size());
    Cents sum;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      sum += parts[k];
      ASSERT_NEAR(parts[k].money().value(), amounts[k], 0.01 + 1e-9);
    }
    ASSERT_EQ(sum, Cents::rounded(std::accumulate(amounts.begin(), amounts.end(), 0.0)));
  }
}

}  // namespace
}  // namespace microdc
