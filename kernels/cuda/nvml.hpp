// NVIDIA's management library, loaded at run time with own prototypes: it comes with the driver,
// its header does not always.
#pragma once

#include <memory>
#include <string>

#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

/// The sensors of one device.
class Nvml {
 public:
  /// `pci_bus` as cudaDeviceGetPCIBusId gives it. Never throws: without the library or the device
  /// all readings are empty and `gap` says why.
  explicit Nvml(const std::string& pci_bus);
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  [[nodiscard]] SensorReading read() const;
  /// Why energy is not measured; empty if it is.
  [[nodiscard]] const std::string& energy_gap() const { return energy_gap_; }

 private:
  struct Library;
  std::unique_ptr<Library> library_;
  void* device_ = nullptr;
  std::string energy_gap_;
};

/// Names of the bits of NVML's clock event (throttle) reasons; those that slow nothing down (idle,
/// application clocks) are left out.
std::vector<std::string> throttle_reason_names(unsigned long long bits);

}  // namespace microdc::kernels::cuda
