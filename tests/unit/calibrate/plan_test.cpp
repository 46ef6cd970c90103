// Which shapes are measured.
#include "calibrate/measure/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace microdc {
namespace {

using kernels::Operation;

const AcceptsShape anything = [](const PlannedShape&) { return true; };
const DeviceLimits gpu{.bandwidth = 3e12,
                       .peak = {{"bf16", 8e14}},
                       .memory = 80e9,
                       .cache = 50e6,
                       .multiprocessors = 132};
const DeviceLimits cpu{.bandwidth = 20e9,
                       .peak = {{"fp32", 3e11}},
                       .memory = 16e9,
                       .cache = 32e6,
                       .multiprocessors = 2};

std::int64_t count_if(const std::vector<PlannedShape>& plan,
                      const std::function<bool(const kernels::Shape&)>& test) {
  return std::count_if(plan.begin(), plan.end(),
                       [&](const PlannedShape& planned) { return test(planned.shape); });
}

TEST(MeasuringPlan, CoversTheRegimesOfEveryDevice) {
  for (const DeviceLimits& limits : {gpu, cpu}) {
    for (const int points : {20, 64}) {
      const PlanOptions options{.points_per_law = points, .longest = 0.02, .largest = 256e6};
      const auto gemm = plan_law(Operation::gemm, "bf16", limits, options, anything);
      EXPECT_EQ(gemm.size(), static_cast<std::size_t>(points));
      EXPECT_GE(count_if(gemm, [](const auto& s) { return s.m <= 64; }), points * 3 / 8);
      EXPECT_GE(count_if(gemm, [](const auto& s) { return s.m > 512; }), points * 3 / 8 - 1);
      EXPECT_GE(count_if(gemm, [](const auto& s) { return s.m == 1; }), points / 16);
      // Odd sizes too: rows that are no multiple of 8, dimensions that are none of 64.
      EXPECT_GE(count_if(gemm, [](const auto& s) { return s.m % 8 != 0; }), 3);
      EXPECT_GE(count_if(gemm, [](const auto& s) { return s.n % 64 != 0 || s.k % 64 != 0; }), 3);
      for (const auto operation : {Operation::attention_decode, Operation::attention_prefill}) {
        EXPECT_EQ(plan_law(operation, "bf16", limits, options, anything).size(),
                  static_cast<std::size_t>(points));
      }
    }
  }
}

TEST(MeasuringPlan, SpreadsOverTimeAndIntensity) {
  const auto plan = plan_law(Operation::gemm, "bf16", gpu, {}, anything);
  std::vector<double> times;
  for (const PlannedShape& planned : plan) times.push_back(light_seconds(planned, gpu));
  std::sort(times.begin(), times.end());
  EXPECT_LT(times.front(), 1e-6);
  EXPECT_GT(times.back(), 1e-3);
  EXPECT_LE(times.back(), 0.02);
}

TEST(MeasuringPlan, IsTheSameForTheSameSeed) {
  const auto keys = [](std::uint64_t seed) {
    std::string all;
    for (const PlannedShape& planned :
         plan_law(Operation::attention_decode, "fp8", gpu, {.seed = seed}, anything)) {
      all += key_of({.operation = planned.operation, .shape = planned.shape}) + "\n";
    }
    return all;
  };
  EXPECT_EQ(keys(1), keys(1));
  EXPECT_NE(keys(1), keys(2));
}

TEST(MeasuringPlan, AsksOnlyForWhatVariantsAccept) {
  const AcceptsShape aligned = [](const PlannedShape& planned) {
    return planned.shape.k % 128 == 0;
  };
  const auto plan = plan_law(Operation::gemm, "int4_weight", gpu, {}, aligned);
  EXPECT_EQ(plan.size(), 64u);
  EXPECT_EQ(count_if(plan, [](const auto& s) { return s.k % 128 != 0; }), 0);
}

TEST(MeasuringPlan, SizesReachBeyondTheCache) {
  const auto sizes = curve_sizes(50e6, 80e9, 18);
  ASSERT_EQ(sizes.size(), 18u);
  EXPECT_EQ(sizes.front(), 64 * 1024);
  EXPECT_GE(sizes.back(), 399'000'000);
  EXPECT_TRUE(std::is_sorted(sizes.begin(), sizes.end()));
}

TEST(MeasuringPlan, TakesAllReduceInGroupsThatAreThere) {
  const AcceptsShape pair = [](const PlannedShape& planned) { return planned.shape.group == 2; };
  const auto plan = plan_law(Operation::all_reduce, "bf16", gpu, {}, pair);
  EXPECT_EQ(plan.size(), 22u);
  EXPECT_EQ(plan.front().shape.bytes, 256);
}

}  // namespace
}  // namespace microdc
