#include "kernels/cuda/bulk_copy.cuh"

#include <algorithm>
#include <string>

#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/memory_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

template <int ChunkBytes, int Stages>
void add_bulk_copy(Registry& registry) {
  constexpr int shared_bytes = ChunkBytes * Stages;
  const auto launch = [](const MemoryCall& c) {
    bulk_copy<ChunkBytes, Stages><<<c.blocks, 32, shared_bytes, c.stream>>>(
        static_cast<char*>(c.to), static_cast<const char*>(c.a), c.vectors * 16);
  };
  const auto blocks = [](const Limits& limits, std::int64_t vectors) {
    const auto* kernel = reinterpret_cast<const void*>(&bulk_copy<ChunkBytes, Stages>);
    allow_shared_bytes(kernel, shared_bytes);
    const std::int64_t chunks = (vectors * 16 + ChunkBytes - 1) / ChunkBytes;
    return std::min<std::int64_t>(
        chunks, resident_blocks(kernel, 32, shared_bytes) * limits.multiprocessors);
  };
  registry.add({.operation = Operation::memory_copy,
                .format = "fp32",
                .name = "bulk-" + std::to_string(ChunkBytes / 1024) + "KiB-" +
                        std::to_string(Stages) + "stages",
                .target = Target::sm_90_up,
                .shared_bytes = shared_bytes,
                .accepts = accepts_memory(Operation::memory_copy),
                .prepare = prepare_memory(Operation::memory_copy, launch, blocks)});
}

}  // namespace

void add_bulk_copies(Registry& registry) {
  add_bulk_copy<4096, 8>(registry);
  add_bulk_copy<8192, 4>(registry);
  add_bulk_copy<16384, 4>(registry);
}

}  // namespace microdc::kernels::cuda
