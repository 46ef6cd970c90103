#include "sim/planning/validate/score.hpp"

#include <gtest/gtest.h>

#include "sim/planning/validate/run_observer.hpp"

namespace microdc {
namespace {

Comparison comparison(const std::string& model, double measured, double predicted) {
  return {.row_id = model,
          .gpu = "g",
          .model = model,
          .source = "s",
          .engine = "e",
          .arch = "dense",
          .metric = "tpot_mean_ms",
          .measured = measured,
          .predicted = predicted,
          .p10 = 0.9 * predicted,
          .p90 = 1.1 * predicted};
}

TEST(Score, StatisticsByHand) {
  // Errors: +10 %, -20 %, +50 %, 0 %, +20 %.
  const std::vector<Comparison> all{comparison("a", 10, 11), comparison("a", 10, 8),
                                    comparison("a", 10, 15), comparison("a", 10, 10),
                                    comparison("a", 10, 12)};
  std::vector<const Comparison*> pointers;
  for (const Comparison& c : all) pointers.push_back(&c);
  const ErrorStatistics s = error_statistics(pointers);
  EXPECT_EQ(s.n, 5u);
  EXPECT_NEAR(s.median_ape, 0.20, 1e-12);
  EXPECT_NEAR(s.p90_ape, 0.20 + 0.6 * 0.30, 1e-12);  // position 3.6 of 0, .1, .2, .2, .5
  EXPECT_NEAR(s.bias, 0.10, 1e-12);
  EXPECT_NEAR(s.coverage, 0.4, 1e-12);  // 10 lies in [9.9, 12.1] and in [9, 11]
}

TEST(Score, GroupsAndOverall) {
  const auto groups =
      score_groups({comparison("b", 10, 11), comparison("a", 10, 12), comparison("a", 10, 14)});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].model, "a");
  EXPECT_EQ(groups[0].errors.n, 2u);
  EXPECT_NEAR(groups[0].errors.median_ape, 0.3, 1e-12);
  const auto overall = overall_errors(groups);
  EXPECT_NEAR(overall.at("tpot_mean_ms"), 0.2, 1e-12);  // median of 0.3 and 0.1
}

TEST(Score, SampleQuantileIsLinear) {
  std::vector<double> sample{4, 1, 3, 2};
  EXPECT_DOUBLE_EQ(*sample_quantile(sample, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(*sample_quantile(sample, 0.9), 3.7);
  std::vector<double> one{7};
  EXPECT_DOUBLE_EQ(*sample_quantile(one, 0.99), 7);
  std::vector<double> none;
  EXPECT_FALSE(sample_quantile(none, 0.5).has_value());
}

}  // namespace
}  // namespace microdc
