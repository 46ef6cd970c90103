#include "tests/unit/planning/support.hpp"

#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"

namespace microdc::testing {

const Catalogs& catalogs() {
  static const Result<Catalogs> loaded = load_catalogs(data_root());
  EXPECT_TRUE(loaded) << to_text(loaded.diagnostics());
  return *loaded;
}

const PlanKnowledge& plan_knowledge() {
  static const Result<PlanKnowledge> loaded = load_plan_knowledge(data_root());
  EXPECT_TRUE(loaded) << to_text(loaded.diagnostics());
  return *loaded;
}

const Conventions& conventions() {
  static const Result<Conventions> loaded =
      load_conventions(data_root() / "sim/planning/catalog/validation.json");
  EXPECT_TRUE(loaded) << to_text(loaded.diagnostics());
  return *loaded;
}

Scenario chat_office(const std::string& name, std::int64_t users, double prompt, double answer) {
  Scenario scenario;
  scenario.name = name;
  WorkloadSpec chat{.name = "chat", .kind = "office_day", .users = users};
  chat.input.mean = prompt;
  chat.output.mean = answer;
  scenario.workloads = {chat};
  SiteSpec site{.name = "office"};
  site.electricity_price = MoneyPerJoule(0.2 / joules_per_kwh);
  site.racks = {{.name = "rack", .servers = {{.name = "servers", .type = "gpu-pcie-1x-l4"}}}};
  scenario.sites = {site};
  scenario.pools = {{.name = "chat", .model = "qwen3-8b", .servers = "servers"}};
  scenario.slo = {.ttft = Seconds(1.0), .tpot = Seconds(0.05)};
  return scenario;
}

MeasuredRun plain_run() {
  MeasuredRun run;
  run.row_id = "plain";
  run.source = "a laboratory";
  run.gpu = "H100-SXM-80GB";
  run.model = "meta-llama/Llama-3.1-8B";
  run.arch = "dense";
  run.weight_precision = "bf16";
  run.engine = "vllm";
  run.serving_mode = "aggregated";
  run.arrival_process = "closed_loop";
  run.num_gpus = run.tp = run.pp = run.dp = run.ep = 1;
  run.concurrency = 4;
  run.input_tokens_mean = 1000;
  run.output_tokens_mean = 200;
  run.measured = {{"tpot_mean_ms", 8.0}};
  return run;
}

RunCase case_of(const MeasuredRun& run, const MeasuredRequests& requests) {
  auto made = make_case(run, catalogs(), conventions(), requests, 1);
  if (const auto* skip = std::get_if<Skip>(&made)) {
    ADD_FAILURE() << skip->reason;
    return {};
  }
  return std::move(std::get<RunCase>(made));
}

std::string skip_reason(const MeasuredRun& run) {
  const auto made = make_case(run, catalogs(), conventions(), {}, 1);
  const auto* skip = std::get_if<Skip>(&made);
  return skip == nullptr ? "" : skip->reason;
}

}  // namespace microdc::testing
