// Device memory: owned blocks, and operands in enough copies that no call finds its own in the L2
// cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cuda/limits.hpp"

namespace microdc::kernels::cuda {

/// A block of device memory, freed with the object.
class DeviceMemory {
 public:
  DeviceMemory() = default;
  /// Throws OutOfMemory.
  explicit DeviceMemory(std::size_t bytes);
  ~DeviceMemory();
  DeviceMemory(DeviceMemory&& other) noexcept;
  DeviceMemory& operator=(DeviceMemory&& other) noexcept;

  [[nodiscard]] void* data() const { return data_; }
  template <class T>
  [[nodiscard]] T* as() const {
    return static_cast<T*>(data_);
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  std::size_t bytes_ = 0;
};

/// Copies (slots) of a kernel's operands that together exceed four times the L2 cache. Operands
/// start at multiples of 256 bytes, each followed by at least `guard_bytes` that no kernel may
/// touch.
class RotatedBuffers {
 public:
  static constexpr std::size_t guard_bytes = 256;

  /// Throws OutOfMemory if not even one slot fits.
  RotatedBuffers(const Limits& limits, std::vector<std::size_t> operand_bytes);

  [[nodiscard]] int slots() const { return slots_; }
  [[nodiscard]] void* at(int slot, std::size_t operand) const;
  template <class T>
  [[nodiscard]] T* as(int slot, std::size_t operand) const {
    return static_cast<T*>(at(slot, operand));
  }
  [[nodiscard]] std::size_t operand_bytes(std::size_t operand) const { return sizes_[operand]; }

 private:
  std::vector<std::size_t> sizes_, offsets_;
  std::size_t slot_bytes_ = 0;
  int slots_ = 1;
  DeviceMemory memory_;
};

/// How many slots of `slot_bytes` exceed four times the L2 cache without taking more than half of
/// `free_bytes`; at least 1, at most 4096.
int slots_needed(std::size_t slot_bytes, std::int64_t l2_bytes, std::size_t free_bytes);

}  // namespace microdc::kernels::cuda
