#include "hwprofiles/laws/draws.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {


TEST(StandardNormal, HasTheRightMomentsAndIsAFunctionOfItsArguments) {
  double sum = 0, squares = 0;
  const int n = 20000;
  for (int i = 0; i < n; ++i) {
    const double x = standard_normal(7, "test", static_cast<std::uint64_t>(i));
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / n, 0, 4 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 4 * std::sqrt(2.0 / n));
  EXPECT_EQ(standard_normal(7, "test", 3), standard_normal(7, "test", 3));
  EXPECT_NE(standard_normal(7, "test", 3), standard_normal(8, "test", 3));
  EXPECT_NE(standard_normal(7, "test", 3), standard_normal(7, "tesu", 3));
}

TEST(PairedNormal, HasOppositeSignsInPairs) {
  for (std::uint64_t i = 1; i < 100; i += 2) {
    EXPECT_EQ(paired_normal(7, "test", i), -paired_normal(7, "test", i + 1));
    EXPECT_NE(paired_normal(7, "test", i), paired_normal(7, "test", i + 2));
  }
}

TEST(Cholesky, FactorsAndRefuses) {
  const auto lower = cholesky({4, 2, 2, 5}, 2);
  ASSERT_TRUE(lower);
  EXPECT_EQ(*lower, (std::vector<double>{2, 0, 1, 2}));
  EXPECT_FALSE(cholesky({1, 2, 2, 1}, 2));      // indefinite
  EXPECT_FALSE(cholesky({1, 0.5, 0.2, 1}, 2));  // not symmetric
  EXPECT_FALSE(cholesky({1, 0, 0}, 2));
  const auto fixed = cholesky({0, 0, 0, 9}, 2);  // first parameter does not vary
  ASSERT_TRUE(fixed);
  EXPECT_EQ(*fixed, (std::vector<double>{0, 0, 0, 3}));
}

const Gemm memory_bound{1, 65536, 65536, NumberFormat::bf16};

std::vector<double> logarithms(const std::string& device, int draws) {
  const HardwareCatalog catalog = test::small_catalog();
  const ProfileStore profiles = test::small_profiles();
  std::vector<double> values;
  for (int i = 0; i < draws; ++i) {
    const auto laws =
        make_device_laws(catalog, profiles, device, "vllm", LawDraw{static_cast<std::uint64_t>(i)});
    values.push_back(std::log(laws->time(memory_bound).value()));
  }
  return values;
}

double standard_deviation(const std::vector<double>& values) {
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

TEST(LawDraw, IsDeterministicInItsSeed) {
  const double a = test::laws_of("alpha", "vllm", LawDraw{42}).time(memory_bound).value();
  EXPECT_EQ(a, test::laws_of("alpha", "vllm", LawDraw{42}).time(memory_bound).value());
  EXPECT_NE(a, test::laws_of("alpha", "vllm", LawDraw{43}).time(memory_bound).value());
  EXPECT_NE(a, test::laws_of("alpha").time(memory_bound).value());
}

TEST(LawDraw, SpreadsByCovarianceAndMachine) {
  // log(time) = -log(eW) + common: sd^2 = 0.1^2 + 0.03^2.
  const auto values = logarithms("alpha", 1000);
  EXPECT_NEAR(standard_deviation(values), std::hypot(0.1, 0.03), 0.012);
}

TEST(LawDraw, SpreadsWiderForBorrowedLawsAndOtherVendors) {
  EXPECT_NEAR(standard_deviation(logarithms("beta", 1000)), std::hypot(0.1, 0.03, 0.1), 0.016);
  EXPECT_NEAR(standard_deviation(logarithms("other", 1000)), std::sqrt(0.01 + 0.0009 + 0.01 + 0.09),
              0.04);
}

TEST(LawDraw, KeepsLawsMonotone) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const DeviceLaws laws = test::laws_of("alpha", "vllm", LawDraw{seed});
    double last = 0;
    for (double m = 1; m < 5000; m *= 1.5) {
      const double time = laws.time(Gemm{m, 4096, 4096}).value();
      EXPECT_GT(time, last);
      last = time;
    }
  }
}

}  // namespace
}  // namespace microdc
