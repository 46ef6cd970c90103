// The published traces against their known statistics; only where MICRODC_DATA names their folder.
#include <cstdlib>

#include "sim/workload/trace_tools.hpp"
#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

class PublishedTraces : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MICRODC_DATA");
    if (folder == nullptr) GTEST_SKIP() << "MICRODC_DATA is not set";
    folder_ = std::filesystem::path(folder) / "traces";
  }
  ReadTrace read(const std::string& name, const TraceReadOptions& options = {}) {
    auto result = read_trace(folder_ / name, "", options);
    EXPECT_TRUE(result.ok()) << to_text(result.diagnostics());
    return result.ok() ? *result : ReadTrace{};
  }
  std::filesystem::path folder_;
};

TEST_F(PublishedTraces, AzureConversation) {
  const ReadTrace trace = read("AzureLLMInferenceTrace_conv.csv.gz");
  const TraceStats stats = trace_stats(trace.trace);
  EXPECT_EQ(trace.report.rows_read, 19366);
  EXPECT_EQ(stats.requests, 19366);
  EXPECT_NEAR(stats.input.mean, 1154.7, 0.05);
  EXPECT_NEAR(stats.output.mean, 211.13, 0.01);
  EXPECT_NEAR(*stats.gap_cv_in_minute, 1.024, 0.001);
  EXPECT_NEAR(*stats.peak_over_mean, 1.521, 0.001);
  EXPECT_NEAR(*stats.fano_60s, 16.13, 0.01);
}

TEST_F(PublishedTraces, AzureCode) {
  const TraceStats stats = trace_stats(read("AzureLLMInferenceTrace_code.csv.gz").trace);
  EXPECT_EQ(stats.requests, 8819);
  EXPECT_NEAR(stats.input.mean, 2047.85, 0.01);
  EXPECT_NEAR(*stats.gap_cv, 13.151, 0.001);
}

TEST_F(PublishedTraces, MooncakeConversation) {
  const TraceStats stats = trace_stats(read("mooncake_conversation_trace.jsonl.gz").trace);
  EXPECT_EQ(stats.requests, 12031);
  EXPECT_NEAR(stats.input.mean, 12035.06, 0.01);
  EXPECT_NEAR(*stats.prefix_hit_ratio, 0.3736, 0.0001);
  EXPECT_GT(*stats.gap_cv, 0.9);
  EXPECT_LT(*stats.gap_cv, 1.1);
  EXPECT_GT(*stats.gap_cv_in_minute, 0.9);
  EXPECT_LT(*stats.gap_cv_in_minute, 1.1);
}

TEST_F(PublishedTraces, ServegenReasoning) {
  const ReadTrace trace = read("servegen_reason_deepseek-r1.tar.gz");
  const TraceStats stats = trace_stats(trace.trace);
  EXPECT_EQ(trace.report.rows_read, 73 * 144);
  EXPECT_EQ(stats.clients, 73);
  EXPECT_NEAR(*stats.rate_per_s, 16.01, 0.2);
  EXPECT_NEAR(stats.input.mean, 1268.25, 25);
  EXPECT_NEAR(stats.output.mean, 1527.4, 20);
  EXPECT_NEAR(*stats.output.p50, 792, 10);
  // An hour of it has the same requests as that hour of the day.
  const ReadTrace hour = read("servegen_reason_deepseek-r1.tar.gz",
                              {.start = Seconds(7200), .duration = Seconds(3600)});
  std::int64_t inside = 0;
  for (const TraceRequest& request : trace.trace.requests) {
    const double at = static_cast<double>(request.arrival) * 1e-9;
    inside += at >= 7200 && at < 10800;
  }
  EXPECT_EQ(hour.report.kept, inside);
}

}  // namespace
}  // namespace microdc
