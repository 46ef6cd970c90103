#include "calibrate/calibration.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

/// A table of GEMM and all-reduce times of alpha, and a device that nobody knows.
std::string table_text() {
  std::string text =
      "source,gpu,engine,engine_version,op,dtype,m,n,k,num_gpus,message_bytes,latency_us,method\n";
  for (const double m : {1, 8, 32, 128, 512, 1024, 4096}) {
    for (const double n : {1024, 3072, 8192}) {
      for (const double k : {2048, 4096, 12288}) {
        const double us = 3 + 2 * std::sqrt(k / 4096) + 2 * m * n * k / 0.7e9 +
                          2 * (m * k + n * k + m * n) / 0.8e6;
        text += fmt::format("lab,Alpha,vllm,1,gemm,bf16,{},{},{},,,{},mean\n", m, n, k,
                            us * (m < 2 ? 1.01 : 0.99));
      }
    }
  }
  for (int i = 8; i < 30; ++i) {
    const double message = std::pow(2.0, i);
    text += fmt::format("lab,alpha,NCCL,2,all_reduce,bf16,,,,4,{},{},mean\n", message,
                        10 + 1e-3 * std::sqrt(message) + 1.5 * message / 1e5);
    text += fmt::format("narrow,alpha,nccl,2,all_reduce,bf16,,,,4,{},{},mean\n", 1e6 + i, 500.0);
  }
  return text + "lab,unheard-of,vllm,1,gemm,bf16,8,1024,1024,,,9,mean\n";
}

class Calibration : public testing::Test {
 protected:
  void SetUp() override { folder_.write("kernels.csv", table_text()); }
  [[nodiscard]] Result<CalibrationReport> run(const CalibrationOptions& options = {}) const {
    return calibrate_from_kernels(folder_.path() / "kernels.csv", test::small_catalog(), options);
  }
  test::TemporaryFolder folder_;
};

TEST_F(Calibration, FitsEveryLawAndCountsEveryRow) {
  const auto report = run({.source = "made up", .date = "2026"});
  ASSERT_TRUE(report.ok()) << to_text(report.diagnostics());
  ASSERT_EQ(report->profiles.size(), 1u);
  const DeviceProfile& profile = report->profiles.front();
  EXPECT_EQ(profile.device, "alpha");
  EXPECT_EQ(profile.note, "made up");
  ASSERT_EQ(profile.laws.size(), 2u);
  EXPECT_EQ(profile.laws[0].kernel_source, "vllm");
  EXPECT_EQ(profile.laws[1].kernel_source, "nccl");
  EXPECT_EQ(profile.laws[1].source, "lab (nccl 2)");
  EXPECT_EQ(profile.laws[1].date, "2026");
  EXPECT_EQ(report->dropped.at("device \"unheard-of\" is not in the hardware catalog"), 1);
  EXPECT_EQ(report->dropped.at("all_reduce that another project measured over a wider range"), 22);
  std::int64_t dropped = 0;
  for (const auto& [reason, count] : report->dropped) dropped += count;
  EXPECT_EQ(report->fitted + dropped, report->lines);
}

TEST_F(Calibration, WritesProfilesThatLoadAndEvaluate) {
  const auto report = run();
  ASSERT_TRUE(report.ok());
  const auto target = folder_.path() / "out";
  EXPECT_FALSE(write_profiles(*report, target).has_errors());
  const auto store = ProfileStore::load(target);
  ASSERT_TRUE(store.ok()) << to_text(store.diagnostics());
  ASSERT_NE(store->profile("alpha"), nullptr);
  EXPECT_EQ(profile_text(*store->profile("alpha")), profile_text(report->profiles.front()));
}

TEST_F(Calibration, ReportsATableForPeople) {
  const auto report = run();
  ASSERT_TRUE(report.ok());
  const std::string text = calibration_text(*report);
  EXPECT_NE(text.find("all_reduce n=4"), std::string::npos);
  EXPECT_NE(text.find("left out: device \"unheard-of\""), std::string::npos);
}

TEST_F(Calibration, IsDeterministic) {
  EXPECT_EQ(profile_text(run()->profiles.front()), profile_text(run()->profiles.front()));
}

TEST_F(Calibration, ChecksTheDevicesAskedFor) {
  EXPECT_TRUE(run({.devices = {"ALPHA"}}).ok());
  const auto report = run({.devices = {"beta", "gama"}});
  ASSERT_FALSE(report.ok());
  ASSERT_EQ(report.diagnostics().items().size(), 2u);
  EXPECT_EQ(report.diagnostics().items()[0].message, "the table has no row of this device");
  EXPECT_EQ(report.diagnostics().items()[1].message, "the device is not in the hardware catalog");
}

TEST_F(Calibration, IsAnErrorWhenNothingFits) {
  folder_.write("kernels.csv",
                "source,gpu,engine,op,dtype,m,n,k,latency_us\nlab,alpha,vllm,gemm,bf16,1,2,3,4\n");
  EXPECT_FALSE(run().ok());
}

TEST(UnfittedLaws, AreNamed) {
  KernelTable table;
  KernelRow row{.device = "alpha", .engine = "own"};
  row.m = 8;
  row.n = row.k = 4096;
  row.seconds = 1e-3;
  row.format = NumberFormat::int4_weight;
  table.rows.assign(15, row);
  KernelRow fitted = row;
  fitted.operation = KernelOperation::elementwise;
  for (int i = 1; i <= 20; ++i) {
    fitted.m = i;
    fitted.bytes = 1e6 * i;
    fitted.seconds = 1e-6 * i;
    table.rows.push_back(fitted);
  }
  const auto report = calibrate_from_rows(table, "table", test::small_catalog());
  ASSERT_TRUE(report.ok());
  ASSERT_EQ(report->unfitted.size(), 1u);
  EXPECT_EQ(report->unfitted.front().name, "GEMM int4_weight of own kernels");
  EXPECT_EQ(report->unfitted.front().points, 15);
  EXPECT_EQ(report->dropped.at("too few rows for a law: GEMM int4_weight of own kernels"), 15);
}

TEST_F(Calibration, SaysWhyNothingFits) {
  const std::string header = "source,gpu,engine,op,dtype,m,n,k,latency_us\n";
  folder_.write("kernels.csv", header + "lab,alpha,vllm,gemm,bf16,1,2,3,4\n" +
                                   "lab,alpho,vllm,gemm,bf16,1,2048,2048,4\n" +
                                   "lab,alpho,vllm,gemm,bf16,2,2048,2048,4\n");
  const auto report = run();
  ASSERT_FALSE(report.ok());
  const Diagnostic& error = report.diagnostics().items().front();
  EXPECT_TRUE(error.found.starts_with(
      "3 rows, none usable: device \"alpho\" is not in the hardware catalog (2 rows); "))
      << error.found;
  EXPECT_NE(error.fix.find("did you mean \"alpha\" for \"alpho\"?"), std::string::npos)
      << error.fix;
  EXPECT_NE(error.fix.find("--on"), std::string::npos);
  EXPECT_TRUE(check_device(test::small_catalog(), "ALPHA").empty());
  EXPECT_EQ(check_device(test::small_catalog(), "alpho").items().front().fix,
            "did you mean \"alpha\"?");
}

}  // namespace
}  // namespace microdc
