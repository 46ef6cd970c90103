#include "sim/serving/histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

TEST(DurationHistogram, IsExactForSmallValuesAndKeepsTheMean) {
  DurationHistogram histogram;
  for (std::int64_t v = 1; v <= 200; ++v) histogram.add(v);
  EXPECT_EQ(histogram.count(), 200);
  EXPECT_DOUBLE_EQ(*histogram.mean_seconds(), 100.5e-9);
  EXPECT_DOUBLE_EQ(*histogram.percentile_seconds(0.5), 100e-9);
}

TEST(DurationHistogram, PercentilesAreWithinHalfAPercentOfTheSortedSample) {
  RandomStream random(1, RandomPurpose::arrivals, 0);
  DurationHistogram histogram;
  std::vector<std::int64_t> sample;
  for (int i = 0; i < 100000; ++i) {
    sample.push_back(static_cast<std::int64_t>(random.lognormal(18, 2)));
    histogram.add(sample.back());
  }
  std::sort(sample.begin(), sample.end());
  for (const double share : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<double>(
        sample[static_cast<std::size_t>(share * static_cast<double>(sample.size()))]);
    EXPECT_NEAR(*histogram.percentile_seconds(share) * 1e9 / exact, 1, 0.005) << share;
  }
}

TEST(DurationHistogram, RefusesPercentilesThatTheSampleCannotSupport) {
  DurationHistogram histogram;
  EXPECT_FALSE(histogram.mean_seconds());
  EXPECT_FALSE(histogram.percentile_seconds(0.5));
  for (int i = 0; i < 99; ++i) histogram.add(1000);
  EXPECT_FALSE(histogram.percentile_seconds(0.99));
  EXPECT_TRUE(histogram.percentile_seconds(0.95));
  histogram.add(1000);
  EXPECT_TRUE(histogram.percentile_seconds(0.99));
}

TEST(DurationHistogram, BucketsAreContiguous) {
  std::int64_t value = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::int64_t end = DurationHistogram::bucket_end(value);
    ASSERT_GT(end, value);
    ASSERT_EQ(DurationHistogram::bucket_end(end - 1), end);
    ASSERT_LE(static_cast<double>(end - value), std::max(1.0, static_cast<double>(value) / 127));
    value = end;
  }
}

TEST(DurationHistogram, MergeIsTheSameAsAddingAll) {
  DurationHistogram a, b, both;
  for (std::int64_t v = 0; v < 3000; ++v) {
    (v % 3 == 0 ? a : b).add(v * v);
    both.add(v * v);
  }
  a.merge(b);
  EXPECT_EQ(a.count(), both.count());
  EXPECT_EQ(a.mean_seconds(), both.mean_seconds());
  EXPECT_EQ(a.percentile_seconds(0.9), both.percentile_seconds(0.9));
  EXPECT_NEAR(*both.share_within(1e-9 * 1500 * 1500), 0.5, 0.005);
}

}  // namespace
}  // namespace microdc
