// Measuring a device from the first limit to the profile, on a fake one.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "calibrate/measure/analysis.hpp"
#include "calibrate/measure/devices.hpp"
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

const std::vector<double> truth{4e-6, 2e-6, 0.75, 0.8, 2.5, 0.1};

MeasureSettings few_points() {
  MeasureSettings settings = measure_settings(false, true, 1);
  settings.plan.points_per_law = 30;
  settings.eager = false;
  return settings;
}

/// No interval is narrow enough: only time ends a point.
MeasureSettings ended_by_time(double limit) {
  MeasureSettings settings = few_points();
  settings.time_limit = limit;
  settings.sustained = 0;
  settings.bursts = 0;
  settings.timing.half_width = 0;
  return settings;
}

/// A device with limits and one GEMM, its results in a folder.
class Measuring : public testing::Test {
 protected:
  Measuring() : device_(clock_, 0.003) { test::add_limits(device_); }

  ResultStore open() {
    MeasuredMachine machine = test::machine_of(device_);
    machine.quick = quick_;
    auto store = ResultStore::open(folder_.path(), machine);
    EXPECT_TRUE(store.ok()) << to_text(store.diagnostics());
    return *store;
  }
  MeasureOutcome measure(const MeasureSettings& settings, std::int64_t stop_after = -1) {
    ResultStore store = open();
    const auto before = store.points().size();
    const MeasureControl control{.clock = clock_, .cancelled = [&, before] {
                                   return stop_after >= 0 &&
                                          store.points().size() - before >= std::size_t(stop_after);
                                 }};
    return measure_device(device_, store, settings, control);
  }
  std::set<std::string> keys() {
    std::set<std::string> keys;
    const ResultStore store = open();
    for (const MeasuredPoint& point : store.points()) keys.insert(key_of(point));
    return keys;
  }
  [[nodiscard]] std::string results() const {
    std::ifstream stream(folder_.path() / ResultStore::results_name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  test::TemporaryFolder folder_;
  FakeClock clock_;
  FakeDevice device_;
  bool quick_ = true;
};

TEST_F(Measuring, ABusyMachineGetsAWiderSpreadThatSaysSo) {
  device_.add(test::gemm_kernel(truth));
  device_.contended_every = 2;
  measure(few_points());
  const auto analysis = analyse_measurements(open(), test::small_catalog());
  ASSERT_TRUE(analysis.ok()) << to_text(analysis.diagnostics());
  const DeviceProfile& profile = analysis->profile();
  EXPECT_GT(profile.measurement->contended_share, 0.3);
  ASSERT_TRUE(profile.common_sd);
  EXPECT_GT(profile.common_sd->value, 0.2);
  EXPECT_NE(profile.common_sd->source.find("something else ran"), std::string::npos);
  // Half of the calls took three times as long; the law is that of the others.
  ASSERT_EQ(profile.laws.size(), 1u);
  ASSERT_TRUE(profile.laws.front().in_sample);
  EXPECT_LT(profile.laws.front().in_sample->median, 0.02);
}

TEST_F(Measuring, OnlyTheMostElaborateVariantsRaceWhereTimeIsShort) {
  for (const char* name : {"plain", "better", "much-better", "best"}) {
    device_.add(test::gemm_kernel(truth, name));
  }
  MeasureSettings settings = few_points();
  settings.race_variants = 2;
  settings.curve_variants = 1;
  measure(settings);
  std::set<std::string> raced;
  const ResultStore store = open();
  for (const MeasuredPoint& point : store.points()) {
    if (point.stage == MeasuringStage::race) raced.insert(point.variant);
  }
  EXPECT_EQ(raced.size(), 2u);
  EXPECT_TRUE(raced.contains("best") && raced.contains("much-better"));
}

TEST_F(Measuring, RecoversTheLawOfTheDevice) {
  quick_ = false;
  device_.add(test::gemm_kernel(truth));
  MeasureSettings settings = measure_settings(false, false, 1);
  settings.eager = false;
  const MeasureOutcome outcome = measure(settings);
  EXPECT_FALSE(outcome.cancelled);
  EXPECT_EQ(outcome.skipped, 0);
  EXPECT_GT(clock_.now(), 60);  // the pause between the passes
  const auto analysis = analyse_measurements(open(), test::small_catalog());
  ASSERT_TRUE(analysis.ok()) << to_text(analysis.diagnostics());
  EXPECT_EQ(analysis->entry.name, "alpha");
  EXPECT_TRUE(analysis->entry.known);
  const DeviceProfile& profile = analysis->profile();
  ASSERT_EQ(profile.laws.size(), 1u);
  const FittedLaw& law = profile.laws.front();
  EXPECT_EQ(law.kernel_source, "own");
  EXPECT_EQ(law.origin, Provenance::measured);
  EXPECT_EQ(law.points, 64);
  EXPECT_NEAR(law.parameter("compute_efficiency").value() / 0.75, 1, 0.03);
  EXPECT_NEAR(law.parameter("bandwidth_efficiency").value() / 0.8, 1, 0.03);
  EXPECT_NEAR(law.parameter("launch").value() / 4e-6, 1, 0.25);
  EXPECT_LT(law.held_out->median, 0.01);
  ASSERT_TRUE(profile.measurement && profile.measurement->repeat_sd);
  EXPECT_EQ(profile.measurement->passes, 2);
  EXPECT_EQ(profile.measurement->power_method, "tdp_model");
  EXPECT_LT(*profile.measurement->repeat_sd, 0.01);
  for (const LawPoint& point : analysis->points) {
    ASSERT_TRUE(point.fitted);
    EXPECT_NEAR(*point.fitted / point.seconds, 1, 0.05);
  }
  // What is written can be read, variants and measurement included.
  EXPECT_FALSE(write_profiles(analysis->calibration, folder_.path() / "profiles").has_errors());
  const auto read = ProfileStore::load(folder_.path() / "profiles");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(profile_text(*read->profile("alpha")), profile_text(profile));
}

TEST_F(Measuring, ReportsInTextJsonAndAPage) {
  device_.add(test::gemm_kernel(truth, "a"));
  device_.add(test::gemm_kernel({4e-6, 2e-6, 0.5, 0.8, 2.5, 0.1}, "b"));
  auto vendor = test::gemm_kernel({4e-6, 2e-6, 0.9, 0.9, 2.5, 0.1}, "v");
  vendor.source = "vendor<&>";
  device_.add(vendor);
  EXPECT_FALSE(measure(few_points()).cancelled);
  const auto analysis = analyse_measurements(open(), test::small_catalog());
  ASSERT_TRUE(analysis.ok()) << to_text(analysis.diagnostics());
  EXPECT_GT(coverage_of(*analysis).share(), 0.7);
  bool beside_vendor = false;
  for (const ReachedShare& share : analysis->reached) {
    if (share.of != "vendor<&>") continue;
    beside_vendor = true;
    EXPECT_GT(share.median, 0.7);
    EXPECT_LT(share.median, 1);
  }
  EXPECT_TRUE(beside_vendor);
  const std::string text = measurement_text(*analysis);
  EXPECT_NE(text.find("Chosen variants"), std::string::npos);
  EXPECT_NE(text.find("quick run"), std::string::npos);
  EXPECT_EQ(measurement_json(*analysis).at("points").size(), 60u);
  const std::string page = measurement_html(*analysis);
  EXPECT_NE(page.find("<svg"), std::string::npos);
  EXPECT_NE(page.find("vendor&lt;&amp;&gt;"), std::string::npos);
  EXPECT_EQ(page.find("vendor<&>"), std::string::npos);
  EXPECT_EQ(page.find("http://"), page.find("http://www.w3.org"));  // nothing is fetched
}

TEST_F(Measuring, InterruptedRunsKeepEveryPointAndGoOnWithoutRepeating) {
  device_.add(test::gemm_kernel(truth, "a"));
  device_.add(test::gemm_kernel({4e-6, 2e-6, 0.5, 0.8, 2.5, 0.1}, "b"));
  int parts = 0;
  while (measure(few_points(), 11).cancelled) ASSERT_LT(++parts, 100);
  EXPECT_GT(parts, 3);
  const auto in_parts = keys();
  const auto prepared_in_parts = device_.prepared;
  const std::string text = results();
  // Nothing is left to do.
  EXPECT_EQ(measure(few_points()).measured, 0);
  EXPECT_EQ(results(), text);

  // The same as in one go: same points, and none of them measured twice.
  std::filesystem::remove(folder_.path() / ResultStore::results_name);
  device_.prepared.clear();
  EXPECT_FALSE(measure(few_points()).cancelled);
  EXPECT_EQ(keys(), in_parts);
  // A point that was being measured when the run ended is prepared again, once per part at most.
  int again = 0;
  for (const auto& [name, count] : prepared_in_parts) again += count - device_.prepared[name];
  EXPECT_LE(again, parts);
  std::set<std::string> lines;
  const auto points = parse_results(text, "t");
  ASSERT_TRUE(points.ok());
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), std::ptrdiff_t(points->size()) + 1);
}

