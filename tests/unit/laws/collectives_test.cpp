#include <gtest/gtest.h>

#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

double all_reduce(const DeviceLaws& laws, double message, int group) {
  return laws.time(Collective{CollectiveKind::all_reduce, Bytes(message), group}).value();
}

double nccl(double message, double group, double latency) {
  return latency + 1e-9 * std::sqrt(message) + 2 * (group - 1) / group * message / 1e11;
}

TEST(Collectives, TakeTheFasterLibraryWithinItsRange) {
  const DeviceLaws laws = test::laws_of("alpha");
  const double small = 3e-6 + 1e-9 * 32 + 1024.0 / 4e10;
  EXPECT_NEAR(all_reduce(laws, 1024, 2), small, 1e-12);
  EXPECT_NEAR(all_reduce(laws, 1e8, 2), nccl(1e8, 2, 8e-6), 1e-9);
}

TEST(Collectives, NeverGetFasterWithSize) {
  const DeviceLaws laws = test::laws_of("alpha");
  for (const int group : {2, 3, 4, 8, 16, 64}) {
    double last = 0;
    for (double message = 64; message < 4e9; message *= 1.3) {
      const double time = all_reduce(laws, message, group);
      EXPECT_GE(time, last) << group << " ranks, " << message << " bytes";
      last = time;
    }
  }
}

TEST(Collectives, InterpolateGroupSizesInTheLogarithm) {
  const DeviceLaws laws = test::laws_of("alpha");
  // Latency 8 us at 2, 32 us at 8: 16 us at 4, half way in log n.
  EXPECT_NEAR(all_reduce(laws, 1e8, 4), nccl(1e8, 4, 16e-6), 1e-12);
}

TEST(Collectives, LargerGroupsThanMeasuredKeepTheTrend) {
  const DeviceLaws laws = test::laws_of("alpha");
  EXPECT_NEAR(all_reduce(laws, 1e8, 16), nccl(1e8, 16, 64e-6), 1e-12);
  EXPECT_GT(all_reduce(laws, 1e8, 16), all_reduce(laws, 1e8, 8));
}

TEST(Collectives, OtherKindsAreDerivedAndFlagged) {
  const DeviceLaws laws = test::laws_of("alpha");
  const auto time = [&](CollectiveKind kind, int group) {
    return laws.time(Collective{kind, Bytes(1e8), group}).value();
  };
  const double gather = 32e-6 + 0.5 * (1e-9 * 1e4 + 2 * 7.0 / 8 * 1e8 / 1e11);
  EXPECT_NEAR(time(CollectiveKind::all_gather, 8), gather, 1e-12);
  EXPECT_NEAR(time(CollectiveKind::all_to_all, 8), gather, 1e-12);
  EXPECT_NEAR(time(CollectiveKind::point_to_point, 8), nccl(1e8, 2, 8e-6), 1e-12);
  EXPECT_TRUE(test::mentions(laws.caveats(), "derived from the all-reduce law"));
}

TEST(Collectives, BorrowedOnesScaleWithTheLink) {
  const DeviceLaws alpha = test::laws_of("alpha");
  const DeviceLaws beta = test::laws_of("beta");
  // Same latency, half the bandwidth.
  const double large = 1e9;
  EXPECT_NEAR((all_reduce(beta, large, 8) - 32e-6) / (all_reduce(alpha, large, 8) - 32e-6), 2,
              1e-9);
}

}  // namespace
}  // namespace microdc
