// Parts of measuring by themselves: power of a device, the choice of variants, points as lines.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "calibrate/measure/analysis.hpp"
#include "calibrate/measure/device_entry.hpp"
#include "calibrate/measure/measurement_report.hpp"
#include "calibrate/measure/power_fit.hpp"
#include "calibrate/measure/session.hpp"
#include "calibrate/measure/variant_choice.hpp"
#include "hwprofiles/laws/device_numbers.hpp"
#include "tests/unit/calibrate/fake_device.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

using kernels::Operation;
using test::FakeClock;
using test::FakeDevice;

TEST(MeasuredPower, OfAnUnknownCpuIsAssumedFromItsClassUnlessACounterMeasuresIt) {
  HardwareCatalog catalog = test::small_catalog();
  Cpu big = *catalog.cpu("socket"), small = big;
  big.name = "big";
  big.idle_power = Figure{.value = 96, .source = "made up"};
  small.name = "small";
  small.cores = 16;
  small.idle_power = Figure{.value = 40, .source = "made up"};
  catalog.add(big);
  catalog.add(small);
  MeasuredMachine machine{.name = big.vendor + " of no catalog",
                          .is_cpu = true,
                          .multiprocessors = 4,
                          .memory = 1e9,
                          .energy_gap = "no counter"};
  const DeviceLimits limits{.bandwidth = 1e10, .peak = {{"fp32", 1e11}}};
  const auto entry = device_entry(machine, limits, catalog);
  ASSERT_TRUE(entry.ok()) << to_text(entry.diagnostics());
  ASSERT_TRUE(entry->cpu->idle_power);
  EXPECT_EQ(entry->cpu->idle_power->kind, Provenance::assumed);
  EXPECT_NEAR(*entry->cpu->idle_power->low, 4 * 96.0 / 64, 1e-9);
  EXPECT_NEAR(*entry->cpu->idle_power->high, 4 * 40.0 / 16, 1e-9);
  EXPECT_NE(entry->cpu->idle_power->source.find("not measured"), std::string::npos);
  machine.energy_gap.clear();
  EXPECT_FALSE(device_entry(machine, limits, catalog)->cpu->idle_power);
}

TEST(MeasuredPower, FollowsFromSustainedLoad) {
  const DeviceNumbers alpha = *device_numbers(test::small_catalog(), "alpha");
  const auto figure = [](double value) { return Figure{.value = value, .source = "made up"}; };
  PowerLaw known{.device = "x",
                 .floor = figure(0.2),
                 .memory = figure(1.5),
                 .arithmetic = figure(9),
                 .slow = figure(1),
                 .idle_share = figure(0.3)};
  // Half the bandwidth; 60 % of the peak at 10 % of the bandwidth.
  const auto watts = [&](double memory, double arithmetic) {
    return 500 * (0.2 + 0.8 * -std::expm1(-(1.5 * memory + 9 * arithmetic)));
  };
  std::vector<MeasuredPoint> loads(3);
  for (MeasuredPoint& load : loads) load.stage = MeasuringStage::sustained;
  loads[0] = {.stage = MeasuringStage::idle, .power_watts = 50};
  loads[1].operation = Operation::memory_copy;
  loads[1].bytes = 0.5e12;
  loads[1].power_watts = watts(0.5, 0);
  loads[2].operation = Operation::gemm;
  loads[2].format = "bf16";
  loads[2].bytes = 0.1e12;
  loads[2].flop = 0.1e15;
  loads[2].power_watts = watts(0.1, 0.1);
  EXPECT_FALSE(fit_power(loads, alpha, known, "2026"));  // no energy counted
  for (MeasuredPoint& load : loads) {
    load.seconds = load.low = load.high = 1;
    load.energy_joules = 1;
  }
  PowerLaw base = known;
  base.memory = figure(3);
  base.arithmetic = figure(3);
  const auto law = fit_power(loads, alpha, base, "2026");
  ASSERT_TRUE(law);
  EXPECT_EQ(law->device, "alpha");
  EXPECT_NEAR(law->memory->value, 1.5, 1e-9);
  EXPECT_NEAR(law->arithmetic->value, 9, 1e-9);
  EXPECT_NEAR(law->idle_share->value, 0.1, 1e-12);
  EXPECT_EQ(law->memory->kind, Provenance::measured);
}

