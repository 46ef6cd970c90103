// Instructions that move and convert what registers hold, with the meaning of the PTX manual.
#include "tests/support/device_on_host.hpp"
// After the above.
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

using namespace testing::host_device;

std::uint32_t transpose_matrix(std::uint32_t pair) {
  const int row = lane() / 4, column = lane() % 4 * 2;
  const auto element = [&](int r, int c) {
    return shuffle(pair, r * 4 + c / 2) >> (16 * (c % 2)) & 0xFFFF;
  };
  const std::uint32_t low = element(column, row);
  return low | element(column + 1, row) << 16;
}

std::uint32_t permute_bytes(std::uint32_t low, std::uint32_t high, std::uint32_t selector) {
  std::uint32_t result = __byte_perm(low, high, selector);
  for (int i = 0; i < 4; ++i) {
    if ((selector >> (4 * i) & 8) == 0) continue;
    const std::uint32_t byte = 0xFFU << (8 * i);
    result = (result & byte) >> (8 * i) >= 0x80 ? result | byte : result & ~byte;
  }
  return result;
}

void e4m3_to_halves(std::uint32_t four, std::uint32_t (&pairs)[2]) {
  pairs[0] = pairs[1] = 0;
  for (int i = 0; i < 4; ++i) {
    const auto code = static_cast<__nv_fp8_storage_t>(four >> (8 * i) & 0xFF);
    const __half_raw half = __nv_cvt_fp8_to_halfraw(code, __NV_E4M3);
    pairs[i / 2] |= std::uint32_t{half.x} << (16 * (i % 2));
  }
}

}  // namespace microdc::kernels::cuda
