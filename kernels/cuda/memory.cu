#include <algorithm>
#include <string>

#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/memory.cuh"
#include "kernels/cuda/memory_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

/// One tile per block, or as many blocks as the device holds at once.
enum class Schedule { tiles, resident };

template <Operation Kind, int Unroll, bool Streaming>
struct MemoryLauncher {
  static const void* kernel() {
    if constexpr (Kind == Operation::memory_read)
      return reinterpret_cast<const void*>(&read_memory<Unroll, Streaming>);
    if constexpr (Kind == Operation::memory_write)
      return reinterpret_cast<const void*>(&write_memory<Unroll, Streaming>);
    if constexpr (Kind == Operation::memory_copy)
      return reinterpret_cast<const void*>(&copy_memory<Unroll, Streaming>);
    if constexpr (Kind == Operation::memory_triad)
      return reinterpret_cast<const void*>(&triad_memory<Unroll, Streaming>);
  }

  static void launch(const MemoryCall& c) {
    auto* to = static_cast<uint4*>(c.to);
    const auto* a = static_cast<const uint4*>(c.a);
    const auto* b = static_cast<const uint4*>(c.b);
    if constexpr (Kind == Operation::memory_read)
      read_memory<Unroll, Streaming><<<c.blocks, memory_threads, 0, c.stream>>>(
          a, c.vectors, static_cast<std::uint32_t*>(c.to));
    if constexpr (Kind == Operation::memory_write)
      write_memory<Unroll, Streaming>
          <<<c.blocks, memory_threads, 0, c.stream>>>(to, c.vectors, write_seed);
    if constexpr (Kind == Operation::memory_copy)
      copy_memory<Unroll, Streaming><<<c.blocks, memory_threads, 0, c.stream>>>(to, a, c.vectors);
    if constexpr (Kind == Operation::memory_triad)
      triad_memory<Unroll, Streaming>
          <<<c.blocks, memory_threads, 0, c.stream>>>(to, a, b, c.vectors);
  }
};

template <Operation Kind, int Unroll, bool Streaming>
void add_memory_variant(Registry& registry, Schedule schedule) {
  using Launcher = MemoryLauncher<Kind, Unroll, Streaming>;
  const std::string name = "unroll" + std::to_string(Unroll) + (Streaming ? "-streaming" : "") +
                           (schedule == Schedule::resident ? "-resident" : "");
  const auto blocks = [schedule](const Limits& limits, std::int64_t vectors) {
    constexpr std::int64_t tile = std::int64_t{Unroll} * memory_threads;
    const std::int64_t tiles = (vectors + tile - 1) / tile;
    if (schedule == Schedule::tiles) return tiles;
    return std::min<std::int64_t>(
        tiles, resident_blocks(Launcher::kernel(), memory_threads, 0) * limits.multiprocessors);
  };
  registry.add({.operation = Kind,
                .format = "fp32",
                .name = name,
                .accepts = accepts_memory(Kind),
                .prepare = prepare_memory(Kind, &Launcher::launch, blocks)});
}

template <Operation Kind>
void add_operation(Registry& registry) {
  add_memory_variant<Kind, 1, false>(registry, Schedule::tiles);
  add_memory_variant<Kind, 2, false>(registry, Schedule::tiles);
  add_memory_variant<Kind, 4, false>(registry, Schedule::tiles);
  add_memory_variant<Kind, 8, false>(registry, Schedule::tiles);
  add_memory_variant<Kind, 1, true>(registry, Schedule::tiles);
  add_memory_variant<Kind, 2, true>(registry, Schedule::tiles);
  add_memory_variant<Kind, 4, true>(registry, Schedule::tiles);
  add_memory_variant<Kind, 8, true>(registry, Schedule::tiles);
  add_memory_variant<Kind, 4, true>(registry, Schedule::resident);
  add_memory_variant<Kind, 8, true>(registry, Schedule::resident);
}

}  // namespace

void add_memory(Registry& registry) {
  add_operation<Operation::memory_read>(registry);
  add_operation<Operation::memory_write>(registry);
  add_operation<Operation::memory_copy>(registry);
  add_operation<Operation::memory_triad>(registry);
  registry.add({.operation = Operation::memory_copy,
                .format = "fp32",
                .source = "cudamemcpy",
                .name = "device-to-device",
                .accepts = accepts_memory(Operation::memory_copy),
                .prepare = prepare_memory(
                    Operation::memory_copy,
                    [](const MemoryCall& c) {
                      check(cudaMemcpyAsync(c.to, c.a, static_cast<std::size_t>(c.vectors) * 16,
                                            cudaMemcpyDeviceToDevice, c.stream),
                            "cudaMemcpyAsync");
                    },
                    [](const Limits&, std::int64_t) { return std::int64_t{1}; })});
}

}  // namespace microdc::kernels::cuda
