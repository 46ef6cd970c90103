// The GEMM kernels and the arithmetic peak on the device of the machine, if it has one.
#include <gtest/gtest.h>

#include <string>

#include "kernels/cuda/device.hpp"

namespace microdc::kernels::cuda {
namespace {

std::string label_of(const KernelVariant& variant, const Shape& shape) {
  return variant.format + "/" + variant.source + "/" + variant.name + " of " +
         std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
         std::to_string(shape.k);
}

/// Every variant of the operation that accepts the shape agrees with float64 and takes time.
void expect_agreement(Device& device, Operation operation, const Shape& shape) {
  for (const KernelVariant& variant : device.variants()) {
    if (variant.operation != operation || !variant.accepts(shape)) continue;
    const auto prepared = variant.prepare(shape, 1);
    ASSERT_NE(prepared, nullptr) << label_of(variant, shape);
    const Verification verification = prepared->verify();
    EXPECT_TRUE(verification.passed)
        << label_of(variant, shape) << ": error " << verification.largest_error << ", allowed "
        << verification.tolerance;
    for (const LaunchMode mode : {LaunchMode::eager, LaunchMode::graph}) {
      EXPECT_GT(prepared->run(10, mode), 0) << label_of(variant, shape);
    }
  }
}

TEST(CudaGemm, AgreesWithFloat64OnTheDevice) {
  const OpenedDevice opened = open_cuda(0);
  if (!opened.device) GTEST_SKIP() << "SKIP: " << opened.reason;
  for (const int m : {1, 3, 8, 13, 33, 64, 100, 257, 1024}) {
    expect_agreement(*opened.device, Operation::gemm, {.m = m, .n = 1024, .k = 2048});
    expect_agreement(*opened.device, Operation::gemm, {.m = m, .n = 333, .k = 640});
  }
  expect_agreement(*opened.device, Operation::gemm, {.m = 1, .n = 1, .k = 128});
  expect_agreement(*opened.device, Operation::gemm, {.m = 2000, .n = 4104, .k = 1032});
}

TEST(CudaArithmeticPeak, AgreesWithFloat64OnTheDevice) {
  const OpenedDevice opened = open_cuda(0);
  if (!opened.device) GTEST_SKIP() << "SKIP: " << opened.reason;
  expect_agreement(*opened.device, Operation::arithmetic_peak, {});
}

}  // namespace
}  // namespace microdc::kernels::cuda
