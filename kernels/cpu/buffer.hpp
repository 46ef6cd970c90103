// Memory for measurements: page-aligned, first touched by the threads that will use it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "kernels/cpu/thread_pool.hpp"

namespace microdc::kernels {

/// Uninitialised elements of a trivial type.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(std::int64_t count)
      : count_(count),
        memory_(static_cast<T*>(std::aligned_alloc(
            alignment,
            (static_cast<std::size_t>(count) * sizeof(T) + alignment) / alignment * alignment))) {
    if (!memory_) throw std::bad_alloc();
  }

  [[nodiscard]] T* data() const { return memory_.get(); }
  [[nodiscard]] std::int64_t size() const { return count_; }
  T& operator[](std::int64_t i) const { return memory_.get()[i]; }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  static constexpr std::size_t alignment = 4096;

  std::int64_t count_ = 0;
  std::unique_ptr<T, Free> memory_;
};

/// Memory that Linux could hand out now without swapping [byte].
std::int64_t available_memory();

/// Numbers that look like N(0,1), a function of seed and index alone: sums of four uniform ones.
float normal_like(std::uint64_t seed, std::uint64_t index);

/// A matrix of such numbers as large as needed out of a small table: rows start at different places
/// of it. Random enough that neither caches nor power meters see a pattern, and as fast as a copy.
class RandomMatrix {
 public:
  RandomMatrix(std::uint64_t seed, std::int64_t columns);
  /// Row `row`, `columns` elements.
  [[nodiscard]] const float* row(std::int64_t row) const {
    return table_.data() + (row * 7919) % starts;
  }

 private:
  static constexpr std::int64_t starts = 65521;
  Buffer<float> table_;
};

}  // namespace microdc::kernels