TEST(VariantChooser, TakesTheFastestOnlyIfIntervalsAreApart) {
  const VariantChoice clear = choose_variant({{"plain", 10, 9.9, 10.1}, {"tiled", 8, 7.9, 8.1}});
  EXPECT_EQ(clear.variant, "tiled");
  EXPECT_EQ(clear.runner_up, "plain");
  EXPECT_NEAR(clear.margin, 0.25, 1e-12);
  EXPECT_EQ(clear.rule, "fastest");
  const VariantChoice overlap = choose_variant({{"plain", 10, 9.0, 11}, {"tiled", 9.5, 9.1, 9.9}});
  EXPECT_EQ(overlap.variant, "plain");
  EXPECT_EQ(overlap.runner_up, "tiled");
  EXPECT_LT(overlap.margin, 0);
  EXPECT_EQ(overlap.rule, "intervals overlap, plainest");
  // The slow plain one is out; among the two that overlap the plainer one wins.
  const VariantChoice two =
      choose_variant({{"plain", 20, 19, 21}, {"a", 10.2, 10, 10.4}, {"b", 10.1, 9.9, 10.3}});
  EXPECT_EQ(two.variant, "a");
  EXPECT_EQ(choose_variant({{"only", 1, 1, 1}}).rule, "only variant");
  // On a busy machine every interval is wide: that does not make a slow variant a good one.
  const VariantChoice busy = choose_variant({{"plain", 17, 7, 30}, {"tiled", 8, 6, 12}});
  EXPECT_EQ(busy.variant, "tiled");
}

TEST(VariantChooser, NeverPicksTheLuckierOfTwoEqualVariants) {
  FakeClock clock;
  FakeDevice device(clock, 0.01);
  for (int trial = 0; trial < 40; ++trial) {
    std::vector<MeasuredPoint> race;
    for (const int pass : {1, 2}) {
      for (const char* name : {"fancy", "plain"}) {
        const auto kernel = test::fake_kernel(device, 2e-3);
        const Timing t = time_kernel(*kernel, kernels::LaunchMode::graph, {.time = 1}, clock);
        race.push_back({.stage = MeasuringStage::race,
                        .pass = pass,
                        .variant = name,
                        .seconds = t.median,
                        .low = t.low,
                        .high = t.high});
      }
    }
    EXPECT_EQ(choose_variants(race).front().variant, "plain") << trial;
  }
}

TEST(VariantChooser, ComparesTimesOfOneShapeOnly) {
  const auto raced = [](const char* variant, std::int64_t n, double seconds) {
    return MeasuredPoint{.stage = MeasuringStage::race,
                         .operation = kernels::Operation::gemm,
                         .variant = variant,
                         .shape = {.m = 4, .n = n, .k = 1024},
                         .seconds = seconds,
                         .low = 0.99 * seconds,
                         .high = 1.01 * seconds};
  };
  const std::vector<MeasuredPoint> races{raced("panels", 512, 1e-3), raced("panels", 8192, 13e-3),
                                         raced("rows", 8192, 8e-3)};
  EXPECT_EQ(choose_variants(races).front().variant, "rows");
}

TEST(MeasuredPoints, SurviveWritingAndReading) {
  MeasuredPoint point{
      .stage = MeasuringStage::sustained,
      .pass = 2,
      .operation = Operation::attention_decode,
      .format = "fp8",
      .source = "own",
      .variant = "a, \"b\"",
      .mode = kernels::LaunchMode::eager,
      .shape =
          {.batch = 3, .queries = 1, .context = 777, .q_heads = 8, .kv_heads = 2, .head_dim = 128},
      .seconds = 12.5e-6,
      .low = 12e-6,
      .high = 13e-6,
      .samples = 33,
      .calls = 80,
      .contended = 4,
      .bytes = 1e6,
      .flop = 2e6,
      .error = 1e-3,
      .clock_hz = 1.98e9,
      .power_watts = 350,
      .throttle = "power cap"};
  const auto read = parse_results(results_header() + results_line(point, "dev, ice"), "t");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  ASSERT_EQ(read->size(), 1u);
  point.variant = "a; ;b;";
  EXPECT_EQ(results_line(read->front(), "dev; ice"), results_line(point, "dev; ice"));
  EXPECT_EQ(key_of(read->front()), key_of(point));
  EXPECT_FALSE(read->front().temperature_celsius);
}

TEST(MeasuredPoints, DamagedLinesAreAllReported) {
  const std::string good = results_line({.seconds = 1, .low = 1, .high = 1}, "d");
  const auto read = parse_results(
      results_header() + good + "x,y\n" + good.substr(0, good.size() / 2) + "\n", "t");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.diagnostics().items().size(), 2u);
  EXPECT_FALSE(parse_results("a,b\n1,2\n", "t").ok());
}

}  // namespace
}  // namespace microdc
