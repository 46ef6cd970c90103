#include "calibrate/measure/device_entry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "hwprofiles/base/names.hpp"

namespace microdc {
namespace {

constexpr const char* measurer = "microdc calibrate, on this machine";

Figure measured(double value, const MeasuredMachine& machine) {
  return {.value = value, .kind = Provenance::measured, .source = measurer, .date = machine.date};
}

std::optional<Figure> peak_of(const DeviceLimits& limits, const MeasuredMachine& machine,
                              std::initializer_list<const char*> formats) {
  double best = 0;
  for (const char* format : formats) {
    const auto peak = limits.peak.find(format);
    if (peak != limits.peak.end()) best = std::max(best, peak->second);
  }
  return best > 0 ? std::optional(measured(best, machine)) : std::nullopt;
}

/// "AMD EPYC 9755 128-Core Processor" as a file name: letters, digits and single dashes.
std::string file_name(const std::string& text) {
  std::string name;
  for (const char c : lower_case(text)) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += c;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return name;
}

std::string vendor_of(const std::string& name) {
  for (const char* vendor : {"AMD", "Intel", "NVIDIA", "Ampere", "Apple"}) {
    if (name.find(vendor) != std::string::npos) return vendor;
  }
  return "unknown";
}

double quantile_of(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
}

/// Cores times watts per core of the catalog's CPUs of this vendor, of all if it has none; nothing
/// if no CPU of the catalog has the figure.
std::optional<Figure> watts_by_cores(std::optional<Figure> Cpu::*figure,
                                     const MeasuredMachine& machine, const std::string& vendor,
                                     const HardwareCatalog& catalog) {
  std::vector<double> same, all;
  for (const auto& [name, cpu] : catalog.cpus()) {
    const std::optional<Figure>& watts = cpu.*figure;
    if (!watts || !(watts->value > 0) || cpu.cores < 1) continue;
    const double per_core = watts->value / static_cast<double>(cpu.cores);
    all.push_back(per_core);
    if (cpu.vendor == vendor) same.push_back(per_core);
  }
  std::vector<double>& known = same.empty() ? all : same;
  if (known.empty()) return std::nullopt;
  std::sort(known.begin(), known.end());
  const auto cores = static_cast<double>(machine.multiprocessors);
  return Figure{.value = cores * quantile_of(known, 0.5),
                .low = cores * known.front(),
                .high = cores * known.back(),
                .kind = Provenance::assumed,
                .source = fmt::format("not measured: cores x median watts per core of the {} CPUs "
                                      "of {} in the catalog; range: lowest and highest",
                                      known.size(), same.empty() ? "any vendor" : vendor),
                .date = machine.date};
}

Cpu cpu_of(const MeasuredMachine& machine, const DeviceLimits& limits,
           const HardwareCatalog& catalog) {
  const std::string vendor = vendor_of(machine.name);
  Cpu cpu{.name = fmt::format("{}-{}-cores", file_name(machine.name), machine.multiprocessors),
          .label = fmt::format("{}, {} cores, as measured", machine.name, machine.multiprocessors),
          .vendor = vendor,
          .architecture = "as measured",
          .cores = machine.multiprocessors,
          .memory_bandwidth = measured(limits.bandwidth, machine),
          .memory = measured(machine.memory, machine),
          .peak_fp32 = peak_of(limits, machine, {"fp32"}),
          .peak_bf16 = peak_of(limits, machine, {"bf16", "fp16", "fp32"}),
          .peak_int8 = peak_of(limits, machine, {"int8"}),
          .tdp = watts_by_cores(&Cpu::tdp, machine, vendor, catalog)};
  // With an energy counter the measured idle share of the power law holds.
  if (!machine.energy_gap.empty()) {
    cpu.idle_power = watts_by_cores(&Cpu::idle_power, machine, vendor, catalog);
  }
  if (machine.cache > 0) cpu.last_level_cache = measured(machine.cache, machine);
  return cpu;
}

Accelerator accelerator_of(const MeasuredMachine& machine, const DeviceLimits& limits) {
  Accelerator item{.name = file_name(machine.name) + "-measured",
                   .label = machine.name + ", as measured",
                   .vendor = vendor_of(machine.name),
                   .architecture = "as measured",
                   .memory = measured(machine.memory, machine),
                   .memory_bandwidth = measured(limits.bandwidth, machine),
                   .multiprocessors = machine.multiprocessors,
                   .peak_fp32 = peak_of(limits, machine, {"fp32"}),
                   .peak_bf16 = peak_of(limits, machine, {"bf16", "fp16"}),
                   .peak_fp8 = peak_of(limits, machine, {"fp8"}),
                   .peak_int8 = peak_of(limits, machine, {"int8"}),
                   .peak_fp4 = peak_of(limits, machine, {"nvfp4"})};
  if (machine.cache > 0) item.l2_cache = measured(machine.cache, machine);
  return item;
}

/// The CPU-only server of the catalog with the fewest sockets and least power beside them.
std::optional<ServerType> server_of(const Cpu& cpu, const MeasuredMachine& machine,
                                    const HardwareCatalog& catalog) {
  const ServerType* model = nullptr;
  const auto base = [](const ServerType& server) {
    return server.base_power ? server.base_power->value : 0;
  };
  for (const auto& [name, server] : catalog.servers()) {
    if (!server.accelerator.empty()) continue;
    if (!model || server.sockets < model->sockets ||
        (server.sockets == model->sockets && base(server) < base(*model))) {
      model = &server;
    }
  }
  if (!model) return std::nullopt;
  ServerType server = *model;
  server.name = cpu.name + "-server";
  server.label = "Server with " + cpu.label;
  server.cpu = cpu.name;
  server.sockets = 1;
  server.memory = measured(machine.memory, machine);
  server.price.reset();
  server.price_without_processors.reset();
  return server;
}

}  // namespace

Result<DeviceEntry> device_entry(const MeasuredMachine& machine, const DeviceLimits& limits,
                                 const HardwareCatalog& catalog) {
  if (machine.is_cpu) {
    const Cpu* cpu = catalog.cpu(machine.name);
    if (cpu && cpu->cores == machine.multiprocessors) return DeviceEntry{cpu->name, true};
  } else if (const Accelerator* accelerator = catalog.accelerator(machine.name)) {
    return DeviceEntry{accelerator->name, true};
  }
  if (!(limits.bandwidth > 0) || limits.peak.empty()) {
    return Diagnostic{.message = "memory bandwidth and arithmetic peak have not been measured yet",
                      .found = machine.name,
                      .fix = "let the run go on until they are: the same command again"};
  }
  DeviceEntry entry;
  if (machine.is_cpu) {
    entry.cpu = cpu_of(machine, limits, catalog);
    entry.name = entry.cpu->name;
    entry.server = server_of(*entry.cpu, machine, catalog);
  } else {
    entry.accelerator = accelerator_of(machine, limits);
    entry.name = entry.accelerator->name;
  }
  return entry;
}

HardwareCatalog with_entry(HardwareCatalog catalog, const DeviceEntry& entry) {
  if (entry.cpu) catalog.add(*entry.cpu);
  if (entry.accelerator) catalog.add(*entry.accelerator);
  if (entry.server) catalog.add(*entry.server);
  return catalog;
}

}  // namespace microdc
