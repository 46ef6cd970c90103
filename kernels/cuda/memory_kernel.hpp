// What the memory operations have in common on the host: operands, checks, counts.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>

#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

/// Operands of one call. A read leaves its read_result_words in `to`.
struct MemoryCall {
  void* to;
  const void* a;
  const void* b;
  std::int64_t vectors;  ///< of 16 bytes, in each operand
  unsigned blocks;
  cudaStream_t stream;
};

inline constexpr std::uint32_t write_seed = 0x5EED;

using MemoryLaunch = void (*)(const MemoryCall&);
/// Size of the grid for a number of vectors.
using MemoryBlocks = std::function<std::int64_t(const Limits&, std::int64_t vectors)>;

/// Shape.bytes counts all operands together; what does not divide by them is left out.
std::function<bool(const Limits&, const Shape&)> accepts_memory(Operation operation);
std::function<std::unique_ptr<PreparedKernel>(Context&, const Shape&, std::uint64_t)>
prepare_memory(Operation operation, MemoryLaunch launch, MemoryBlocks blocks);

}  // namespace microdc::kernels::cuda