TEST_F(Measuring, SurvivesALineThatWasCutInWriting) {
  device_.add(test::gemm_kernel(truth));
  EXPECT_TRUE(measure(few_points(), 20).cancelled);
  const std::string whole = results();
  folder_.write(ResultStore::results_name, whole.substr(0, whole.size() - 25));
  const ResultStore store = open();
  EXPECT_EQ(store.points().size(), 19u);
  EXPECT_FALSE(measure(few_points()).cancelled);
  const auto points = parse_results(results(), "t");
  ASSERT_TRUE(points.ok()) << to_text(points.diagnostics());
}

TEST_F(Measuring, UnverifiedKernelsNeverEnterAProfile) {
  device_.add(test::gemm_kernel(truth, "right"));
  auto wrong = test::gemm_kernel({1e-6, 1e-6, 0.9, 0.9, 2.5, 0.1}, "wrong");
  wrong.correct = false;
  device_.add(wrong);  // faster, but wrong
  EXPECT_FALSE(measure(few_points()).cancelled);
  const auto analysis = analyse_measurements(open(), test::small_catalog());
  ASSERT_TRUE(analysis.ok()) << to_text(analysis.diagnostics());
  EXPECT_FALSE(analysis->refused.empty());
  for (const MeasuredPoint& point : analysis->refused) {
    EXPECT_EQ(point.variant, "wrong");
    EXPECT_EQ(point.refused.substr(0, 12), "not verified");
    EXPECT_EQ(point.seconds, 0);
  }
  for (const LawPoint& law : analysis->points) EXPECT_EQ(law.point.variant, "right");
  for (const VariantChoice& choice : analysis->profile().variants) {
    EXPECT_EQ(choice.variant, "right");
  }
}

