// The GEMM kernels and the arithmetic peak on the device of the machine, if it has one.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"

namespace microdc::kernels::cuda {
namespace {

std::string label_of(const KernelVariant& variant, const Shape& shape) {
  return variant.format + "/" + variant.source + "/" + variant.name + " of " +
         std::to_string(shape.m) + " x " + std::to_string(shape.n) + " x " +
         std::to_string(shape.k);
}

/// The variant agrees with float64 and takes time.
void expect_agreement(const KernelVariant& variant, const Shape& shape) {
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

/// Every variant of the operation that accepts the shape.
void expect_agreement(Device& device, Operation operation, const Shape& shape) {
  for (const KernelVariant& variant : device.variants()) {
    if (variant.operation == operation && variant.accepts(shape)) expect_agreement(variant, shape);
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

/// Every device can run these; variants compiled at run time are like any other.
TEST(CudaGemm, CompiledAtRunTimeAgreesWithFloat64OnTheDevice) {
  std::vector<GemmTile> tiles;
  for (const char* text : {"96x64x64-4-2x2", "32x128x64-4-1x4", "96x64x128-3-2x2"}) {
    tiles.push_back(parse_gemm_tile(text).tile);
  }
  const OpenedDevice opened = open_cuda(0, tiles);
  if (!opened.device) GTEST_SKIP() << "SKIP: " << opened.reason;
  int tried = 0;
  for (const KernelVariant& variant : opened.device->variants()) {
    if (!variant.name.starts_with("nvrtc-")) continue;
    ++tried;
    for (const Shape& shape : {Shape{.m = 1, .n = 1, .k = 128}, Shape{.m = 257, .n = 333, .k = 640},
                               Shape{.m = 2000, .n = 4104, .k = 1040}}) {
      expect_agreement(variant, shape);
    }
  }
  if (tried == 0) GTEST_SKIP() << "SKIP: " << opened.left_out.at(0);
  EXPECT_GE(tried, 4);
}

TEST(CudaArithmeticPeak, AgreesWithFloat64OnTheDevice) {
  const OpenedDevice opened = open_cuda(0);
  if (!opened.device) GTEST_SKIP() << "SKIP: " << opened.reason;
  expect_agreement(*opened.device, Operation::arithmetic_peak, {});
}

}  // namespace
}  // namespace microdc::kernels::cuda
