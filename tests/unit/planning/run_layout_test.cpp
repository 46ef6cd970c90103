#include <gtest/gtest.h>

#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using microdc::testing::plain_run;

RunLayout layout_of(const MeasuredRun& run, const SourceConvention& source = {}) {
  const auto layout = run_layout(run, source);
  if (const auto* skip = std::get_if<Skip>(&layout)) {
    ADD_FAILURE() << skip->reason;
    return {};
  }
  return std::get<RunLayout>(layout);
}

MeasuredRun with_degrees(std::int64_t gpus, std::int64_t tp, std::int64_t dp, std::int64_t ep) {
  MeasuredRun run = plain_run();
  run.num_gpus = gpus;
  run.tp = tp;
  run.dp = dp;
  run.ep = ep;
  return run;
}

TEST(RunLayout, AsWritten) {
  const RunLayout layout = layout_of(with_degrees(8, 4, 2, 8));
  EXPECT_EQ(layout.serving.layout.tp, 4);
  EXPECT_EQ(layout.serving.layout.dp, 2);
  EXPECT_EQ(layout.serving.layout.ep, 8);
  EXPECT_EQ(layout.serving.replicas, 1);
  EXPECT_EQ(layout.gpus, 8);
}

TEST(RunLayout, DegreesThatLeaveGpusOver) {
  // "tp=1 ep=8" on 8 GPUs: attention is split over all of them.
  EXPECT_EQ(layout_of(with_degrees(8, 1, 1, 8)).serving.layout.tp, 8);
  // Two replicas of tp=4.
  const RunLayout two = layout_of(with_degrees(8, 4, 1, 1));
  EXPECT_EQ(two.serving.replicas, 2);
  EXPECT_EQ(two.serving.layout.tp, 4);
}

TEST(RunLayout, BlankDegrees) {
  MeasuredRun run = plain_run();
  run.num_gpus = 4;
  run.tp = run.dp = run.pp = run.ep = std::nullopt;
  EXPECT_EQ(layout_of(run).serving.layout.tp, 4);
}

TEST(RunLayout, DegreesMultipliedByExpertRanks) {
  const SourceConvention source{.degrees_multiplied = true};
  const RunLayout tensor = layout_of(with_degrees(64, 64, 1, 8), source);
  EXPECT_EQ(tensor.serving.layout.tp, 8);
  EXPECT_EQ(tensor.serving.layout.ep, 8);
  EXPECT_EQ(tensor.gpus, 8);
  const RunLayout data = layout_of(with_degrees(16, 1, 16, 4), source);
  EXPECT_EQ(data.serving.layout.dp, 4);
  EXPECT_EQ(data.gpus, 4);
  const RunLayout attention = layout_of(with_degrees(16, 4, 4, 16), source);
  EXPECT_EQ(attention.serving.layout.tp, 4);
  EXPECT_EQ(attention.serving.layout.dp, 1);
  EXPECT_EQ(attention.serving.layout.ep, 4);
  EXPECT_EQ(attention.gpus, 4);
  // Other degrees stay.
  EXPECT_EQ(layout_of(with_degrees(8, 8, 1, 8), source).serving.layout.tp, 8);
}

TEST(RunLayout, DisaggregatedDegreesFromNotes) {
  MeasuredRun run = plain_run();
  run.serving_mode = "disaggregated";
  run.notes =
      "disagg prefill tp=1 dp=4 moe_tp=1 moe_ep=4 workers=2; decode tp=8 dp=1 moe_tp=1 "
      "moe_ep=8 workers=3; gemm=fp8";
  const RunLayout layout = layout_of(run);
  ASSERT_TRUE(layout.prefill.has_value());
  EXPECT_EQ(layout.prefill->layout.dp, 4);
  EXPECT_EQ(layout.prefill->replicas, 2);
  EXPECT_EQ(layout.serving.layout.tp, 8);
  EXPECT_EQ(layout.serving.layout.ep, 8);
  EXPECT_EQ(layout.serving.replicas, 3);
  EXPECT_EQ(layout.gpus, 2 * 4 + 3 * 8);
}

TEST(RunLayout, Skips) {
  const auto reason = [](const MeasuredRun& run) {
    const auto layout = run_layout(run, {});
    const auto* skip = std::get_if<Skip>(&layout);
    return skip == nullptr ? std::string() : skip->reason;
  };
  MeasuredRun silent = plain_run();
  silent.serving_mode = "disaggregated";
  silent.notes = "disagg";
  EXPECT_EQ(reason(silent), "disaggregated run whose notes do not give the degrees of both pools");
  EXPECT_EQ(reason(with_degrees(36, 36, 1, 1)),
            "tensor parallelism over more GPUs than any engine runs in one group");
  EXPECT_EQ(reason(with_degrees(12, 12, 1, 1)),
            "tensor parallelism over more GPUs than any engine runs in one group");
  EXPECT_EQ(reason(with_degrees(16, 16, 1, 1)), "");
  EXPECT_EQ(reason(with_degrees(6, 4, 1, 1)), "degrees that do not fit the number of GPUs");
  EXPECT_EQ(reason(with_degrees(0, 1, 1, 1)), "no GPUs");
}

}  // namespace
}  // namespace microdc