TEST_F(Measuring, HopelessVariantsRunOnceInTheRace) {
  auto slow = test::gemm_kernel({4e-6, 2e-6, 0.02, 0.05, 2.5, 0.1}, "slow");
  device_.add(slow);
  device_.add(test::gemm_kernel(truth, "fast"));
  EXPECT_FALSE(measure(few_points()).cancelled);
  int races = 0;
  const ResultStore store = open();
  for (const MeasuredPoint& point : store.points()) {
    if (point.stage != MeasuringStage::race || point.variant != "slow") continue;
    ++races;
    EXPECT_EQ(point.samples, 1);
    EXPECT_EQ(point.pass, 1);
  }
  EXPECT_GT(races, 2);
  const auto analysis = analyse_measurements(open(), test::small_catalog());
  ASSERT_TRUE(analysis.ok()) << to_text(analysis.diagnostics());
  for (const VariantChoice& choice : analysis->profile().variants) {
    EXPECT_EQ(choice.variant, "fast");
    EXPECT_EQ(choice.runner_up, "slow");
  }
}

TEST_F(Measuring, AKernelThatIsWrongEverywhereLeavesNoProfile) {
  auto wrong = test::gemm_kernel(truth, "wrong");
  wrong.correct = false;
  device_.add(wrong);
  EXPECT_FALSE(measure(few_points()).cancelled);
  EXPECT_FALSE(analyse_measurements(open(), test::small_catalog()).ok());
}

TEST_F(Measuring, LawsThinOutAlikeWhenTimeIsShort) {
  device_.add(test::gemm_kernel(truth));
  const MeasureSettings settings = ended_by_time(3);
  const double begin = clock_.now();
  measure(settings);
  EXPECT_LT(clock_.now() - begin, 1.3 * settings.time_limit);
}

TEST_F(Measuring, PartsOfARunTakeAsLongAsTheWhole) {
  device_.add(test::gemm_kernel(truth));
  MeasureSettings settings = ended_by_time(12);
  settings.passes = 2;
  settings.pause = 1;
  const auto seconds_of = [&](const auto& run) {
    const double begin = clock_.now();
    run();
    return clock_.now() - begin;
  };
  const double whole = seconds_of([&] { EXPECT_EQ(measure(settings).skipped, 0); });
  EXPECT_NEAR(whole, settings.time_limit, 0.2 * settings.time_limit);
  std::filesystem::remove(folder_.path() / ResultStore::results_name);
  MeasureOutcome last;
  int parts = 0;
  const double in_parts = seconds_of([&] {
    do {
      last = measure(settings, 20);
    } while (last.cancelled && ++parts < 100);
  });
  EXPECT_GE(parts, 3);
  EXPECT_EQ(last.skipped, 0);
  EXPECT_NEAR(in_parts, whole, 0.2 * whole);
}

