#include "sim/cli/verbs/simulate/samples.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/verbs/simulate/forked_runs.hpp"
#include "sim/cli/verbs/simulate/progress.hpp"
#include "sim/platform/event_loop.hpp"

namespace microdc::cli {
namespace {

const auto nobody = [](std::size_t) {};

TEST(ForkedRuns, AnswersStandByTaskWhateverTheJobs) {
  const auto task = [](std::size_t i) {
    return std::string(i * 100'000, static_cast<char>('a' + i));
  };
  for (const std::size_t jobs : {1U, 2U, 8U}) {
    const ForkedRuns runs = run_forked(6, jobs, task, nobody, nullptr);
    EXPECT_FALSE(runs.findings.has_errors());
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(runs.answers[i], task(i)) << i;
  }
}

TEST(ForkedRuns, EachTaskHasAProcessOfItsOwn) {
  static int count = 0;
  const auto task = [](std::size_t) { return std::to_string(++count); };
  const ForkedRuns runs = run_forked(3, 2, task, nobody, nullptr);
  for (const auto& answer : runs.answers) EXPECT_EQ(answer, "1");
  EXPECT_EQ(count, 0);
}

TEST(ForkedRuns, ADeadProcessIsAFinding) {
  const auto task = [](std::size_t i) -> std::string {
    if (i == 1) std::raise(SIGKILL);
    return "fine";
  };
  const ForkedRuns runs = run_forked(2, 1, task, nobody, nullptr);
  EXPECT_EQ(runs.answers[0], "fine");
  EXPECT_FALSE(runs.answers[1]);
  EXPECT_EQ(runs.findings.exit_code(), 4);
}

TEST(ForkedRuns, InterruptionEndsThem) {
  const std::atomic<bool> interrupt{true};
  const auto task = [](std::size_t) -> std::string {
    ::sleep(60);
    return "late";
  };
  const ForkedRuns runs = run_forked(2, 2, task, nobody, &interrupt);
  EXPECT_TRUE(runs.interrupted);
}

TEST(InterruptGuard, CtrlCSetsTheFlagWhileSimGridIsThere) {
  const auto task = [](std::size_t) -> std::string {
    const InterruptGuard guard;
    const EventLoop loop;  // starts SimGrid, which has a handler of its own
    std::raise(SIGINT);
    return InterruptGuard::flag()->load() ? "flag is set" : "not noticed";
  };
  const ForkedRuns runs = run_forked(1, 1, task, nobody, nullptr);
  EXPECT_EQ(runs.answers[0], "flag is set");
}

TEST(Figures, SurviveThePipe) {
  const std::map<std::string, double> figures{
      {"a.b", 0.1}, {"c.0.d", 1e-300}, {"e", 123456789.123456789}, {"f", -0.0}};
  EXPECT_EQ(figures_from_text(figures_to_text(figures)), figures);
  EXPECT_TRUE(figures_from_text("").empty());
}

TEST(Samples, SameBandsWithOneAndTwoJobs) {
  const auto catalogs = load_catalogs(data_root());
  ASSERT_TRUE(catalogs);
  SimulateWords words{.scenario = (data_root() / "scenarios/azure-conv-a100.json").string()};
  CommonOptions common;
  common.changes = {{"workloads/0/duration", "\"60 s\""}};
  const auto scenario = prepare_scenario(words, common, *catalogs);
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  const auto stream = make_requests(scenario->workloads[0], 1, 0, words.base_folder());
  ASSERT_TRUE(stream);
  const auto bands_with = [&](std::size_t jobs) {
    std::ostringstream progress;
    const auto bands = run_samples(*scenario, *catalogs, {*stream},
                                   {.samples = 5, .jobs = jobs, .quiet = true}, progress);
    EXPECT_TRUE(bands && *bands);
    return **bands;
  };
  const Bands one = bands_with(1);
  const Bands two = bands_with(2);
  ASSERT_EQ(one.samples, 5);
  ASSERT_EQ(one.figures.size(), two.figures.size());
  for (const auto& [path, band] : one.figures) {
    const Band* other = two.find(path);
    ASSERT_NE(other, nullptr) << path;
    EXPECT_EQ(band.p10, other->p10) << path;
    EXPECT_EQ(band.p50, other->p50) << path;
    EXPECT_EQ(band.p90, other->p90) << path;
  }
  const Band* latency = one.find("latency.tpot_s.mean");
  ASSERT_NE(latency, nullptr);
  EXPECT_LT(latency->p10, latency->p90);  // laws are drawn
}

}  // namespace
}  // namespace microdc::cli
