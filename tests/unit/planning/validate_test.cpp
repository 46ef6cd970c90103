#include "sim/planning/validate/validate.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "sim/planning/validate/report.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

class ValidateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::temp_directory_path() / (std::string("microdc-") + test->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Validation run(const std::string& table, int jobs, const std::string& requests = "") {
    std::ofstream(folder_ / "runs.csv") << table;
    if (!requests.empty()) std::ofstream(folder_ / "requests.csv") << requests;
    Catalogs catalogs = microdc::testing::catalogs();
    const auto validation = validate_measurements(
        {.measurements = folder_ / "runs.csv",
         .requests = requests.empty() ? std::filesystem::path() : folder_ / "requests.csv",
         .jobs = jobs},
        catalogs, microdc::testing::conventions());
    EXPECT_TRUE(validation) << to_text(validation.diagnostics());
    return *validation;
  }

  std::filesystem::path folder_;
};

constexpr const char* table =
    "row_id,source,gpu,num_gpus,tp,dp,model,arch,weight_precision,engine,serving_mode,"
    "arrival_process,concurrency,max_num_seqs,num_requests,input_tokens_mean,output_tokens_mean,"
    "quality,ttft_mean_ms,tpot_mean_ms,itl_p50_ms,output_tokens_per_s,energy_j_per_output_token,"
    "power_mean_frac_tdp,notes\n"
    "loop,lab,H100-SXM-80GB,1,1,1,meta-llama/Llama-3.1-8B,dense,bf16,vllm,aggregated,closed_loop,"
    "8,,,1000,100,A,150,8,7.5,900,0.6,,\n"
    "burst,lab,H100-SXM-80GB,1,1,1,meta-llama/Llama-3.1-8B,dense,bf16,vllm,aggregated,"
    "burst_inf_rate,,8,32,300,50,A,500,8,7.5,800,,,\n"
    "batch,lab,A100-SXM-80GB,2,2,1,meta-llama/Llama-2-70b-hf,dense,fp16,vllm,static_batch,"
    "static_batch,4,,4,500,20,B,400,55,,,,0.6,\n"
    "split,lab,B200-SXM-180GB,3,,,meta-llama/Llama-3.1-70B,dense,fp8,tensorrt-llm,disaggregated,"
    "closed_loop,4,,,800,100,B,150,12,,,,,\"prefill tp=1 dp=1 workers=1; decode tp=2 dp=1 "
    "workers=1\"\n"
    "unmeasured,lab,L40S-48GB,1,1,1,meta-llama/Llama-3.1-8B,dense,bf16,vllm,aggregated,closed_loop,"
    "2,,,500,50,A,90,25,,,,,\n"
    "bad,lab,H100-SXM-80GB,1,1,1,meta-llama/Llama-3.1-8B,dense,bf16,vllm,aggregated,closed_loop,"
    "8,,,1000,100,C,60,8,,,,,\n";

TEST_F(ValidateTest, PredictsEveryKindOfRun) {
  const Validation validation = run(table, 2);
  EXPECT_EQ(validation.rows, 6u);
  EXPECT_EQ(validation.scored_rows, 5u);
  ASSERT_EQ(validation.skipped.size(), 1u);
  EXPECT_EQ(validation.skipped[0].row_ids, std::vector<std::string>{"bad"});
  EXPECT_EQ(validation.comparisons.size(), 5u + 4u + 3u + 2u + 2u);
  for (const Comparison& c : validation.comparisons) {
    EXPECT_GT(c.predicted, 0) << c.row_id << " " << c.metric;
    EXPECT_LT(c.p10, c.predicted);
    EXPECT_GT(c.p90, c.predicted);
    // The table's figures are about what such servers do: none is off by a factor of three.
    EXPECT_LT(c.predicted, 3 * c.measured) << c.row_id << " " << c.metric;
    EXPECT_GT(3 * c.predicted, c.measured) << c.row_id << " " << c.metric;
  }
}

TEST_F(ValidateTest, UnmeasuredDevicesHaveWiderBands) {
  const Validation validation = run(table, 2);
  const auto width = [&](const std::string& row) {
    for (const Comparison& c : validation.comparisons) {
      if (c.row_id == row && c.metric == "tpot_mean_ms") return c.p90 / c.p10;
    }
    return 0.0;
  };
  EXPECT_GT(width("unmeasured"), width("loop"));
}

TEST_F(ValidateTest, SameAnswerForAnyNumberOfJobs) {
  const Validation one = run(table, 1);
  const Validation two = run(table, 2);
  EXPECT_EQ(to_csv(one), to_csv(two));
  EXPECT_EQ(to_json(one).dump(), to_json(two).dump());
  EXPECT_EQ(to_text(one), to_text(two));
}

TEST_F(ValidateTest, ReplaysRequests) {
  const std::string rows =
      "row_id,gpu,model,engine,arrival_process,ttft_mean_ms\n"
      "trace,H100-SXM-80GB,meta-llama/Llama-3.1-8B,vllm,poisson_trace,50\n";
  EXPECT_EQ(run(rows, 1).scored_rows, 0u);
  const Validation replayed =
      run(rows, 1, "row_id,arrival_s,input_tokens,output_tokens\ntrace,0,100,20\ntrace,1,100,20\n");
  EXPECT_EQ(replayed.scored_rows, 1u);
}

TEST_F(ValidateTest, JsonHasTheKeysThatToolsRelyOn) {
  const auto json = nlohmann::json::parse(to_json(run(table, 2)).dump());
  EXPECT_EQ(json["rows"]["scored"], 5);
  EXPECT_EQ(json["rows"]["skipped"][0]["reason"], "quality C: not to be scored");
  EXPECT_EQ(json["rows"]["skipped"][0]["count"], 1);
  ASSERT_FALSE(json["groups"].empty());
  for (const auto& group : json["groups"]) {
    for (const char* key :
         {"gpu", "model", "source", "metric", "n", "median_ape", "p90_ape", "bias"}) {
      EXPECT_TRUE(group.contains(key)) << key;
    }
  }
  EXPECT_TRUE(json["overall"]["tpot_mean_ms"].is_number());
}

TEST_F(ValidateTest, CsvHasEveryRowThatWasNotSkipped) {
  const std::string csv = to_csv(run(table, 2));
  EXPECT_TRUE(csv.starts_with("row_id,metric,measured,predicted,p10,p90\n"));
  for (const char* row : {"loop", "burst", "batch", "split", "unmeasured"}) {
    EXPECT_NE(csv.find(std::string("\n") + row + ",tpot_mean_ms,"), std::string::npos) << row;
  }
  EXPECT_EQ(csv.find("\nbad,"), std::string::npos);
}

TEST_F(ValidateTest, UnreadableFilesAreErrors) {
  Catalogs catalogs = microdc::testing::catalogs();
  EXPECT_FALSE(validate_measurements({.measurements = folder_ / "none.csv"}, catalogs,
                                     microdc::testing::conventions()));
  std::ofstream(folder_ / "runs.csv") << table;
  EXPECT_FALSE(validate_measurements(
      {.measurements = folder_ / "runs.csv", .requests = folder_ / "none.csv"}, catalogs,
      microdc::testing::conventions()));
}

}  // namespace
}  // namespace microdc