TEST_F(Measuring, RefusesResultsOfAnotherRun) {
  device_.add(test::gemm_kernel(truth));
  measure(few_points(), 5);
  MeasuredMachine other = test::machine_of(device_);
  other.quick = false;
  other.seed = 2;
  other.name = "Beta";
  other.tiles = "128x192x64-4-4x2";
  other.plan += 1;
  const auto store = ResultStore::open(folder_.path(), other);
  ASSERT_FALSE(store.ok());
  ASSERT_EQ(store.diagnostics().items().size(), 5u);
  EXPECT_EQ(store.diagnostics().items()[3].found, "none");
}

TEST(FurtherTiles, AreReadFromAListAndRecorded) {
  const auto tiles = further_tiles_of("128x192x64-4,64x64x128-3-2x2");
  ASSERT_TRUE(tiles.ok());
  ASSERT_EQ(tiles->size(), 2u);
  FakeClock clock;
  FakeDevice device(clock, 0);
  EXPECT_EQ(machine_of(device, false, 1, *tiles).tiles, "128x192x64-4-4x2,64x64x128-3-2x2");
  EXPECT_EQ(machine_of(device, false, 1).tiles, "");
  EXPECT_TRUE(further_tiles_of("")->empty());
  EXPECT_EQ(further_tiles_of("a,64x64x64-5,64x64x64-5-2x2").diagnostics().items().size(), 2u);
}

TEST_F(Measuring, MeasuresWhatTheCatalogDoesNotKnow) {
  device_.add(test::gemm_kernel(truth));
  EXPECT_FALSE(measure(few_points()).cancelled);
  const DeviceLimits limits = limits_of(open().machine(), open().points());
  EXPECT_NEAR(limits.bandwidth / 0.9e12, 1, 0.02);
  EXPECT_NEAR(limits.peak.at("bf16") / 0.9e15, 1, 0.02);
  MeasuredMachine machine = open().machine();
  machine.name = "Some CPU @ 2 GHz";
  machine.is_cpu = true;
  machine.multiprocessors = 6;
  const auto entry = device_entry(machine, limits, test::small_catalog());
  ASSERT_TRUE(entry.ok());
  EXPECT_FALSE(entry->known);
  EXPECT_EQ(entry->name, "some-cpu-2-ghz-6-cores");
  EXPECT_EQ(entry->cpu->cores, 6);
  EXPECT_EQ(entry->cpu->memory_bandwidth->kind, Provenance::measured);
  EXPECT_NEAR(entry->cpu->tdp->value, 6 * 300.0 / 64, 1e-9);
  EXPECT_EQ(entry->cpu->tdp->kind, Provenance::assumed);
  // The catalog's only CPU has no idle figure.
  EXPECT_FALSE(entry->cpu->idle_power);
  EXPECT_TRUE(device_numbers(with_entry(test::small_catalog(), *entry), entry->name).ok());
}

MeasuredPoint stream(std::string variant, int pass, std::int64_t bytes, double rate) {
  return {.stage = MeasuringStage::curve,
          .pass = pass,
          .operation = Operation::memory_read,
          .variant = std::move(variant),
          .shape = {.bytes = bytes},
          .seconds = static_cast<double>(bytes) / rate,
          .bytes = static_cast<double>(bytes)};
}

TEST(MemoryRate, IsTheMedianBeyondTheCachesOfTheBestVariant) {
  const double cache = 1e6;
  const std::vector<MeasuredPoint> points{
      stream("slow", 1, 8'000'000, 3e9),  stream("fast", 1, 8'000'000, 9e9),
      stream("fast", 1, 4'000'000, 5e9),  stream("fast", 2, 8'000'000, 4e9),
      stream("fast", 2, 2'000'000, 50e9),  // partly from the cache
  };
  EXPECT_NEAR(memory_rate(points, Operation::memory_read, cache), 5e9, 1);
  EXPECT_EQ(memory_rate(points, Operation::memory_copy, cache), 0);
  EXPECT_NEAR(limits_of({.cache = cache}, points).bandwidth, 5e9, 1);
  // What is planned does not change with what is measured later: the largest, the first time.
  EXPECT_NEAR(planning_limits({.cache = cache}, points).bandwidth, 9e9, 1);
}

TEST_F(Measuring, MeasuresMemoryInEveryPass) {
  device_.add(test::gemm_kernel(truth));
  MeasureSettings settings = few_points();
  settings.passes = 2;
  EXPECT_FALSE(measure(settings).cancelled);
  const ResultStore store = open();
  std::set<std::int64_t> again;
  for (const MeasuredPoint& point : store.points()) {
    if (point.stage == MeasuringStage::curve && point.pass == 2) again.insert(point.shape.bytes);
  }
  ASSERT_FALSE(again.empty());
  EXPECT_GE(*again.begin(), 4 * device_.last_level_cache_bytes());
}

}  // namespace
}  // namespace microdc
