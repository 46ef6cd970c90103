#include "sim/report/measured/measured.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support.hpp"

namespace microdc {
namespace {

class Measured : public ::testing::Test {
 protected:
  Result<MeasuredFigures> read(const std::string& text) {
    const auto file = folder_.path() / "measured";
    testing::write_text(file, text);
    return read_measured(file);
  }
  static std::optional<double> value(const MeasuredFigures& run, const std::string& path) {
    for (const MeasuredMetric& metric : run.metrics) {
      if (metric.path == path) return metric.value;
    }
    return std::nullopt;
  }
  testing::TemporaryFolder folder_;
};

TEST_F(Measured, VllmBench) {
  const auto run = read(R"({"model_id": "m", "completed": 100, "request_throughput": 4.0,
    "output_throughput": 900, "mean_ttft_ms": 250.0, "median_tpot_ms": 20, "p99_itl_ms": 40,
    "p99_e2el_ms": 5000, "std_ttft_ms": 3, "duration": 25, "ttfts": [0.2]})");
  ASSERT_TRUE(run) << to_text(run.diagnostics());
  EXPECT_EQ(run->format, "vllm-bench");
  EXPECT_EQ(value(*run, "requests.completed"), 100);
  EXPECT_EQ(value(*run, "throughput.requests_per_s"), 4);
  EXPECT_EQ(value(*run, "throughput.output_tokens_per_s"), 900);
  EXPECT_EQ(value(*run, "latency.ttft_s.mean"), 0.25);
  EXPECT_EQ(value(*run, "latency.tpot_s.p50"), 0.02);
  EXPECT_EQ(value(*run, "latency.itl_s.p99"), 0.04);
  EXPECT_EQ(value(*run, "latency.e2e_s.p99"), 5);
  ASSERT_EQ(run.diagnostics().items().size(), 1U);
  EXPECT_EQ(run.diagnostics().items()[0].message, "not compared: duration, std_ttft_ms");
  EXPECT_EQ(run.diagnostics().items()[0].severity, Severity::note);
}

TEST_F(Measured, AiperfTopLevelAndBelowRecords) {
  const std::string records =
      R"("time_to_first_token": {"unit": "ms", "avg": 250, "p50": 240, "p1": 3},
    "inter_token_latency": {"unit": "ms", "avg": 20, "p99": 30},
    "request_latency": {"unit": "s", "avg": 2, "p95": 4},
    "output_token_throughput": {"unit": "tokens/sec", "avg": 900},
    "input_sequence_length": {"unit": "tokens", "avg": 512})";
  for (const std::string& text : {"{" + records + "}", "{\"records\": {" + records + "}}"}) {
    const auto run = read(text);
    ASSERT_TRUE(run) << to_text(run.diagnostics());
    EXPECT_EQ(run->format, "aiperf");
    EXPECT_EQ(run->metrics.size(), 7U);
    EXPECT_EQ(value(*run, "latency.ttft_s.p50"), 0.24);
    EXPECT_EQ(value(*run, "latency.tpot_s.mean"), 0.02);
    EXPECT_EQ(value(*run, "latency.e2e_s.p95"), 4);
    EXPECT_EQ(value(*run, "throughput.output_tokens_per_s"), 900);
    EXPECT_EQ(run.diagnostics().items()[0].message, "not compared: input_sequence_length");
  }
}

TEST_F(Measured, AiperfWithAWrongUnit) {
  const auto run = read(R"({"time_to_first_token": {"unit": "parsec", "avg": 1}})");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.diagnostics().items()[0].place, "/time_to_first_token/unit");
}

TEST_F(Measured, OwnCsv) {
  const auto run = read(
      "metric,value,unit\nlatency.ttft_s.p50,240,ms\nitl_mean, 0.02, s\n\n"
      "requests_per_s,4,requests/s\nmean_w,1.2,kW\nutilisation.busy_share,50,%\ncolour,1,\n");
  ASSERT_TRUE(run) << to_text(run.diagnostics());
  EXPECT_EQ(run->format, "metric-csv");
  EXPECT_NEAR(*value(*run, "latency.ttft_s.p50"), 0.24, 1e-12);
  EXPECT_EQ(value(*run, "latency.itl_s.mean"), 0.02);
  EXPECT_EQ(value(*run, "throughput.requests_per_s"), 4);
  EXPECT_EQ(value(*run, "power.mean_w"), 1200);
  EXPECT_EQ(value(*run, "utilisation.busy_share"), 0.5);
  EXPECT_EQ(run.diagnostics().items()[0].message, "not compared: colour");
  EXPECT_EQ(run.diagnostics().items()[0].fix, "");
}

