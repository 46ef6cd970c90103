#include "kernels/cuda/device_buffer.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "kernels/cuda/error.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr std::size_t alignment = 256;

std::size_t rounded_up(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

}  // namespace

DeviceMemory::DeviceMemory(std::size_t bytes) : bytes_(bytes) {
  check(cudaMalloc(&data_, bytes), "cudaMalloc of " + std::to_string(bytes) + " bytes");
}

DeviceMemory::~DeviceMemory() {
  // An error here belongs to earlier work, whose synchronisation reports it.
  if (data_ != nullptr) cudaFree(data_);
}

DeviceMemory::DeviceMemory(DeviceMemory&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

DeviceMemory& DeviceMemory::operator=(DeviceMemory&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

RotatedBuffers::RotatedBuffers(const Limits& limits, std::vector<std::size_t> operand_bytes)
    : sizes_(std::move(operand_bytes)) {
  for (const std::size_t bytes : sizes_) {
    offsets_.push_back(slot_bytes_);
    slot_bytes_ += rounded_up(bytes) + guard_bytes;
  }
  std::size_t free_bytes = 0;
  std::size_t total_bytes = 0;
  check(cudaMemGetInfo(&free_bytes, &total_bytes), "cudaMemGetInfo");
  slots_ = slots_needed(slot_bytes_, limits.l2_bytes, free_bytes);
  memory_ = DeviceMemory(slot_bytes_ * static_cast<std::size_t>(slots_));
}

void* RotatedBuffers::at(int slot, std::size_t operand) const {
  return memory_.as<std::byte>() + slot_bytes_ * static_cast<std::size_t>(slot) + offsets_[operand];
}

}  // namespace microdc::kernels::cuda
