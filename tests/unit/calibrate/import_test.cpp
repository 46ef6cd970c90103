// Formats of measured kernels, with the columns that their tools write.
#include "calibrate/import/formats.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "calibrate/measure/measured_point.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

const std::string mlp_header =
    "time_stats.mlp_up_proj.min,time_stats.mlp_up_proj.median,time_stats.mlp_down_proj.median,"
    "time_stats.mlp_act.median,time_stats.attn_pre_proj.median,time_stats.attn_post_proj.median,"
    "time_stats.attn_rope.median,time_stats.input_layernorm.median,time_stats.add.median,"
    "n_head,n_kv_head,n_embd,n_expanded_embd,vocab_size,use_gated_mlp,num_tokens,"
    "num_tensor_parallel_workers\n";
const std::string attention_header =
    "time_stats.attn_prefill.median,time_stats.attn_decode.median,n_embd,n_q_head,n_kv_head,"
    "block_size,num_tensor_parallel_workers,max_model_len,batch_size,prefill_chunk_size,"
    "kv_cache_size,is_prefill,attention_backend\n";

class Import : public testing::Test {
 protected:
  Result<ImportedKernels> run(const std::string& name, const std::string& text,
                              const ImportOptions& options = {}) {
    folder_.write(name, text);
    return import_kernels({folder_.path() / name}, options);
  }
  test::TemporaryFolder folder_;
};

TEST_F(Import, FormatsHaveUniqueNamesAndDescriptions) {
  std::set<std::string_view> names;
  for (const KernelFormat& format : kernel_formats()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_FALSE(format.description.empty());
  }
}

TEST_F(Import, ReadsTheLayersOfVidur) {
  const auto imported =
      run("mlp.csv",
          mlp_header +
              "0.1,0.2,0.3,0.02,0.25,0.15,0.01,0.03,0.04,32,8,4096,14336,128256,True,512,2\n"
              "0.1,,0.3,0.02,0.25,0.15,0.01,0.03,-1,32,8,4096,14336,128256,True,512,2\n"
              "0.1,0.2,0.3,0.02,0.25,0.15,0.01,0.03,0.04,32,8,4096,14336,128256,True,0,2\n",
          {.device = "alpha"});
  ASSERT_TRUE(imported.ok()) << to_text(imported.diagnostics());
  EXPECT_EQ(imported->files.front().format, "vidur-mlp");
  EXPECT_EQ(imported->table.rows.size(), 8u + 6u);
  EXPECT_EQ(imported->table.dropped.at("time_stats.mlp_up_proj.median is missing"), 1);
  EXPECT_EQ(imported->table.dropped.at("time_stats.add.median is not a positive number"), 1);
  EXPECT_EQ(imported->table.dropped.at("num_tokens is not a positive number"), 1);
  std::int64_t dropped = 0;
  for (const auto& [reason, count] : imported->table.dropped) dropped += count;
  EXPECT_EQ(imported->table.lines, 14 + dropped);
  const KernelRow& qkv = imported->table.rows[0];
  EXPECT_EQ(qkv.device, "alpha");
  EXPECT_EQ(qkv.m, 512);
  EXPECT_EQ(qkv.n, (4096 + 2 * 8 * 128) / 2);
  EXPECT_EQ(qkv.k, 4096);
  EXPECT_DOUBLE_EQ(qkv.seconds, 0.25e-3);
  const KernelRow& up = imported->table.rows[2];
  EXPECT_EQ(up.n, 14336);  // gate and up, halved by two GPUs
  const KernelRow& down = imported->table.rows[3];
  EXPECT_EQ(down.n, 4096);
  EXPECT_EQ(down.k, 7168);
  const KernelRow& act = imported->table.rows[5];
  EXPECT_EQ(act.operation, KernelOperation::elementwise);
  EXPECT_EQ(act.bytes, 3.0 * 2 * 512 * 7168);
}

TEST_F(Import, ReadsTheAttentionOfVidur) {
  const auto imported = run("attention.csv",
                            attention_header +
                                "0.5,,4096,32,8,16,1,8192,1,512,1024,True,FLASHINFER\n"
                                ",0.05,4096,32,8,16,4,8192,64,0,2048,False,FLASHINFER\n"
                                ",0.05,4096,32,8,16,4,8192,64,0,2048,perhaps,FLASHINFER\n",
                            {.device = "alpha"});
  ASSERT_TRUE(imported.ok()) << to_text(imported.diagnostics());
  ASSERT_EQ(imported->table.rows.size(), 2u);
  const KernelRow& prefill = imported->table.rows[0];
  EXPECT_EQ(prefill.operation, KernelOperation::attention_prefill);
  EXPECT_EQ(prefill.queries, 512);
  EXPECT_EQ(prefill.context, 1536);
  EXPECT_EQ(prefill.head_dim, 128);
  const KernelRow& decode = imported->table.rows[1];
  EXPECT_EQ(decode.operation, KernelOperation::attention_decode);
  EXPECT_EQ(decode.context, 2048);
  EXPECT_EQ(decode.q_heads, 8);
  EXPECT_EQ(decode.kv_heads, 2);
  EXPECT_EQ(imported->table.dropped.at("is_prefill is neither True nor False"), 1);
}

