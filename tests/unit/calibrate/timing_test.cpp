// When the timer loop stops, and what it says of the samples.
#include "calibrate/measure/timing.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/calibrate/fake_device.hpp"

namespace microdc {
namespace {

using kernels::LaunchMode;
using test::FakeClock;
using test::FakeDevice;

TEST(MedianRanks, AreThoseOfTheBinomialDistribution) {
  // Tables of order-statistic intervals of the median at 95 %.
  EXPECT_EQ(median_ranks(6).low, 0u);
  EXPECT_EQ(median_ranks(6).high, 5u);
  EXPECT_EQ(median_ranks(10).low, 1u);
  EXPECT_EQ(median_ranks(10).high, 8u);
  EXPECT_EQ(median_ranks(20).low, 5u);
  EXPECT_EQ(median_ranks(20).high, 14u);
  EXPECT_EQ(median_ranks(100).low, 39u);
  EXPECT_EQ(median_ranks(100).high, 60u);
  EXPECT_EQ(median_ranks(1).high, 0u);
}

TEST(MedianRanks, HoldTheMedianAsOftenAsTheySay) {
  int held = 0;
  constexpr int trials = 2000;
  for (std::uint64_t trial = 0; trial < trials; ++trial) {
    std::vector<double> values;
    for (std::uint64_t i = 0; i < 25; ++i) {
      values.push_back(std::exp(standard_normal(3, "coverage", trial * 25 + i)));
    }
    const Timing timing = summary_of_samples(values);
    held += timing.low <= 1 && timing.high >= 1;
  }
  EXPECT_GE(held, 0.94 * trials);
  EXPECT_LE(held, 0.99 * trials);
}

TEST(TimerLoop, StopsWhenTheIntervalIsNarrowEnough) {
  FakeClock clock;
  FakeDevice device(clock, 0.02);
  const auto kernel = test::fake_kernel(device, 3e-3);
  const Timing timing = time_kernel(*kernel, LaunchMode::graph, {.time = 100}, clock);
  EXPECT_TRUE(timing.converged);
  EXPECT_LT(0.5 * (timing.high - timing.low), 0.005 * timing.median);
  EXPECT_NEAR(timing.median, 3e-3, 0.01 * 3e-3);
  // With this noise the interval needs about (1.25 * 2 * 0.02 / 0.005)^2 / 1 = 100 samples.
  EXPECT_GT(timing.samples, 30);
  EXPECT_LT(timing.samples, 300);
  EXPECT_EQ(timing.calls, 1);
}

TEST(TimerLoop, TakesTheFewestSamplesOfAQuietKernel) {
  FakeClock clock;
  FakeDevice device(clock, 1e-5);
  const auto kernel = test::fake_kernel(device, 20e-6);
  const Timing timing = time_kernel(*kernel, LaunchMode::graph, {}, clock);
  EXPECT_EQ(timing.samples, 10);
  EXPECT_EQ(timing.calls, 50);  // of 20 us each make a sample of 1 ms
}

TEST(TimerLoop, StopsAtTheTimeLimitAndSaysSo) {
  FakeClock clock;
  FakeDevice device(clock, 0.5);
  const auto kernel = test::fake_kernel(device, 5e-3);
  const Timing timing = time_kernel(*kernel, LaunchMode::graph, {.time = 0.2}, clock);
  EXPECT_FALSE(timing.converged);
  EXPECT_LT(clock.now(), 0.2 + 0.02 + 0.1);
  EXPECT_GE(timing.samples, 10);
}

TEST(TimerLoop, TakesThreeSamplesOfTheSlowestKernel) {
  FakeClock clock;
  FakeDevice device(clock, 0.1);
  const auto kernel = test::fake_kernel(device, 7);
  EXPECT_EQ(time_kernel(*kernel, LaunchMode::graph, {.time = 1}, clock).samples, 3);
}

TEST(TimerLoop, StopsAtTheMostSamples) {
  FakeClock clock;
  FakeDevice device(clock, 1.0);
  const auto kernel = test::fake_kernel(device, 2e-3);
  const Timing timing =
      time_kernel(*kernel, LaunchMode::graph, {.time = 1e9, .max_samples = 500}, clock);
  EXPECT_EQ(timing.samples, 500);
}

TEST(TimerLoop, LeavesOutSamplesDuringWhichAProcessorWasTaken) {
  FakeClock clock;
  FakeDevice device(clock, 0.001);
  device.contended_every = 3;
  const auto kernel = test::fake_kernel(device, 4e-3);
  const Timing timing = time_kernel(*kernel, LaunchMode::graph, {}, clock);
  EXPECT_GT(timing.contended, 0);
  EXPECT_FALSE(timing.contaminated);
  EXPECT_NEAR(timing.median, 4e-3, 0.01 * 4e-3);
}

TEST(TimerLoop, KeepsContendedSamplesIfThereAreNoOthers) {
  FakeClock clock;
  FakeDevice device(clock, 0.001);
  device.contended_every = 1;
  const auto kernel = test::fake_kernel(device, 4e-3);
  const Timing timing = time_kernel(*kernel, LaunchMode::graph, {.time = 1}, clock);
  EXPECT_TRUE(timing.contaminated);
  EXPECT_NEAR(timing.median, 12e-3, 0.01 * 12e-3);
}

TEST(TimerLoop, EndsWhenItIsCancelled) {
  FakeClock clock;
  FakeDevice device(clock, 1.0);
  const auto kernel = test::fake_kernel(device, 1e-3);
  int asked = 0;
  const auto cancelled = [&] { return ++asked > 5; };
  EXPECT_TRUE(time_kernel(*kernel, LaunchMode::graph, {.time = 1e9}, clock, cancelled).cancelled);
}

TEST(TimerLoop, BurstsComeAfterIdleGapsAndSustainedLoadHasNone) {
  FakeClock clock;
  FakeDevice device(clock, 0.001);
  const auto kernel = test::fake_kernel(device, 1e-3);
  const Timing bursts = time_bursts(*kernel, 20, 0.05, clock);
  EXPECT_EQ(bursts.samples, 20);
  EXPECT_GT(clock.now(), 20 * 0.05);
  const double before = clock.now();
  const Timing sustained = time_sustained(*kernel, 5, clock);
  EXPECT_NEAR(clock.now() - before, 5, 0.1);
  EXPECT_NEAR(static_cast<double>(sustained.total_calls) * 1e-3, 5, 0.1);
  EXPECT_NEAR(sustained.median, 1e-3, 1e-5);
}

}  // namespace
}  // namespace microdc
