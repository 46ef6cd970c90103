// Questions to the CUDA runtime about how a kernel can be launched.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>

#include "kernels/cuda/error.hpp"

namespace microdc::kernels::cuda {

/// Blocks of `threads` that one multiprocessor holds at once; at least 1.
inline int resident_blocks(const void* kernel, int threads, int shared_bytes) {
  int blocks = 0;
  check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, kernel, threads,
                                                      static_cast<std::size_t>(shared_bytes)),
        "cudaOccupancyMaxActiveBlocksPerMultiprocessor");
  return std::max(blocks, 1);
}

/// Lets a kernel's blocks ask for this much dynamic shared memory.
inline void allow_shared_bytes(const void* kernel, int bytes) {
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes),
        "cudaFuncSetAttribute");
}

/// Quotient rounded up, as a grid's dimension.
inline unsigned blocks_for(std::int64_t items, std::int64_t per_block) {
  return static_cast<unsigned>((items + per_block - 1) / per_block);
}

}  // namespace microdc::kernels::cuda
