#include "sim/planning/forecast/next_rack.hpp"

namespace microdc {
namespace {

const char* const suffix = "@next";

void scale(std::optional<Figure>& figure, double factor) {
  if (!figure) return;
  figure->value *= factor;
  figure->low.reset();
  figure->high.reset();
  figure->kind = Provenance::derived;
}

template <class Device>
void scale_device(Device& device, const HardwareFactors& factors) {
  // Its own laws are those of the old device; as a relative, these come scaled by the peaks.
  device.relative = device.name;
  device.name += suffix;
  device.aliases.clear();
  scale(device.memory, factors.memory);
  scale(device.memory_bandwidth, factors.bandwidth);
  scale(device.peak_fp32, factors.compute);
  scale(device.peak_bf16, factors.compute);
  scale(device.peak_int8, factors.compute);
}

std::string next_server(const std::string& type, const HardwareFactors& factors,
                        HardwareCatalog& hardware) {
  const ServerType* today = hardware.server(type);
  if (today == nullptr) return type;
  ServerType next = *today;
  next.name += suffix;
  if (hardware.server(next.name) != nullptr) return next.name;
  if (next.accelerator.empty()) {
    const Cpu* today_cpu = hardware.cpu(next.cpu);
    if (today_cpu == nullptr) return type;
    Cpu cpu = *today_cpu;
    scale_device(cpu, factors);
    scale(next.memory, factors.memory);
    next.cpu = cpu.name;
    hardware.add(std::move(cpu));
  } else {
    const Accelerator* today_accelerator = hardware.accelerator(next.accelerator);
    if (today_accelerator == nullptr) return type;
    Accelerator accelerator = *today_accelerator;
    scale_device(accelerator, factors);
    scale(accelerator.peak_fp8, factors.compute);
    scale(accelerator.peak_fp4, factors.compute);
    next.accelerator = accelerator.name;
    hardware.add(std::move(accelerator));
  }
  const std::string name = next.name;
  hardware.add(std::move(next));
  return name;
}

}  // namespace

Scenario on_next_rack(const Scenario& scenario, const HardwareFactors& factors,
                      Catalogs& catalogs) {
  Scenario next = scenario;
  if (factors == HardwareFactors{}) return next;
  for (SiteSpec& site : next.sites) {
    for (RackSpec& rack : site.racks) {
      for (ServerGroupSpec& group : rack.servers) {
        group.type = next_server(group.type, factors, catalogs.hardware);
      }
    }
  }
  return next;
}

}  // namespace microdc
