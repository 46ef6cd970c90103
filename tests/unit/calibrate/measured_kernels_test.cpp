// Refits the measured kernels, if they are at hand, and compares the errors on shapes left out with
// those of docs/laws.md.
#include <gtest/gtest.h>

#include <cstdlib>

#include "calibrate/calibration.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

class MeasuredKernels : public testing::Test {
 protected:
  void SetUp() override {
    const char* data = std::getenv("MICRODC_DATA");
    if (!data) GTEST_SKIP() << "MICRODC_DATA does not name a folder with measured/kernels.csv";
    const auto catalog = HardwareCatalog::load(data_root() / "hwprofiles" / "catalog");
    ASSERT_TRUE(catalog.ok()) << to_text(catalog.diagnostics());
    auto report =
        calibrate_from_kernels(std::filesystem::path(data) / "measured" / "kernels.csv", *catalog);
    ASSERT_TRUE(report.ok()) << to_text(report.diagnostics());
    report_ = std::move(*report);
  }

  /// Held-out median of a law in percent.
  double median(const std::string& device, LawKind kind, const std::string& source,
                NumberFormat format = NumberFormat::bf16) const {
    for (const DeviceProfile& profile : report_.profiles) {
      if (profile.device != device) continue;
      for (const FittedLaw& law : profile.laws) {
        if (law.kind == kind && law.kernel_source == source && law.format == format) {
          return 100 * law.held_out.value().median;
        }
      }
    }
    ADD_FAILURE() << "no such law: " << device << " " << source;
    return 1e9;
  }

  CalibrationReport report_;
};

TEST_F(MeasuredKernels, GemmReachesTheRepeatFloor) {
  EXPECT_LT(median("h100-sxm-80gb", LawKind::gemm, "vllm"), 4.5);
  EXPECT_LT(median("h100-sxm-80gb", LawKind::gemm, "tensorrt-llm"), 4.5);
  EXPECT_LT(median("a100-sxm-80gb", LawKind::gemm, "vllm"), 6.2);
  EXPECT_LT(median("a100-sxm-80gb", LawKind::gemm, "tensorrt-llm"), 5.2);
  EXPECT_LT(median("b200-sxm-180gb", LawKind::gemm, "vllm"), 5.9);
  EXPECT_LT(median("b200-sxm-180gb", LawKind::gemm, "tensorrt-llm"), 5.9);
  EXPECT_LT(median("rtx-pro-6000-96gb", LawKind::gemm, "vllm"), 5.1);
  EXPECT_LT(median("h100-sxm-80gb", LawKind::gemm, "vllm", NumberFormat::fp8), 12);
  EXPECT_LT(median("b200-sxm-180gb", LawKind::gemm, "vllm", NumberFormat::nvfp4), 10);
}

TEST_F(MeasuredKernels, AttentionReachesTheBounds) {
  EXPECT_LT(median("h100-sxm-80gb", LawKind::decode_attention, "vllm"), 6);
  EXPECT_LT(median("b200-sxm-180gb", LawKind::decode_attention, "vllm"), 8);
  EXPECT_LT(median("a100-sxm-80gb", LawKind::decode_attention, "vllm"), 14);
  EXPECT_LT(median("h100-sxm-80gb", LawKind::prefill_attention, "tensorrt-llm"), 4.6);
  EXPECT_LT(median("b200-sxm-180gb", LawKind::prefill_attention, "tensorrt-llm"), 4.6);
  EXPECT_LT(median("a100-sxm-80gb", LawKind::prefill_attention, "vllm"), 5.5);
  EXPECT_LT(median("h100-sxm-80gb", LawKind::prefill_attention, "vllm"), 7.5);
}

TEST_F(MeasuredKernels, EveryLawBeatsTheDatasheetRoofline) {
  for (const DeviceProfile& profile : report_.profiles) {
    for (const FittedLaw& law : profile.laws) {
      if (!law.roofline) continue;
      EXPECT_LT(law.in_sample->median, law.roofline->median)
          << profile.device << " " << law.kernel_source;
    }
  }
}

}  // namespace
}  // namespace microdc
