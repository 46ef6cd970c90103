#include <algorithm>

#include "kernels/cuda/device_buffer.hpp"

namespace microdc::kernels::cuda {

int slots_needed(std::size_t slot_bytes, std::int64_t l2_bytes, std::size_t free_bytes) {
  const std::size_t cold = 4 * static_cast<std::size_t>(l2_bytes) / slot_bytes + 1;
  const std::size_t most = std::max<std::size_t>(1, free_bytes / 2 / slot_bytes);
  return static_cast<int>(std::min({cold, most, std::size_t{4096}}));
}

}  // namespace microdc::kernels::cuda
