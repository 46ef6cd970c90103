#include "kernels/cuda/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>

namespace microdc::kernels::cuda {
namespace {

TEST(CudaRegistry, RefusesASecondVariantOfTheSameName) {
  Registry registry;
  registry.add({.operation = Operation::gemm, .format = "bf16", .name = "a"});
  registry.add({.operation = Operation::gemm, .format = "fp16", .name = "a"});
  EXPECT_THROW(registry.add({.operation = Operation::gemm, .format = "bf16", .name = "a"}),
               std::logic_error);
}

TEST(CudaRegistry, DescribesEveryVariant) {
  for (const CudaVariant& variant : registry().variants()) {
    const std::string label = variant.format + "/" + variant.source + "/" + variant.name;
    EXPECT_FALSE(variant.name.empty() || variant.source.empty()) << label;
    EXPECT_TRUE(variant.accepts && variant.prepare) << label;
    EXPECT_LE(variant.shared_bytes, shared_bytes_of(variant.target)) << label;
  }
}

/// Whether own variants multiply this shape on a device of this capability.
bool has_gemm(const std::string& format, const Limits& limits, const Shape& shape) {
  const auto& all = registry().variants();
  return std::any_of(all.begin(), all.end(), [&](const CudaVariant& variant) {
    return variant.operation == Operation::gemm && variant.format == format &&
           variant.source == "own" && runs_on(variant.target, limits.capability) &&
           variant.shared_bytes <= limits.shared_bytes_per_block && variant.accepts(limits, shape);
  });
}

TEST(CudaRegistry, HasAGemmForEveryDeviceAndBatch) {
  for (const Capability capability : {80, 86, 89, 90, 100, 120}) {
    const bool large = capability == 80 || capability == 90 || capability == 100;
    const Limits limits{capability, 100, large ? 163 * 1024 : small_shared_bytes, 40 << 20,
                        1 << 30};
    for (const int m : {1, 2, 4, 5, 8, 9, 17, 64, 65, 4096}) {
      const Shape shape{.m = m, .n = 4096, .k = 4096};
      EXPECT_TRUE(has_gemm("bf16", limits, shape)) << capability << ", m = " << m;
      EXPECT_TRUE(has_gemm("fp16", limits, shape)) << capability << ", m = " << m;
      EXPECT_EQ(has_gemm("fp8", limits, shape), capability >= 89 || m <= 64)
          << capability << ", m = " << m;
      if (m > 64) continue;
      EXPECT_TRUE(has_gemm("int8_weight", limits, shape)) << capability << ", m = " << m;
      EXPECT_TRUE(has_gemm("int4_weight", limits, shape)) << capability << ", m = " << m;
    }
  }
  const Limits limits{90, 132, 227 * 1024, 50 << 20, 1 << 30};
  EXPECT_FALSE(has_gemm("bf16", limits, {.m = 64, .n = 64, .k = 4}));         // rows of 8 bytes
  EXPECT_FALSE(has_gemm("int4_weight", limits, {.m = 1, .n = 64, .k = 64}));  // half a group
}

/// The variants that measure the fp8 peak of a device of this capability.
std::set<std::string> fp8_peaks(Capability capability) {
  const Limits limits{capability, 132, 227 * 1024, 50 << 20, 1 << 30};
  std::set<std::string> names;
  for (const CudaVariant& variant : registry().variants()) {
    if (variant.operation == Operation::arithmetic_peak && variant.format == "fp8" &&
        runs_on(variant.target, capability) && variant.accepts(limits, {}))
      names.insert(variant.name);
  }
  return names;
}

TEST(CudaRegistry, MeasuresThePeakOfFp8WhereTheInstructionMultipliesIt) {
  EXPECT_EQ(fp8_peaks(80), std::set<std::string>{});
  EXPECT_EQ(fp8_peaks(89), std::set<std::string>{"mma-registers"});
  EXPECT_EQ(fp8_peaks(90), std::set<std::string>{"wgmma-shared"});  // mma.sync converts to fp16
  EXPECT_EQ(fp8_peaks(120), std::set<std::string>{"mma-registers"});
}

}  // namespace
}  // namespace microdc::kernels::cuda
