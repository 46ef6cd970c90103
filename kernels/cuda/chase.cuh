// Pointer chase: every load depends on the one before.
#pragma once

#include "kernels/cuda/chase.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

inline constexpr int chase_line_bytes = 128;
inline constexpr int chase_words_per_line = chase_line_bytes / 4;

/// Writes each line's successor into its first word.
__global__ void lay_chase_path(std::uint32_t* lines, std::uint32_t count) {
  const ChasePath path(count);
  const std::uint64_t step = static_cast<std::uint64_t>(gridDim.x) * blockDim.x;
  for (std::uint64_t i = static_cast<std::uint64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
       i < count; i += step) {
    lines[i * chase_words_per_line] = path.next(static_cast<std::uint32_t>(i));
  }
}

/// One thread follows the path for `hops` from `*position`, where it leaves the line it reached.
__global__ void __launch_bounds__(1)
    chase(const std::uint32_t* lines, int hops, std::uint32_t* position) {
  std::uint64_t line = *position;
#pragma unroll 1
  for (int i = 0; i < hops; i += 8) {
#pragma unroll
    for (int j = 0; j < 8; ++j) line = __ldcg(lines + line * chase_words_per_line);
  }
  *position = static_cast<std::uint32_t>(line);
}

}  // namespace microdc::kernels::cuda
