#include "sim/report/bands.hpp"

#include <gtest/gtest.h>

namespace microdc {
namespace {

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(quantile({5}, 0.1), 5);
  EXPECT_DOUBLE_EQ(quantile({4, 2}, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile({0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100}, 0.9), 90);
  EXPECT_DOUBLE_EQ(quantile({3, 1, 2}, 0.1), 1.2);
  EXPECT_DOUBLE_EQ(quantile({3, 1, 2}, 1), 3);
}

TEST(Bands, DoNotDependOnTheOrderOfReplications) {
  const std::map<std::string, double> a{{"x", 1}};
  const std::map<std::string, double> b{{"x", 2}};
  const std::map<std::string, double> c{{"x", 9}};
  const Bands one = bands_of({a, b, c});
  const Bands other = bands_of({c, a, b});
  EXPECT_DOUBLE_EQ(one.find("x")->p10, 1.2);
  EXPECT_DOUBLE_EQ(one.find("x")->p50, 2);
  EXPECT_DOUBLE_EQ(one.find("x")->p90, other.find("x")->p90);
  EXPECT_EQ(one.samples, 3);
}

TEST(Bands, NoneWhereAReplicationLacksTheFigure) {
  const Bands bands = bands_of({{{"x", 1}, {"y", 1}}, {{"x", 2}}});
  EXPECT_NE(bands.find("x"), nullptr);
  EXPECT_EQ(bands.find("y"), nullptr);
  EXPECT_EQ(bands_of({}).samples, 0);
}

}  // namespace
}  // namespace microdc