TEST_F(Import, AsksForTheDeviceWhereAFileDoesNotNameIt) {
  const auto imported = run("mlp.csv", mlp_header);
  ASSERT_FALSE(imported.ok());
  EXPECT_NE(imported.diagnostics().items().front().fix.find("--on"), std::string::npos);
}

TEST_F(Import, ReadsNvbench) {
  const char* text = R"({"devices": [{"id": 0, "name": "Alpha"}], "benchmarks": [
    {"name": "GEMM", "states": [
      {"device": 0, "axis_values": [{"name": "M", "type": "int64", "value": "64"},
        {"name": "N", "value": "4096"}, {"name": "K", "value": "8192"},
        {"name": "dtype", "value": "bf16"}],
       "summaries": [{"tag": "nv/cold/time/cpu/mean", "data": [{"name": "value", "value": "1"}]},
        {"tag": "nv/cold/time/gpu/mean", "data": [{"name": "value", "value": "2.5e-05"}]}]},
      {"device": 0, "is_skipped": true, "axis_values": []},
      {"device": 0, "axis_values": [{"name": "M", "value": "64"}], "summaries": []}]},
    {"name": "sorting", "states": [{"device": 0}]}]})";
  const auto imported = run("bench.json", text);
  ASSERT_TRUE(imported.ok()) << to_text(imported.diagnostics());
  EXPECT_EQ(imported->files.front().format, "nvbench");
  ASSERT_EQ(imported->table.rows.size(), 1u);
  const KernelRow& row = imported->table.rows.front();
  EXPECT_EQ(row.device, "Alpha");
  EXPECT_EQ(row.k, 8192);
  EXPECT_DOUBLE_EQ(row.seconds, 25e-6);
  EXPECT_EQ(imported->table.lines, 4);
  EXPECT_EQ(imported->table.dropped.at("skipped by nvbench"), 1);
  EXPECT_EQ(imported->table.dropped.at("unknown operation \"sorting\""), 1);
}

TEST_F(Import, TakesOnlyLawPointsOfOwnResultsAndPassesAsOne) {
  MeasuredPoint point{.format = "bf16",
                      .source = "own",
                      .shape = {.m = 8, .n = 1024, .k = 2048},
                      .seconds = 1e-5,
                      .low = 1e-5,
                      .high = 1e-5};
  std::string text = results_header() + results_line(point, "Alpha");
  point.pass = 2;
  point.seconds = point.low = point.high = 4e-5;
  text += results_line(point, "Alpha");
  point.stage = MeasuringStage::race;
  text += results_line(point, "Alpha");
  const auto imported = run("kernels.csv", text);
  ASSERT_TRUE(imported.ok()) << to_text(imported.diagnostics());
  EXPECT_EQ(imported->files.front().format, "microdc-results");
  ASSERT_EQ(imported->table.rows.size(), 1u);
  EXPECT_NEAR(imported->table.rows.front().seconds, 2e-5, 1e-10);
  EXPECT_EQ(imported->table.rows.front().device, "Alpha");
}

TEST_F(Import, ADamagedLineOfResultsIsOfNoRunThatGoesOn) {
  std::string line = results_line(MeasuredPoint{.format = "bf16"}, "Alpha");
  line.replace(line.find("bf16"), 4, "bf61");
  const auto imported = run("kernels.csv", results_header() + line);
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(to_text(imported.diagnostics()).find("next run"), std::string::npos)
      << to_text(imported.diagnostics());
}

TEST_F(Import, ATableWithNoColumnOfKernelsIsOfNoKnownFormat) {
  const auto imported = run("run.csv", "metric,value\ntpot,9\n");
  ASSERT_FALSE(imported.ok());
  ASSERT_EQ(imported.diagnostics().items().size(), 1u);
  EXPECT_NE(imported.diagnostics().items().front().message.find("format"), std::string::npos);
}

TEST_F(Import, ReportsEveryFileThatCannotBeRead) {
  folder_.write("a.csv", "hello");
  folder_.write("b.csv", "gpu,op\nx,gemm\n");
  const auto imported = import_kernels(
      {folder_.path() / "a.csv", folder_.path() / "b.csv", folder_.path() / "none.csv"}, {});
  ASSERT_FALSE(imported.ok());
  std::set<std::string> files;
  for (const Diagnostic& item : imported.diagnostics().items()) files.insert(item.file);
  EXPECT_EQ(files.size(), 3u);
}

}  // namespace
}  // namespace microdc
