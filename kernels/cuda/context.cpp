#include "kernels/cuda/context.hpp"

#include <array>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/fill.hpp"

namespace microdc::kernels::cuda {

Context::Context(int index) : index_(index) {
  check(cudaSetDevice(index), "cudaSetDevice");
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  name_ = static_cast<const char*>(properties.name);
  std::array<char, 32> bus{};
  check(cudaDeviceGetPCIBusId(bus.data(), static_cast<int>(bus.size()), index),
        "cudaDeviceGetPCIBusId");
  pci_bus_ = bus.data();
  limits_.capability = properties.major * 10 + properties.minor;
  limits_.multiprocessors = properties.multiProcessorCount;
  limits_.shared_bytes_per_block = static_cast<int>(properties.sharedMemPerBlockOptin);
  limits_.l2_bytes = properties.l2CacheSize;
  limits_.memory_bytes = static_cast<std::int64_t>(properties.totalGlobalMem);
  eviction_ = DeviceMemory(2 * static_cast<std::size_t>(limits_.l2_bytes));
  check(cudaMemset(eviction_.data(), 0, eviction_.bytes()), "cudaMemset");
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreate");
}

Context::~Context() {
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

void Context::evict_l2() { read_through(eviction_.data(), eviction_.bytes(), stream_); }

void Context::synchronize(const std::string& what) { check(cudaStreamSynchronize(stream_), what); }

}  // namespace microdc::kernels::cuda
