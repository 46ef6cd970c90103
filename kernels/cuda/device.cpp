#include "kernels/cuda/device.hpp"

#include <cuda_runtime_api.h>

#include "kernels/cuda/context.hpp"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/nvml.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr Capability oldest_capability = 80;

class CudaDevice final : public Device {
 public:
  /// Adds to `left_out` the tiles that cannot be compiled for it.
  CudaDevice(int index, const std::vector<GemmTile>& further_tiles,
             std::vector<std::string>& left_out)
      : context_(index),
        sensors_(context_.pci_bus()),
        registry_(registry_with(compile_tiles(further_tiles, context_.limits(), left_out))),
        variants_(variants_for(registry_, context_)) {}

  std::string name() const override { return context_.name(); }
  bool is_cpu() const override { return false; }
  int multiprocessors() const override { return context_.limits().multiprocessors; }
  std::int64_t memory_bytes() const override { return context_.limits().memory_bytes; }
  std::int64_t last_level_cache_bytes() const override { return context_.limits().l2_bytes; }
  const std::vector<KernelVariant>& variants() const override { return variants_; }
  SensorReading read_sensors() override { return sensors_.read(); }
  std::string energy_gap() const override { return sensors_.energy_gap(); }

 private:
  Context context_;
  Nvml sensors_;
  Registry registry_;
  std::vector<KernelVariant> variants_;
};

std::string too_old(int index) {
  cudaDeviceProp properties{};
  check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
  if (properties.major * 10 + properties.minor >= oldest_capability) return {};
  return std::string(static_cast<const char*>(properties.name)) + " has compute capability " +
         std::to_string(properties.major) + "." + std::to_string(properties.minor) +
         "; the kernels need 8.0 (Ampere) or later";
}

}  // namespace

OpenedDevice open_cuda(int index, const std::vector<GemmTile>& further_tiles) {
  int count = 0;
  if (const cudaError_t status = cudaGetDeviceCount(&count); status != cudaSuccess) {
    cudaGetLastError();
    return {nullptr, std::string("no usable CUDA device: ") + cudaGetErrorString(status), {}};
  }
  if (index < 0 || index >= count) {
    return {nullptr,
            "there is no CUDA device " + std::to_string(index) + "; the machine has " +
                std::to_string(count),
            {}};
  }
  try {
    if (std::string reason = too_old(index); !reason.empty()) {
      return {nullptr, std::move(reason), {}};
    }
    OpenedDevice opened;
    opened.device = std::make_unique<CudaDevice>(index, further_tiles, opened.left_out);
    return opened;
  } catch (const Error& error) {
    return {
        nullptr, "CUDA device " + std::to_string(index) + " cannot be used: " + error.what(), {}};
  }
}

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return 0;
  }
  return count;
}

}  // namespace microdc::kernels::cuda
