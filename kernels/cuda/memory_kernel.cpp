#include "kernels/cuda/memory_kernel.hpp"

#include <cuda_runtime.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/memory_values.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr std::int64_t vector_bytes = 16;
constexpr std::size_t words_per_vector = 4;
/// What verify() compares word by word on the host; all of a result is checked for being written.
constexpr std::int64_t window_vectors = 1 << 14;
constexpr std::int64_t windows = 16;

struct Operands {
  int inputs, outputs;
};

Operands operands_of(Operation operation) {
  switch (operation) {
    case Operation::memory_read: return {1, 0};
    case Operation::memory_write: return {0, 1};
    case Operation::memory_copy: return {1, 1};
    default: return {2, 1};
  }
}

std::int64_t vectors_of(Operation operation, const Shape& shape) {
  const Operands operands = operands_of(operation);
  return shape.bytes / (operands.inputs + operands.outputs) / vector_bytes;
}

class MemoryKernel final : public TimedKernel {
 public:
  MemoryKernel(Context& context, Operation operation, const Shape& shape, std::uint64_t seed,
               MemoryLaunch launcher, const MemoryBlocks& blocks)
      : TimedKernel(context),
        operation_(operation),
        operands_(operands_of(operation)),
        vectors_(vectors_of(operation, shape)),
        seed_(seed),
        launch_(launcher),
        blocks_(blocks),
        blocks_of_all_(blocks(context.limits(), vectors_)),
        buffers_(context.limits(), sizes()) {
    for (int slot = 0; slot < buffers_.slots(); ++slot) {
      for (int input = 0; input < operands_.inputs; ++input) {
        fill_random(buffers_.at(slot, place_of_input(input)), Element::fp32,
                    static_cast<std::size_t>(vectors_) * words_per_vector, 1, seed,
                    static_cast<std::uint32_t>(slot * 2 + input), context.stream());
      }
    }
    context.synchronize("filling the operands");
  }

  double bytes() const override {
    return static_cast<double>(vectors_ * vector_bytes) * (operands_.inputs + operands_.outputs);
  }
  double flop() const override {
    return operation_ == Operation::memory_triad ? 8 * static_cast<double>(vectors_) : 0;
  }

  Verification verify() override {
    return operation_ == Operation::memory_read ? verify_read() : verify_result();
  }

 protected:
  void launch(cudaStream_t stream, int slot) override { launch_on(stream, slot, 0, vectors_); }
  int slots() const override { return buffers_.slots(); }

 private:
  /// The result first, then the inputs.
  std::vector<std::size_t> sizes() const {
    const auto operand = static_cast<std::size_t>(vectors_ * vector_bytes);
    std::vector<std::size_t> all{operands_.outputs > 0 ? operand
                                                       : read_result_words * sizeof(std::uint32_t)};
    all.insert(all.end(), static_cast<std::size_t>(operands_.inputs), operand);
    return all;
  }
  static std::size_t place_of_input(int input) { return static_cast<std::size_t>(input) + 1; }

  const void* input(int slot, int index, std::int64_t first) const {
    if (index >= operands_.inputs) return nullptr;
    return buffers_.as<std::byte>(slot, place_of_input(index)) + first * vector_bytes;
  }

  void launch_on(cudaStream_t stream, int slot, std::int64_t first, std::int64_t count) {
    const std::int64_t blocks =
        count == vectors_ ? blocks_of_all_ : blocks_(context().limits(), count);
    launch_({buffers_.at(slot, 0), input(slot, 0, first), input(slot, 1, first), count,
             static_cast<unsigned>(blocks), stream});
    check(cudaGetLastError(), "launch of a memory kernel");
  }

  std::uint32_t mix_of(std::int64_t first, std::int64_t count) {
    const cudaStream_t stream = context().stream();
    check(cudaMemsetAsync(buffers_.at(0, 0), 0, buffers_.operand_bytes(0), stream),
          "cudaMemsetAsync");
    launch_on(stream, 0, first, count);
    std::uint32_t mix = 0;
    for (const std::uint32_t word :
         fetch<std::uint32_t>(buffers_.at(0, 0), read_result_words, stream))
      mix ^= word;
    return mix;
  }

  /// The word of a part that the host can read, and the parts together against the whole.
  Verification verify_read() {
    const std::int64_t part = std::min(vectors_, window_vectors * windows);
    std::uint32_t expected = 0;
    for (const std::uint32_t word : fetch<std::uint32_t>(
             input(0, 0, 0), static_cast<std::size_t>(part) * words_per_vector, context().stream()))
      expected ^= word;
    ErrorMeter meter;
    const std::uint32_t first = mix_of(0, part);
    meter.add_exact(first == expected);
    const std::uint32_t rest = part < vectors_ ? mix_of(part, vectors_ - part) : 0;
    meter.add_exact(mix_of(0, vectors_) == (first ^ rest));
    return meter.result(0);
  }

  Verification verify_result() {
    const cudaStream_t stream = context().stream();
    poison_result(buffers_, 0, 0, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, 0, Element::fp32, stream));
    const std::int64_t last = std::max<std::int64_t>(vectors_ - window_vectors, 0);
    for (const std::int64_t first : sampled_indices(last + 1, windows, seed_))
      compare_window(first, std::min(window_vectors, vectors_ - first), meter);
    return meter.result(operation_ == Operation::memory_triad ? 1e-6 : 0);
  }

  void compare_window(std::int64_t first, std::int64_t count, ErrorMeter& meter) {
    const cudaStream_t stream = context().stream();
    const auto words = static_cast<std::size_t>(count) * words_per_vector;
    const auto load = [&](const void* from) { return fetch<float>(from, words, stream); };
    const auto found = load(buffers_.as<std::byte>(0, 0) + first * vector_bytes);
    const auto a = operands_.inputs > 0 ? load(input(0, 0, first)) : std::vector<float>{};
    const auto b = operands_.inputs > 1 ? load(input(0, 1, first)) : std::vector<float>{};
    for (std::size_t i = 0; i < words; ++i) {
      if (operation_ == Operation::memory_triad) {
        meter.add(found[i], a[i] + triad_factor * static_cast<double>(b[i]));
        continue;
      }
      float expected = 0;
      if (operation_ == Operation::memory_copy) {
        expected = a[i];
      } else {
        const std::uint32_t word =
            written_word(write_seed, first + static_cast<std::int64_t>(i / words_per_vector)) +
            static_cast<std::uint32_t>(i % words_per_vector);
        std::memcpy(&expected, &word, sizeof word);
      }
      meter.add_exact(std::memcmp(&found[i], &expected, sizeof expected) == 0);
    }
  }

  Operation operation_;
  Operands operands_;
  std::int64_t vectors_;
  std::uint64_t seed_;
  MemoryLaunch launch_;
  MemoryBlocks blocks_;
  std::int64_t blocks_of_all_;
  RotatedBuffers buffers_;
};

}  // namespace

std::function<bool(const Limits&, const Shape&)> accepts_memory(Operation operation) {
  return [operation](const Limits& limits, const Shape& shape) {
    return vectors_of(operation, shape) > 0 && shape.bytes <= limits.memory_bytes / 10 * 9;
  };
}

std::function<std::unique_ptr<PreparedKernel>(Context&, const Shape&, std::uint64_t)>
prepare_memory(Operation operation, MemoryLaunch launch, MemoryBlocks blocks) {
  return [=](Context& context, const Shape& shape,
             std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
    return std::make_unique<MemoryKernel>(context, operation, shape, seed, launch, blocks);
  };
}

}  // namespace microdc::kernels::cuda
