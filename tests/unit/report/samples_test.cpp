#include "sim/cli/verbs/simulate/samples.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <sstream>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/verbs/simulate/forked_runs.hpp"
#include "sim/economics/cost.hpp"
#include "sim/platform/event_loop.hpp"
#include "sim/report/json.hpp"
#include "sim/serving/simulation.hpp"

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

const Catalogs& catalogs() {
  static const auto loaded = load_catalogs(data_root());
  return *loaded;
}

/// A minute of the conversation trace on one A100, with these changes.
Scenario short_scenario(std::vector<Override> changes) {
  SimulateWords words{.scenario = (data_root() / "scenarios/azure-conv-a100.json").string()};
  CommonOptions common;
  common.changes = std::move(changes);
  common.changes.push_back({"workloads/0/duration", "\"60 s\""});
  Catalogs own = catalogs();  // a model card by path would be added to it
  const auto scenario = prepare_scenario(words, common, own);
  EXPECT_TRUE(scenario) << to_text(scenario.diagnostics());
  return scenario ? *scenario : Scenario{};
}

Bands bands_of_run(const Scenario& scenario, std::size_t samples, std::size_t jobs) {
  const auto streams = make_streams(scenario, ".");
  EXPECT_TRUE(streams);
  std::ostringstream progress;
  const auto bands = run_samples(scenario, catalogs(), *streams,
                                 {.samples = samples, .jobs = jobs, .quiet = true}, progress);
  EXPECT_TRUE(bands && *bands);
  return **bands;
}

TEST(Samples, SameBandsWithOneAndTwoJobs) {
  const Scenario scenario = short_scenario(
      {{"sites/0/electricity_price",
        R"({"value": "0.2 USD/kWh", "low": "0.1 USD/kWh", "high": "0.4 USD/kWh"})"}});
  const Bands one = bands_of_run(scenario, 5, 1);
  const Bands two = bands_of_run(scenario, 5, 2);
  ASSERT_EQ(one.samples, 5);
  ASSERT_EQ(one.figures.size(), two.figures.size());
  for (const auto& [path, band] : one.figures) {
    const Band* other = two.find(path);
    ASSERT_NE(other, nullptr) << path;
    EXPECT_EQ(band.p10, other->p10) << path;
    EXPECT_EQ(band.p50, other->p50) << path;
    EXPECT_EQ(band.p90, other->p90) << path;
  }
  for (const char* drawn : {"latency.tpot_s.mean", "cost.energy", "power.idle_w", "cost.capex"}) {
    const Band* band = one.find(drawn);
    ASSERT_NE(band, nullptr) << drawn;
    EXPECT_LT(band->p10, band->p90) << drawn;
  }
}

/// Figures without draws, from a process of its own.
std::map<std::string, double> best_estimate(const Scenario& scenario) {
  const auto task = [&](std::size_t) {
    Report report{.scenario = scenario, .result = {}};
    report.result = *microdc::simulate(scenario, catalogs());
    report.cost = cost_of_run(scenario, catalogs().hardware, report.result);
    report.economics =
        economics_of(scenario, catalogs().hardware, *economics_catalog(), report.cost);
    return figures_to_text(result_figures(report));
  };
  return figures_from_text(*run_forked(1, 1, task, nobody, nullptr).answers[0]);
}

TEST(Samples, BandsHoldTheBestEstimateAndWidenWithARange) {
  const auto relative_width = [](const Bands& bands, const char* path) {
    const Band* band = bands.find(path);
    return band == nullptr ? 0 : (band->p90 - band->p10) / band->p50;
  };
  const Scenario plain = short_scenario(
      {{"sites/0/electricity_price", "\"0.2 USD/kWh\""}, {"economics/capex", "\"40000 USD\""}});
  const Scenario ranged = short_scenario(
      {{"sites/0/electricity_price",
        R"({"value": "0.2 USD/kWh", "low": "0.1 USD/kWh", "high": "0.4 USD/kWh"})"},
       {"economics/capex", R"({"value": "40000 USD", "low": "30000 USD", "high": "60000 USD"})"}});
  const Bands narrow = bands_of_run(plain, 40, 2);
  const Bands wide = bands_of_run(ranged, 40, 2);
  // A plain purchase price is certain; with a range its band is about that range.
  EXPECT_EQ(narrow.find("cost.capex")->p10, 40000);
  EXPECT_EQ(narrow.find("cost.capex")->p90, 40000);
  const Band& capex = *wide.find("cost.capex");
  EXPECT_NEAR(capex.p10, 30000, 4000);
  EXPECT_NEAR(capex.p50, 40000, 6000);
  EXPECT_NEAR(capex.p90, 60000, 12000);
  for (const char* path : {"cost.energy", "cost.total", "cost.per_1000_requests"}) {
    EXPECT_GT(relative_width(wide, path), 2 * relative_width(narrow, path)) << path;
  }
  // Latency has the same luck in both.
  EXPECT_EQ(narrow.find("latency.tpot_s.mean")->p90, wide.find("latency.tpot_s.mean")->p90);

  const auto figures = best_estimate(ranged);
  for (const char* path :
       {"cost.capex", "cost.energy", "cost.total", "energy.it_kwh", "latency.tpot_s.mean"}) {
    EXPECT_GT(figures.at(path), wide.find(path)->p10) << path;
    EXPECT_LT(figures.at(path), wide.find(path)->p90) << path;
  }
}

// Overheads of engines reach further up than down; their draws must not pull the answer along.
TEST(Samples, TheMedianOfTheDrawsIsNearTheBestEstimate) {
  const Scenario calm = short_scenario({{"workloads/0/rate", "\"1 /s\""}});
  const Bands bands = bands_of_run(calm, 100, 2);
  const auto figures = best_estimate(calm);
  for (const char* path : {"latency.ttft_s.p50", "latency.tpot_s.mean", "latency.e2e_s.p50"}) {
    const double best = figures.at(path);
    EXPECT_NEAR(bands.find(path)->p50, best, 0.08 * best) << path;
  }
}

}  // namespace
}  // namespace microdc::cli
