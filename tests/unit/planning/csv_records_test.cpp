#include "hwprofiles/base/csv_table.hpp"

#include <gtest/gtest.h>

#include "sim/planning/validate/measured_run.hpp"

namespace microdc {
namespace {

TEST(CsvRecords, QuotesLineEndsAndByteOrderMark) {
  const auto table = CsvTable::parse(
      "\xef\xbb\xbfrow_id,notes\r\na,\"one, \"\"two\"\"\nthree\"\r\n\r\nb, x \n", "t");
  ASSERT_TRUE(table);
  ASSERT_EQ(table->size(), 2u);
  EXPECT_EQ(table->text(0, "notes"), "one, \"two\"\nthree");
  EXPECT_EQ(table->text(1, "notes"), "x");
  EXPECT_EQ(table->text(1, "no such column"), "");
  EXPECT_EQ(table->line(1), 5);
}

TEST(CsvRecords, ShortRowIsAWarning) {
  const auto table = CsvTable::parse("a,b,c\n1,2\n", "t");
  ASSERT_TRUE(table);
  EXPECT_EQ(table.diagnostics().items().size(), 1u);
  EXPECT_EQ(table->text(0, "c"), "");
}

TEST(CsvRecords, NoTableIsAnError) {
  EXPECT_FALSE(CsvTable::parse("hello", "t"));
  EXPECT_FALSE(CsvTable::read("/no/such/file.csv"));
}

TEST(MeasuredRuns, ReadsFieldsAndMeasuredColumns) {
  const auto table = CsvTable::parse(
      "row_id,gpu,model,tp,concurrency,ttft_mean_ms,tpot_mean_ms,energy_j_per_output_token\n"
      "r1,H100,m,2,8.0,12.5,,0.25\n",
      "t");
  const auto runs = read_measured_runs(*table, "t");
  ASSERT_TRUE(runs);
  const MeasuredRun& run = runs->front();
  EXPECT_EQ(run.tp, 2);
  EXPECT_EQ(run.concurrency, 8);
  EXPECT_FALSE(run.dp.has_value());
  ASSERT_EQ(run.measured.size(), 2u);
  EXPECT_EQ(run.measured[0].metric, "ttft_mean_ms");
  EXPECT_EQ(run.measured[0].value, 12.5);
  EXPECT_EQ(run.measured[1].metric, "energy_j_per_output_token");
}

TEST(MeasuredRuns, BadNumberIsBlankWithAWarning) {
  const auto table = CsvTable::parse("row_id,gpu,model,tp\nr1,H100,m,two\n", "t");
  const auto runs = read_measured_runs(*table, "t");
  ASSERT_TRUE(runs);
  EXPECT_FALSE(runs->front().tp.has_value());
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs.diagnostics().items().front().found, "two");
}

TEST(MeasuredRuns, MissingColumnsAndDoubleRowsAreErrors) {
  EXPECT_FALSE(read_measured_runs(*CsvTable::parse("row_id,gpu\na,b\n", "t"), "t"));
  EXPECT_FALSE(read_measured_runs(*CsvTable::parse("row_id,gpu,model\na,b,c\na,b,c\n", "t"), "t"));
}

TEST(MeasuredRuns, MetricClasses) {
  EXPECT_EQ(metric_class("ttft_unspecstat_ms"), "ttft");
  EXPECT_EQ(metric_class("output_tokens_per_s_derived"), "throughput");
  EXPECT_EQ(metric_class("request_throughput_rps"), "throughput");
  EXPECT_EQ(metric_class("power_mean_frac_tdp"), "power");
  EXPECT_TRUE(is_derived("output_tokens_per_s_derived"));
  EXPECT_FALSE(is_derived("output_tokens_per_s"));
}

}  // namespace
}  // namespace microdc