TEST_F(Measured, AnUnknownMetricOfACsvNamesTheNearest) {
  for (const char* first : {"itl_mean,20,ms\n", ""}) {  // with and without one that is known
    const auto run =
        read(fmt::format("metric,value,unit\n{}ttft_p5,240,ms\nqueue_p75,1,s\n", first));
    const Diagnostic& note = run.diagnostics().items()[0];
    EXPECT_EQ(note.message, "not compared: ttft_p5, queue_p75");
    EXPECT_NE(note.allowed.find("{ttft,tpot,itl,e2e,queue}_{mean,p50,p90,p95,p99}"),
              std::string::npos);
    EXPECT_NE(note.allowed.find("power.mean_w"), std::string::npos);
    EXPECT_NE(note.fix.find("\"ttft_p50\" for \"ttft_p5\""), std::string::npos) << note.fix;
  }
}

TEST_F(Measured, CsvMistakesAllInOnePass) {
  const auto run = read("metric,value,unit\nttft_p50,fast,ms\nttft_p90,3,kg\n");
  ASSERT_FALSE(run);
  ASSERT_EQ(run.diagnostics().items().size(), 2U);
  EXPECT_EQ(run.diagnostics().items()[0].place, "line 2");
  EXPECT_EQ(run.diagnostics().items()[1].place, "line 3");
}

TEST_F(Measured, UnitsAreQuotedAsTheyStandInTheFile) {
  const auto run = read("metric,value,unit\nttft_p50,250,\nttft_p90,300,kg\n");
  ASSERT_FALSE(run);
  EXPECT_EQ(run.diagnostics().items()[0].message, "the unit is missing");
  EXPECT_EQ(run.diagnostics().items()[0].found, "\"250\"");
  EXPECT_EQ(run.diagnostics().items()[1].message, "this unit does not fit");
  EXPECT_EQ(run.diagnostics().items()[1].found, "\"kg\"");
}

TEST_F(Measured, NegativeValuesAreRefusedInEveryFormat) {
  const auto csv = read("metric,value,unit\nttft_p50,-3,ms\n");
  ASSERT_FALSE(csv);
  EXPECT_EQ(csv.diagnostics().items()[0].place, "line 2");
  const auto json = read(R"({"request_throughput": 4, "mean_ttft_ms": -250})");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.diagnostics().items()[0].place, "mean_ttft_ms");
}

TEST_F(Measured, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(read("hello").diagnostics().exit_code(), 2);
  EXPECT_EQ(read("").diagnostics().exit_code(), 2);
  EXPECT_EQ(read("metric,value,unit\ncolour,1,\n").diagnostics().exit_code(), 2);
  EXPECT_FALSE(read_measured(folder_.path() / "none.json"));
  EXPECT_FALSE(read(R"({"request_throughput": 4, "mean_ttft_ms": )"));
}

TEST(Compare, ErrorsRelativeToTheMeasurement) {
  const MeasuredFigures run{
      .format = "x", .metrics = {{"b", 4, "B"}, {"a", 2, "A"}, {"c", 0, "C"}, {"d", 1, "D"}}};
  const auto comparison = compare_with_measured(run, "file", {{"a", 3}, {"b", 2}, {"c", 1}});
  ASSERT_EQ(comparison.metrics.size(), 4U);
  EXPECT_EQ(comparison.metrics[0].measured.path, "a");
  EXPECT_DOUBLE_EQ(*comparison.metrics[0].error, 0.5);
  EXPECT_DOUBLE_EQ(*comparison.metrics[1].error, -0.5);
  EXPECT_FALSE(comparison.metrics[2].error);  // relative to nothing
  EXPECT_TRUE(comparison.metrics[2].predicted);
  EXPECT_FALSE(comparison.metrics[3].predicted);
}

TEST(MeasuredFormats, NamesAreUnique) {
  std::map<std::string_view, int> names;
  for (const MeasuredFormat& format : measured_formats()) EXPECT_EQ(++names[format.name], 1);
}

}  // namespace
}  // namespace microdc
