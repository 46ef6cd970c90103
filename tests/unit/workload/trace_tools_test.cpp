#include "sim/workload/trace_tools.hpp"

#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

std::string temporary(const std::string& name) { return ::testing::TempDir() + "/" + name; }

TEST(TraceStats, SmallTraceByHand) {
  const auto read = read_text(
      "{\"timestamp\": 0, \"input_length\": 1024, \"output_length\": 4, \"hash_ids\": [1, 2]}\n"
      "{\"timestamp\": 1000, \"input_length\": 1100, \"output_length\": 6, \"hash_ids\": [1, 2, "
      "3]}\n"
      "{\"timestamp\": 4000, \"input_length\": 600, \"output_length\": 8, \"hash_ids\": [4, 2]}\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  const TraceStats stats = trace_stats(read->trace);
  EXPECT_EQ(stats.requests, 3);
  EXPECT_DOUBLE_EQ(stats.duration_s, 4);
  EXPECT_DOUBLE_EQ(*stats.rate_per_s, 0.75);
  EXPECT_DOUBLE_EQ(*stats.gap_mean_s, 2);
  EXPECT_DOUBLE_EQ(*stats.gap_cv, 0.5);
  EXPECT_EQ(stats.input.total, 2724);
  EXPECT_DOUBLE_EQ(stats.output.mean, 6);
  // Two blocks of the second request; the third's block 2 stands behind another beginning.
  EXPECT_DOUBLE_EQ(*stats.prefix_hit_ratio, 1024.0 / 2724);
  // Three requests support no percentile, and no minute is whole.
  EXPECT_FALSE(stats.input.p50.has_value());
  EXPECT_FALSE(stats.minute_peak.has_value());
  const auto json = to_json(stats);
  EXPECT_TRUE(json["input_tokens"]["p99"].is_null());
  EXPECT_EQ(json["requests"], 3);
  EXPECT_NE(to_text(stats).find("not measurable"), std::string::npos);
}

TEST(TraceStats, MinutesAndPercentiles) {
  std::string rows = "arrival_s,input_tokens,output_tokens\n";
  // Minutes with 10, 30 and 20 requests, and the beginning of a fourth.
  const int counts[] = {10, 30, 20};
  for (int minute = 0; minute < 3; ++minute) {
    for (int i = 0; i < counts[minute]; ++i) {
      rows += std::to_string(60.0 * minute + 1.5 * i) + "," + std::to_string(minute * 100 + i + 1) +
              ",5\n";
    }
  }
  rows += "180.0,7,5\n";
  const auto read = read_text(rows);
  ASSERT_TRUE(read.ok());
  const TraceStats stats = trace_stats(read->trace);
  EXPECT_DOUBLE_EQ(*stats.minute_mean, 20);
  EXPECT_DOUBLE_EQ(*stats.minute_peak, 30);
  EXPECT_DOUBLE_EQ(*stats.peak_over_mean, 1.5);
  EXPECT_NEAR(*stats.fano_60s, 200.0 / 3 / 20, 1e-9);
  EXPECT_NEAR(*stats.gap_cv_in_minute, 0, 1e-6);
  EXPECT_DOUBLE_EQ(*stats.input.p50, 120);
  EXPECT_FALSE(stats.input.p90.has_value());
}

TEST(TraceConvert, RoundTripIsLossless) {
  const auto read = read_text(
      "{\"timestamp\": 1, \"input_length\": 1024, \"output_length\": 4, \"hash_ids\": [1, 2]}\n"
      "{\"timestamp\": 1000, \"input_length\": 1100, \"output_length\": 6, \"hash_ids\": [1, 9, "
      "3]}\n");
  ASSERT_TRUE(read.ok());
  for (const char* name : {"trace.csv", "trace.csv.gz"}) {
    const std::string path = temporary(name);
    ASSERT_FALSE(write_trace(read->trace, path).has_errors());
    const auto again = read_trace(path);
    ASSERT_TRUE(again.ok()) << to_text(again.diagnostics());
    EXPECT_EQ(again->report.format, "microdc");
    EXPECT_EQ(again->report.compressed, path.ends_with(".gz"));
    EXPECT_TRUE(again->report.changed.empty());
    EXPECT_EQ(trace_text(again->trace), trace_text(read->trace));
    EXPECT_EQ(again->trace.prefix_hashes, read->trace.prefix_hashes);
    std::remove(path.c_str());
  }
}

TEST(TraceConvert, ReportsWhatItDid) {
  const std::string from = temporary("from.csv");
  const std::string to = temporary("to.csv.gz");
  std::ofstream(from) << "arrival_s,input_tokens,output_tokens,client\n0,1,0,a\n1,2,3,\"b,c\"\n";
  const auto report = convert_trace(from, to);
  ASSERT_TRUE(report.ok()) << to_text(report.diagnostics());
  EXPECT_EQ(report->kept, 1);
  EXPECT_EQ(to_json(*report)["dropped"][0]["count"], 1);
  EXPECT_NE(
      to_text(*report).find("1 dropped: no output tokens: a failed request (first in line 2)"),
      std::string::npos);
  EXPECT_TRUE(read_trace(to).ok());
  EXPECT_FALSE(convert_trace(from, from + "/x.csv").ok());
  EXPECT_FALSE(convert_trace(temporary("absent.csv"), to).ok());
  std::remove(from.c_str());
  std::remove(to.c_str());
}

TEST(TraceGenerate, WritesWhatTheWorkloadKindReplays) {
  const std::string path = temporary("generated.csv.gz");
  WorkloadSpec spec;
  spec.kind = "poisson";
  spec.rate = PerSecond(3);
  spec.duration = Seconds(600);
  const auto stats = generate_trace(spec, 9, ".", path);
  ASSERT_TRUE(stats.ok()) << to_text(stats.diagnostics());
  WorkloadSpec replay;
  replay.kind = "trace";
  replay.trace_file = "generated.csv.gz";
  replay.time_scale = 2;
  const auto stream = make_requests(replay, 1, 0, ::testing::TempDir());
  ASSERT_TRUE(stream.ok()) << to_text(stream.diagnostics());
  const auto made = make_requests(spec, 9, 0, ".");
  ASSERT_EQ(stream->trace.requests.size(), made->trace.requests.size());
  EXPECT_EQ(stream->trace.requests[5].arrival, 2 * made->trace.requests[5].arrival);
  EXPECT_EQ(stream->trace.duration, 2 * made->trace.duration);
  replay.requests = 10;
  EXPECT_EQ(make_requests(replay, 1, 0, ::testing::TempDir())->trace.requests.size(), 10u);
  std::remove(path.c_str());
}

}  // namespace
}  // namespace microdc
