#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/cli/verbs/simulate/forked_runs.hpp"
#include "sim/report/outputs/atomic_stream.hpp"
#include "sim/report/outputs/run_output.hpp"
#include "sim/serving/simulation.hpp"
#include "support.hpp"

namespace microdc {
namespace {

using testing::content_of;

std::vector<std::vector<std::string>> rows_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
    if (line.ends_with(',')) rows.back().emplace_back();
  }
  return rows;
}

class Outputs : public ::testing::Test {
 protected:
  Outputs() {
    settings_.folder = folder_.path() / "new";
    settings_.scenario = testing::made_up_report().scenario;
  }
  std::shared_ptr<RunOutput> make(std::string_view name) {
    for (const RunOutputKind& kind : run_output_kinds()) {
      if (kind.name != name) continue;
      const auto output = kind.make(settings_);
      return output ? *output : nullptr;
    }
    return nullptr;
  }
  testing::TemporaryFolder folder_;
  OutputSettings settings_;
};

TEST_F(Outputs, RequestsAsCsv) {
  settings_.scenario.workloads[0].name = "chat, \"long\"";
  settings_.scenario.pools[0].name = "assistant";
  const auto output = make("requests");
  output->on_request({.arrival = 1'500'000'000,
                      .first_scheduled = 1'500'000'001,
                      .first_token = 2'000'000'000,
                      .finished = 4'000'000'000,
                      .input_tokens = 10,
                      .output_tokens = 5,
                      .replica = 3,
                      .attempts = 1});
  output->on_request({.request = 1, .outcome = RequestOutcome::rejected, .arrival = 0});
  ASSERT_FALSE(output->finish().has_errors());
  const std::string text = content_of(settings_.folder / "requests.csv");
  const std::string line =
      "\n\"chat, \"\"long\"\"\",0,completed,1.5,1.500000001,2,4,0.5,0.5,2.5,10,5,3,1,assistant\n";
  EXPECT_NE(text.find(line), std::string::npos) << text;
  EXPECT_NE(text.find(",1,rejected,0,,,,,,,0,0,,0,assistant\n"), std::string::npos) << text;
}

TEST_F(Outputs, TimelineHasAsManyCellsAsTheHeader) {
  settings_.it_power_known = false;
  const auto output = make("timeline");
  output->on_sample({.time = 60'000'000'000,
                     .running = 2,
                     .kv_use = 0.5,
                     .accelerator_power = Watts(100),
                     .it_power = Watts(1)});
  ASSERT_FALSE(output->finish().has_errors());
  const auto rows = rows_of(content_of(settings_.folder / "timeline.csv"));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].size(), rows[1].size());
  EXPECT_EQ(rows[1][0], "60");
  EXPECT_EQ(rows[1].back(), "");  // not known, so not a number
}

TEST_F(Outputs, NothingRemainsWithoutFinish) {
  {
    const auto output = make("timeline");
    EXPECT_FALSE(std::filesystem::is_empty(settings_.folder));
  }
  EXPECT_TRUE(std::filesystem::is_empty(settings_.folder));
}

TEST_F(Outputs, FolderThatCannotBeWritten) {
  testing::write_text(folder_.path() / "file", "");
  settings_.folder = folder_.path() / "file";
  for (const RunOutputKind& kind : run_output_kinds()) {
    const auto output = kind.make(settings_);
    ASSERT_FALSE(output);
    EXPECT_EQ(output.diagnostics().exit_code(), 2);
  }
}

/// Simulates half a minute in a process of its own and writes the steps twice: whole and cut to ten
/// records. Returns the number of steps, or what went wrong.
std::string run_with_steps(OutputSettings settings, RunOutput& whole, RunOutput& cut) {
  const auto catalogs = load_catalogs(data_root());
  if (!catalogs) return to_text(catalogs.diagnostics());
  SimulationOptions options;
  options.observers = {&whole, &cut};
  const auto result = simulate(settings.scenario, *catalogs, options);
  if (!result) return to_text(result.diagnostics());
  const Diagnostics of_whole = whole.finish();
  const Diagnostics of_cut = cut.finish();
  if (!of_whole.empty() || of_cut.items().size() != 1 || of_cut.has_errors()) {
    return "findings: " + to_text(of_whole) + to_text(of_cut);
  }
  return std::to_string(result->engine.steps);
}

TEST_F(Outputs, StepsOfARunAreAChromeTraceAndSayWhenCut) {
  const auto scenario = load_scenario(data_root() / "scenarios/azure-conv-a100.json",
                                      {{"workloads/0/duration", "\"30 s\""}});
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  settings_.scenario = *scenario;
  const auto whole = make("steps");
  settings_.steps_limit = 10;
  settings_.folder /= "cut";
  const auto cut = make("steps");
  const auto runs = cli::run_forked(
      1, 1, [&](std::size_t) { return run_with_steps(settings_, *whole, *cut); },
      [](std::size_t) {}, nullptr);
  ASSERT_TRUE(runs.answers[0]);

  const auto json =
      nlohmann::json::parse(content_of(settings_.folder.parent_path() / "steps.json"));
  std::int64_t steps = 0;
  double end = 0;
  for (const auto& event : json["traceEvents"]) {
    if (event["ph"] != "X") continue;
    steps += event["args"]["steps"].get<std::int64_t>();
    EXPECT_GE(event["ts"].get<double>(), end - 1e-3);  // one replica: steps do not overlap
    end = event["ts"].get<double>() + event["dur"].get<double>();
  }
  EXPECT_EQ(std::to_string(steps), *runs.answers[0]);
  const auto short_json = nlohmann::json::parse(content_of(settings_.folder / "steps.json"));
  EXPECT_EQ(short_json["otherData"]["records"], 10);
  EXPECT_EQ(short_json["otherData"]["records_left_out"].get<std::int64_t>() + 10,
            json["otherData"]["records"].get<std::int64_t>());
}

TEST_F(Outputs, ATimelineEndsAtItsLimitAndSaysSo) {
  const auto scenario = load_scenario(data_root() / "scenarios/azure-conv-a100.json",
                                      {{"workloads/0/duration", "\"30 s\""}});
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  settings_.scenario = *scenario;
  settings_.timeline_limit = 7;
  const auto timeline = make("timeline");
  const auto runs = cli::run_forked(
      1, 1,
      [&](std::size_t) {
        const auto catalogs = load_catalogs(data_root());
        SimulationOptions options;
        options.observers = {timeline.get()};
        options.sample_interval = Seconds(2);
        options.sample_limit = 7;
        const auto result = simulate(*scenario, *catalogs, options);
        return result ? to_text(timeline->finish()) : to_text(result.diagnostics());
      },
      [](std::size_t) {}, nullptr);
  ASSERT_TRUE(runs.answers[0]);
  EXPECT_NE(runs.answers[0]->find("it ends at 12 s, with its line 7"), std::string::npos)
      << *runs.answers[0];
  const std::string text = content_of(settings_.folder / "timeline.csv");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 8);  // and the header
}

TEST(ExactSeconds, KeepsEveryDigit) {
  EXPECT_EQ(exact_seconds(0), "0");
  EXPECT_EQ(exact_seconds(1), "0.000000001");
  EXPECT_EQ(exact_seconds(1'500'000'000), "1.5");
  EXPECT_EQ(exact_seconds(60'000'000'000), "60");
}

}  // namespace
}  // namespace microdc
