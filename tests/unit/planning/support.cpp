#include "tests/unit/planning/support.hpp"

#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"

namespace microdc::testing {

const Catalogs& catalogs() {
  static const Result<Catalogs> loaded = load_catalogs(data_root());
  EXPECT_TRUE(loaded) << to_text(loaded.diagnostics());
  return *loaded;
}

const Conventions& conventions() {
  static const Result<Conventions> loaded =
      load_conventions(data_root() / "sim/planning/catalog/validation.json");
  EXPECT_TRUE(loaded) << to_text(loaded.diagnostics());
  return *loaded;
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
