#include <gtest/gtest.h>

#include "hwprofiles/laws/law_choice.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

using test::laws_of;
using test::mentions;

TEST(Borrowing, KeepsEfficienciesAndTimesAndUsesOwnPeaks) {
  const GemmCoefficients expected{.launch = 2e-6,
                                  .depth = 1e-6 / 64,
                                  .seconds_per_flop = 1 / (0.8 * 0.5e15),
                                  .seconds_per_byte = 1 / (0.5 * 0.5e12),
                                  .sharpness = 2,
                                  .inverse_sharpness = 0.5,
                                  .throttle = 0.1};
  const DeviceLaws beta = laws_of("beta");
  EXPECT_DOUBLE_EQ(beta.time(Gemm{64, 1024, 2048}).value(), gemm_seconds(expected, 64, 1024, 2048));
  EXPECT_TRUE(mentions(beta.caveats(), "borrowed from alpha"));
  EXPECT_FALSE(mentions(laws_of("alpha").caveats(), "borrowed"));
}

TEST(Borrowing, FormatsWithoutHardwareRunAsWeightOnly) {
  const DeviceLaws beta = laws_of("beta");
  // No fp8 units: bf16 arithmetic, half the weight traffic.
  EXPECT_EQ(beta.peak(NumberFormat::fp8).value(), 0.5e15);
  const double half = beta.time(Gemm{1, 8192, 8192}).value();
  const double fp8 = beta.time(Gemm{1, 8192, 8192, NumberFormat::fp8}).value();
  EXPECT_NEAR(fp8 / half, 0.5, 0.02);
  EXPECT_TRUE(
      mentions(beta.caveats_for(NumberFormat::fp8, NumberFormat::bf16), "expanded to 16 bits"));
}

TEST(Borrowing, UnmeasuredFormatTakesTheNearestAndSaysSo) {
  const DeviceLaws alpha = laws_of("alpha");
  const auto caveats = alpha.caveats_for(NumberFormat::fp8_block, NumberFormat::bf16);
  EXPECT_TRUE(mentions(caveats, "no fp8_block GEMM kernels measured, efficiency of fp8 taken"));
  EXPECT_NEAR(alpha.time(Gemm{1, 4096, 4096, NumberFormat::fp8_block}).value(),
              alpha.time(Gemm{1, 4096, 4096, NumberFormat::fp8}).value(), 1e-8);
  EXPECT_FALSE(mentions(alpha.caveats_for(NumberFormat::fp16, NumberFormat::bf16), "fp16"));
}

TEST(Borrowing, UnmeasuredSourceTakesAnotherAndSaysSo) {
  const DeviceLaws sglang = laws_of("alpha", "sglang");
  EXPECT_TRUE(mentions(sglang.caveats_for(NumberFormat::bf16, NumberFormat::bf16), "of sglang"));
  // TensorRT-LLM has its own bf16 kernels but no fp8 ones.
  const DeviceLaws trt = laws_of("alpha", "tensorrt-llm");
  EXPECT_LT(trt.time(Gemm{1, 8192, 8192}).value(),
            laws_of("alpha").time(Gemm{1, 8192, 8192}).value());
  EXPECT_EQ(trt.time(Gemm{1, 8192, 8192, NumberFormat::fp8}).value(),
            laws_of("alpha").time(Gemm{1, 8192, 8192, NumberFormat::fp8}).value());
}

TEST(Borrowing, UnknownDeviceNamesTheNearest) {
  const auto laws =
      make_device_laws(test::small_catalog(), test::small_profiles(), "alphq", "vllm");
  ASSERT_FALSE(laws.ok());
  const Diagnostic& error = laws.diagnostics().items().front();
  EXPECT_EQ(error.found, "alphq");
  EXPECT_NE(error.fix.find("alpha"), std::string::npos);
}

TEST(Borrowing, DeviceWithoutProfileAndRelativeIsAnError) {
  const auto laws =
      make_device_laws(test::small_catalog(), test::small_profiles(), "alone", "vllm");
  ASSERT_FALSE(laws.ok());
  EXPECT_EQ(laws.diagnostics().items().front().found, "alone");
  EXPECT_NE(laws.diagnostics().items().front().allowed.find("alpha"), std::string::npos);
}

TEST(Borrowing, ASingleMissingLawComesFromTheMostAlikeDevice) {
  ProfileStore store = test::small_profiles();
  DeviceProfile beta{.device = "beta"};
  beta.laws.push_back(
      test::make_law(LawKind::gemm, "vllm", NumberFormat::bf16, {9e-6, 1e-6, 0.8, 0.5, 2, 0.1}));
  store.put(beta);
  const auto laws = make_device_laws(test::small_catalog(), store, "beta", "vllm");
  ASSERT_TRUE(laws.ok());
  EXPECT_GT(laws->time(Gemm{1, 512, 512}).value(), 9e-6);
  EXPECT_TRUE(mentions(laws->caveats(), "no elementwise kernels measured, borrowed from alpha"));
  EXPECT_FALSE(mentions(laws->caveats(), "kernel efficiencies borrowed"));
}

TEST(Borrowing, CpusUseTheGenericProfile) {
  ProfileStore store = test::small_profiles();
  DeviceProfile generic = *store.profile("alpha");
  generic.device = std::string(generic_cpu_profile);
  for (FittedLaw& law : generic.laws) {
    law.origin = Provenance::assumed;
    law.covariance.clear();
  }
  store.put(generic);
  const auto laws = make_device_laws(test::small_catalog(), store, "socket", "any");
  ASSERT_TRUE(laws.ok()) << to_text(laws.diagnostics());
  EXPECT_NEAR(laws->time(Gemm{1, 8192, 8192}).value() / (2.0 * 8192 * 8192 / (0.5 * 400e9)), 1,
              0.05);
  EXPECT_TRUE(mentions(laws->caveats(), "assumed"));
}

TEST(LawChoice, PrefersDeviceThenFormatThenSource) {
  DeviceProfile own{.device = "own"}, relative{.device = "relative"};
  own.laws.push_back(test::make_law(LawKind::gemm, "b", NumberFormat::fp8, {1, 1, 1, 1, 1, 1, 1}));
  own.laws.push_back(test::make_law(LawKind::gemm, "a", NumberFormat::bf16, {1, 1, 1, 1, 1, 1}));
  relative.laws.push_back(
      test::make_law(LawKind::gemm, "a", NumberFormat::fp8, {1, 1, 1, 1, 1, 1, 1}));
  std::vector<ProfileLink> chain(2);
  chain[0].profile = &own;
  chain[1].profile = &relative;
  const auto choice =
      choose_law(chain, LawKind::gemm, gemm_stand_ins(NumberFormat::fp8, true), "a");
  EXPECT_EQ(choice.law, &own.laws[0]);
  EXPECT_TRUE(choice.other_source);
  EXPECT_FALSE(choice.other_format);
  EXPECT_EQ(choose_law(chain, LawKind::elementwise, {NumberFormat::bf16}, "a").law, nullptr);
}

}  // namespace
}  // namespace microdc
