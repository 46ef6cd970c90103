#include "kernels/cuda/nvml.hpp"

#include <dlfcn.h>

#include <array>

namespace microdc::kernels::cuda {
namespace {

// The part of NVML's stable C interface that is used here (NVIDIA Management Library reference).
using Status = int;  // 0: success
constexpr Status success = 0;
constexpr int clock_sm = 1;
constexpr int temperature_gpu = 0;

struct ReasonName {
  unsigned long long bit;
  const char* name;
};

constexpr std::array<ReasonName, 7> reason_names{{
    {0x04, "software power cap"},
    {0x08, "hardware slowdown"},
    {0x10, "sync boost"},
    {0x20, "software thermal slowdown"},
    {0x40, "hardware thermal slowdown"},
    {0x80, "hardware power brake"},
    {0x100, "display clock setting"},
}};

struct CloseLibrary {
  void operator()(void* handle) const { dlclose(handle); }
};

}  // namespace

struct Nvml::Library {
  std::unique_ptr<void, CloseLibrary> handle;
  Status (*init)() = nullptr;
  Status (*shutdown)() = nullptr;
  const char* (*error_string)(Status) = nullptr;
  Status (*handle_by_bus)(const char*, void**) = nullptr;
  Status (*total_energy)(void*, unsigned long long*) = nullptr;  // mJ
  Status (*power_usage)(void*, unsigned*) = nullptr;             // mW
  Status (*power_limit)(void*, unsigned*) = nullptr;             // mW
  Status (*clock)(void*, int, unsigned*) = nullptr;              // MHz
  Status (*temperature)(void*, int, unsigned*) = nullptr;        // degree Celsius
  Status (*throttle_reasons)(void*, unsigned long long*) = nullptr;

  template <class Function>
  bool find(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(dlsym(handle.get(), name));
    return function != nullptr;
  }

  /// False if one of the functions is missing.
  bool find_all() {
    bool found = find(init, "nvmlInit_v2");
    found &= find(shutdown, "nvmlShutdown");
    found &= find(error_string, "nvmlErrorString");
    found &= find(handle_by_bus, "nvmlDeviceGetHandleByPciBusId_v2");
    found &= find(total_energy, "nvmlDeviceGetTotalEnergyConsumption");
    found &= find(power_usage, "nvmlDeviceGetPowerUsage");
    found &= find(power_limit, "nvmlDeviceGetEnforcedPowerLimit");
    found &= find(clock, "nvmlDeviceGetClockInfo");
    found &= find(temperature, "nvmlDeviceGetTemperature");
    found &= find(throttle_reasons, "nvmlDeviceGetCurrentClocksThrottleReasons");
    return found;
  }
};

Nvml::Nvml(const std::string& pci_bus) {
  auto library = std::make_unique<Library>();
  library->handle.reset(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL));
  if (!library->handle) {
    energy_gap_ = "libnvidia-ml.so.1 (part of NVIDIA's driver) cannot be loaded";
    return;
  }
  if (!library->find_all()) {
    energy_gap_ = "libnvidia-ml.so.1 lacks a function that is needed; the driver is too old";
    return;
  }
  if (const Status status = library->init(); status != success) {
    energy_gap_ = std::string("NVML does not start: ") + library->error_string(status);
    return;
  }
  library_ = std::move(library);
  if (const Status status = library_->handle_by_bus(pci_bus.c_str(), &device_); status != success) {
    device_ = nullptr;
    energy_gap_ = std::string("NVML does not know the device: ") + library_->error_string(status);
    return;
  }
  unsigned long long energy = 0;
  if (const Status status = library_->total_energy(device_, &energy); status != success) {
    energy_gap_ =
        std::string("the device has no energy counter: ") + library_->error_string(status);
  }
}

Nvml::~Nvml() {
  if (library_) library_->shutdown();
}

SensorReading Nvml::read() const {
  SensorReading reading;
  if (device_ == nullptr) return reading;
  unsigned long long wide = 0;
  unsigned value = 0;
  if (library_->total_energy(device_, &wide) == success) {
    reading.energy_joules = static_cast<double>(wide) * 1e-3;
  }
  if (library_->power_usage(device_, &value) == success) reading.power_watts = value * 1e-3;
  if (library_->power_limit(device_, &value) == success) reading.power_limit_watts = value * 1e-3;
  if (library_->clock(device_, clock_sm, &value) == success) reading.clock_hz = value * 1e6;
  if (library_->temperature(device_, temperature_gpu, &value) == success) {
    reading.temperature_celsius = value;
  }
  if (library_->throttle_reasons(device_, &wide) == success) {
    reading.throttle_reasons = throttle_reason_names(wide);
  }
  return reading;
}

std::vector<std::string> throttle_reason_names(unsigned long long bits) {
  std::vector<std::string> names;
  for (const ReasonName& reason : reason_names) {
    if ((bits & reason.bit) != 0) names.emplace_back(reason.name);
  }
  return names;
}

}  // namespace microdc::kernels::cuda
