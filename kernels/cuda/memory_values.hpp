// What the memory kernels write.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

inline constexpr float triad_factor = 0.75f;
/// Words over which the blocks of a read spread their results.
inline constexpr int read_result_words = 256;

/// First of the four consecutive words of vector `index` after a write with this seed. As floats
/// they lie in [1, 2), so that none looks like memory that nobody wrote.
MICRODC_HD constexpr std::uint32_t written_word(std::uint32_t seed, std::int64_t index) {
  return 0x3f800000u | (((static_cast<std::uint32_t>(index) ^ seed) * 0x9E3779B1u) >> 11 << 2);
}

}  // namespace microdc::kernels::cuda
