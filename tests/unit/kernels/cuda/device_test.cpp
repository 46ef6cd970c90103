#include "kernels/cuda/device.hpp"

#include <gtest/gtest.h>

namespace microdc::kernels::cuda {
namespace {

TEST(CudaDevice, ThatIsNotThereIsAReason) {
  const OpenedDevice opened = open_cuda(1000);
  EXPECT_EQ(opened.device, nullptr);
  EXPECT_FALSE(opened.reason.empty());
}

TEST(CudaDevice, OfTheMachineOpensAndHasVariants) {
  const OpenedDevice opened = open_cuda(0);
  if (!opened.device) GTEST_SKIP() << "SKIP: " << opened.reason;
  EXPECT_FALSE(opened.device->name().empty());
  EXPECT_GT(opened.device->memory_bytes(), 0);
  EXPECT_FALSE(opened.device->variants().empty());
}

}  // namespace
}  // namespace microdc::kernels::cuda
