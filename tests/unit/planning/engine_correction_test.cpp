// A run "measured" on an engine that is a known factor slower gives the factor back.
#include "sim/planning/engine_correction.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/workers.hpp"
#include "sim/report/json.hpp"
#include "sim/report/measured/measured.hpp"
#include "sim/serving/simulation.hpp"
#include "tests/unit/laws/small_world.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using Figures = std::map<std::string, double>;

/// One H100 under an open load of which it can serve three times as much.
Scenario chat(std::int64_t seed) {
  const Json document = Json::parse(R"({
    "schema_version": 1, "name": "chat", "seed": 1,
    "workloads": [{"name": "chat", "kind": "poisson", "rate": "2 /s", "requests": 400,
      "input": {"kind": "lognormal", "mean": 900, "spread": 0.8, "max": 8192},
      "output": {"kind": "lognormal", "mean": 220, "spread": 0.6, "max": 2048}}],
    "sites": [{"name": "here", "racks": [{"name": "rack",
      "servers": [{"name": "box", "type": "h100-1x", "count": 1}]}]}],
    "pools": [{"name": "llama", "model": "llama-3.1-8b", "engine": "vllm", "servers": "box"}]
  })");
  auto scenario = parse_scenario(document, "chat.json");
  EXPECT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  scenario->seed = seed;
  return *scenario;
}

/// Figures of a run on a vLLM that takes `factor` as long.
Figures run_of(Scenario scenario, double factor) {
  const auto task = [&](std::size_t) -> std::string {
    Catalogs changed = microdc::testing::catalogs();
    ServingEngine engine = slowed(*changed.engines.find("vllm"), factor);
    engine.name = "other-vllm";
    engine.aliases.clear();
    changed.engines.put(engine);
    scenario.pools.front().engine = engine.name;
    auto result = simulate(scenario, changed);
    if (!result) return to_text(result.diagnostics());
    return Json(result_figures({.scenario = scenario, .result = std::move(*result)})).dump();
  };
  const WorkerAnswer answer = run_in_workers(1, 1, task).front();
  EXPECT_TRUE(answer.finished && answer.text.starts_with('{')) << answer.text;
  return Json::parse(answer.text).get<Figures>();
}

/// The figures as `vllm bench serve --save-result` writes them, with all else that it writes.
std::string vllm_json(const Figures& run) {
  Json json{{"date", "20261120-101500"},   {"endpoint_type", "openai-chat"},
            {"backend", "openai-chat"},    {"label", nullptr},
            {"model_id", "llama"},         {"tokenizer_id", "llama"},
            {"num_prompts", 400},          {"request_rate", 2.0},
            {"burstiness", 1.0},           {"max_concurrency", nullptr},
            {"duration", 215.3},           {"total_input_tokens", 360000},
            {"total_output_tokens", 88000}};
  json["completed"] = run.at("requests.completed");
  json["request_throughput"] = run.at("throughput.requests_per_s");
  json["output_throughput"] = run.at("throughput.output_tokens_per_s");
  for (const char* latency : {"ttft", "tpot", "itl"}) {
    const auto put = [&](const char* key, const char* statistic) {
      const double seconds = run.at(fmt::format("latency.{}_s.{}", latency, statistic));
      json[fmt::format("{}_{}_ms", key, latency)] = std::round(1e5 * seconds) / 100;
    };
    put("mean", "mean");
    put("median", "p50");
    put("p99", "p99");
    json[fmt::format("std_{}_ms", latency)] = 1.5;
  }
  json["errors"] = Json::array();
  return json.dump();
}

EngineCorrection correction_by(const std::string& text) {
  const test::TemporaryFolder folder;
  folder.write("run.json", text);
  const auto measured = read_measured(folder.path() / "run.json");
  EXPECT_TRUE(measured.ok()) << to_text(measured.diagnostics());
  EXPECT_EQ(measured->format, "vllm-bench");
  const auto correction =
      correct_engine(chat(1), ".", microdc::testing::catalogs(), {{"run.json", *measured}});
  EXPECT_TRUE(correction.ok()) << to_text(correction.diagnostics());
  return *correction;
}

TEST(EngineCorrectionTest, RecoversTheFactorOfARunWithOtherArrivals) {
  for (const double truth : {0.8, 1.37}) {
    // Other luck than that of the scenario which is corrected: only the load is the same.
    const EngineCorrection correction = correction_by(vllm_json(run_of(chat(2), truth)));
    EXPECT_NEAR(correction.factor / truth, 1, 0.03) << truth;
    EXPECT_LT(correction.low, truth);
    EXPECT_GT(correction.high, truth);
    EXPECT_EQ(correction.engine.name, "vllm-measured");
    EXPECT_EQ(correction.engine.kernel_factor->kind, Provenance::fitted);
    std::size_t token_times = 0;
    for (const CorrectedFigure& figure : correction.figures) {
      if (!figure.path.starts_with("latency.tpot_s") && !figure.path.starts_with("latency.itl_s"))
        continue;
      if (!figure.path.ends_with(".mean") && !figure.path.ends_with(".p50")) continue;
      ++token_times;
      EXPECT_NEAR(figure.after / figure.measured, 1, 0.04) << figure.path;
      EXPECT_GT(std::abs(figure.before / figure.measured - 1), 0.1) << figure.path;
    }
    EXPECT_EQ(token_times, 4u);
  }
}

TEST(EngineCorrectionTest, RefusesARunThatTheScenarioDoesNotDescribe) {
  Figures run = run_of(chat(2), 1);
  for (auto& [path, value] : run) {
    if (path.starts_with("latency.")) value *= 4;
  }
  const test::TemporaryFolder folder;
  folder.write("run.json", vllm_json(run));
  const auto measured = read_measured(folder.path() / "run.json");
  ASSERT_TRUE(measured.ok());
  const auto correction =
      correct_engine(chat(1), ".", microdc::testing::catalogs(), {{"run.json", *measured}});
  ASSERT_FALSE(correction.ok());
  EXPECT_NE(to_text(correction.diagnostics()).find("too unlike"), std::string::npos);
}

TEST(EngineCorrectionTest, RefusesARunOfAnotherLoad) {
  Scenario busier = chat(2);
  busier.workloads.front().rate = PerSecond(4);
  const test::TemporaryFolder folder;
  folder.write("run.json", vllm_json(run_of(busier, 1)));
  const auto measured = read_measured(folder.path() / "run.json");
  ASSERT_TRUE(measured.ok());
  const auto correction =
      correct_engine(chat(1), ".", microdc::testing::catalogs(), {{"run.json", *measured}});
  ASSERT_FALSE(correction.ok());
  ASSERT_EQ(correction.diagnostics().items().size(), 2u);
  const std::string text = to_text(correction.diagnostics());
  for (const char* part : {"request_throughput", "output_throughput",
                           "requests per second measured", "simulated", "\"rate\""}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

}  // namespace
}  // namespace microdc
