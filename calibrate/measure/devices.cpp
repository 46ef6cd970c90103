#include "calibrate/measure/devices.hpp"

#include <fmt/format.h>

#include <charconv>
#include <ctime>
#include <optional>

#include "kernels/cpu/cpu_device.hpp"
#include "kernels/cuda/device.hpp"

namespace microdc {
namespace {

using DevicePointer = std::shared_ptr<kernels::Device>;

Diagnostic cannot_open(const std::string& word, std::string reason) {
  return {.place = "--device",
          .message = "this device cannot be measured",
          .found = fmt::format("{}: {}", word, reason),
          .allowed = "cpu, cuda:0, cuda:1, …"};
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  return fmt::format("{:04}-{:02}-{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
}

/// Index of "cuda:3"; 0 of "cuda"; nullopt of anything else.
std::optional<int> cuda_index(const std::string& word) {
  if (word == "cuda") return 0;
  if (!word.starts_with("cuda:")) return std::nullopt;
  int index = -1;
  const char* const end = word.data() + word.size();
  const auto [stopped, error] = std::from_chars(word.data() + 5, end, index);
  if (error != std::errc() || stopped != end || index < 0) return std::nullopt;
  return index;
}

}  // namespace

Result<DevicePointer> open_device(const std::string& word) {
  if (word == "cpu") return DevicePointer(kernels::open_cpu());
  if (const auto index = cuda_index(word)) {
    kernels::cuda::OpenedDevice opened = kernels::cuda::open_cuda(*index);
    if (opened.device) return DevicePointer(std::move(opened.device));
    return cannot_open(word, opened.reason);
  }
  return cannot_open(word, "no such kind of device");
}

MeasuredMachine machine_of(kernels::Device& device, bool quick, std::int64_t seed) {
  return {.name = device.name(),
          .is_cpu = device.is_cpu(),
          .multiprocessors = device.multiprocessors(),
          .memory = static_cast<double>(device.memory_bytes()),
          .cache = static_cast<double>(device.last_level_cache_bytes()),
          .quick = quick,
          .seed = seed,
          .energy_gap = device.energy_gap(),
          .date = today()};
}

}  // namespace microdc
