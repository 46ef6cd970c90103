#include "hwprofiles/laws/device_numbers.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {
namespace {

double value_or_zero(const std::optional<Figure>& figure) { return figure ? figure->value : 0; }

struct Peaks {
  double fp32 = 0, bf16 = 0, fp8 = 0, int8 = 0, fp4 = 0;
  double weight_only = 0;  ///< of what products with integer weights are computed in
};

void set_peaks(DeviceNumbers& numbers, const Peaks& peaks) {
  // Parts without 16-bit matrix units compute in fp32 and the reverse.
  const double half = peaks.bf16 > 0 ? peaks.bf16 : peaks.fp32;
  const double full = peaks.fp32 > 0 ? peaks.fp32 : peaks.bf16;
  const auto set = [&](NumberFormat format, double own, bool quantised) {
    const auto i = static_cast<std::size_t>(format);
    numbers.native[i] = quantised && own > 0;
    numbers.peak[i] = own > 0 ? own : half;
  };
  set(NumberFormat::fp32, full, false);
  set(NumberFormat::fp16, half, false);
  set(NumberFormat::bf16, half, false);
  set(NumberFormat::fp8, peaks.fp8, true);
  set(NumberFormat::fp8_block, peaks.fp8, true);
  set(NumberFormat::int8, peaks.int8, true);
  set(NumberFormat::int8_weight, peaks.weight_only, false);
  set(NumberFormat::int4_weight, peaks.weight_only, false);
  set(NumberFormat::nvfp4, peaks.fp4, true);
  set(NumberFormat::mxfp4, half, false);
}

double link_bandwidth(const HardwareCatalog& catalog, const Accelerator& item) {
  for (const std::string& name : {item.scale_up_link, item.host_link}) {
    const LinkType* link = name.empty() ? nullptr : catalog.link(name);
    if (link && link->bandwidth) return link->bandwidth->value;
  }
  return 0;
}

DeviceNumbers numbers_of(const HardwareCatalog& catalog, const Accelerator& item) {
  DeviceNumbers numbers{.name = item.name,
                        .vendor = item.vendor,
                        .relative = item.relative,
                        .bandwidth = value_or_zero(item.memory_bandwidth),
                        .memory = value_or_zero(item.memory),
                        .cache = value_or_zero(item.l2_cache),
                        .multiprocessors = static_cast<double>(item.multiprocessors.value_or(0)),
                        .tdp = value_or_zero(item.tdp),
                        .idle_power = item.idle_power,
                        .link_bandwidth = link_bandwidth(catalog, item)};
  set_peaks(numbers, {.fp32 = value_or_zero(item.peak_fp32),
                      .bf16 = value_or_zero(item.peak_bf16),
                      .fp8 = value_or_zero(item.peak_fp8),
                      .int8 = value_or_zero(item.peak_int8),
                      .fp4 = value_or_zero(item.peak_fp4)});
  return numbers;
}

DeviceNumbers numbers_of(const Cpu& item) {
  DeviceNumbers numbers{.name = item.name,
                        .vendor = item.vendor,
                        .is_cpu = true,
                        .relative = item.relative,
                        .bandwidth = value_or_zero(item.memory_bandwidth),
                        .memory = value_or_zero(item.memory),
                        .cache = value_or_zero(item.last_level_cache),
                        .multiprocessors = static_cast<double>(item.cores),
                        .tdp = value_or_zero(item.tdp),
                        .idle_power = item.idle_power};
  set_peaks(numbers, {.fp32 = value_or_zero(item.peak_fp32),
                      .bf16 = value_or_zero(item.peak_bf16),
                      .int8 = value_or_zero(item.peak_int8),
                      // Kernels of CPUs quantise the activations block by block, as llama.cpp's.
                      .weight_only = value_or_zero(item.peak_int8)});
  return numbers;
}

Diagnostic unknown_device(const HardwareCatalog& catalog, const std::string& device) {
  std::vector<std::string> names;
  for (const auto& [name, item] : catalog.accelerators()) names.push_back(name);
  for (const auto& [name, item] : catalog.cpus()) names.push_back(name);
  const auto nearest = nearest_match(device, names);
  return {.message = "unknown device",
          .found = device,
          .allowed = join_names(names),
          .fix = nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                         : "add it to hwprofiles/catalog/accelerators or hwprofiles/catalog/cpus"};
}

}  // namespace

Result<DeviceNumbers> device_numbers(const HardwareCatalog& catalog, const std::string& device) {
  DeviceNumbers numbers;
  if (const Accelerator* accelerator = catalog.accelerator(device)) {
    numbers = numbers_of(catalog, *accelerator);
  } else if (const Cpu* cpu = catalog.cpu(device)) {
    numbers = numbers_of(*cpu);
  } else {
    return unknown_device(catalog, device);
  }
  Diagnostics diagnostics;
  if (!(numbers.bandwidth > 0)) {
    diagnostics.add({.message = "the device has no memory bandwidth in the catalog",
                     .found = numbers.name,
                     .fix = "add memory_bandwidth to its catalog file"});
  }
  if (!(numbers.peak_of(NumberFormat::bf16) > 0)) {
    diagnostics.add({.message = "the device has neither a 16-bit nor a 32-bit peak in the catalog",
                     .found = numbers.name,
                     .fix = "add peak_bf16 or peak_fp32 to its catalog file"});
  }
  if (diagnostics.has_errors()) return diagnostics;
  return numbers;
}

}  // namespace microdc
