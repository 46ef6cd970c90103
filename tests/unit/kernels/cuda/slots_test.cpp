#include <gtest/gtest.h>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/nvml.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr std::int64_t l2 = 50 << 20;
constexpr std::size_t plenty = std::size_t{80} << 30;

TEST(CudaSlots, ExceedFourTimesTheCache) {
  for (const std::size_t bytes :
       {std::size_t{1} << 20, std::size_t{7'777'777}, std::size_t{1} << 33}) {
    EXPECT_GT(static_cast<std::size_t>(slots_needed(bytes, l2, plenty)) * bytes,
              4 * static_cast<std::size_t>(l2))
        << bytes;
  }
}

TEST(CudaSlots, LeaveHalfOfTheMemoryFreeAndAreNeverNone) {
  EXPECT_EQ(slots_needed(100 << 20, l2, 400 << 20), 2);
  EXPECT_EQ(slots_needed(std::size_t{1} << 30, l2, 1 << 20), 1);
  EXPECT_LE(slots_needed(16, l2, plenty), 4096);
}

TEST(CudaNvml, SaysWhatSlowsTheDeviceDown) {
  EXPECT_TRUE(throttle_reason_names(0x03).empty());  // idle, application clocks
  EXPECT_EQ(throttle_reason_names(0x44),
            (std::vector<std::string>{"software power cap", "hardware thermal slowdown"}));
}

TEST(CudaNvml, EitherMeasuresEnergyOrSaysWhyNot) {
  const Nvml sensors("00000000:FF:1F.0");  // no machine has a GPU there
  EXPECT_FALSE(sensors.energy_gap().empty());
  EXPECT_FALSE(sensors.read().energy_joules.has_value());
}

}  // namespace
}  // namespace microdc::kernels::cuda
