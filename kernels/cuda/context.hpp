// One CUDA device in use: its limits, its stream, and the memory that pushes everything else out
// of its L2 cache.
#pragma once

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/limits.hpp"

namespace microdc::kernels::cuda {

class Context {
 public:
  /// Makes device `index` the current one of this thread. Throws Error.
  explicit Context(int index);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  [[nodiscard]] int index() const { return index_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// "00000000:17:00.0", as NVML knows the device too.
  [[nodiscard]] const std::string& pci_bus() const { return pci_bus_; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] cudaStream_t stream() const { return stream_; }

  /// Queues the reading of twice the L2 cache on the stream. Reading, since lines that a write
  /// leaves behind would cost the next kernel their write-back.
  void evict_l2();
  /// Waits for all work on the stream; throws what went wrong in it.
  void synchronize(const std::string& what);

 private:
  int index_;
  std::string name_, pci_bus_;
  Limits limits_;
  cudaStream_t stream_ = nullptr;
  DeviceMemory eviction_;
};

}  // namespace microdc::kernels::cuda
