#include "calibrate/measure/devices.hpp"

#include <fmt/format.h>

#include <algorithm>
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

Result<DevicePointer> open_cpu_device(const FurtherTiles& tiles) {
  if (tiles.empty()) return DevicePointer(kernels::open_cpu());
  return Diagnostic{.place = "--tiles",
                    .message = "a CPU has no kernels in such tiles",
                    .allowed = "with --device cuda:0, cuda:1, …"};
}

/// The words between commas.
std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    words.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

Result<FurtherTiles> further_tiles_of(const std::string& list) {
  FurtherTiles tiles;
  Diagnostics findings;
  for (const std::string& word : words_of(list)) {
    kernels::cuda::ParsedTile parsed = kernels::cuda::parse_gemm_tile(word);
    if (parsed.problem.empty() &&
        std::find(tiles.begin(), tiles.end(), parsed.tile) != tiles.end()) {
      parsed.problem = "it stands there twice";
    }
    if (parsed.problem.empty()) {
      tiles.push_back(parsed.tile);
    } else {
      findings.add({.place = "--tiles",
                    .message = "the kernel has no such tile",
                    .found = fmt::format("{}: {}", word, parsed.problem)});
    }
  }
  if (findings.has_errors()) return findings;
  return tiles;
}

Result<DevicePointer> open_device(const std::string& word, const FurtherTiles& tiles) {
  if (word == "cpu") return open_cpu_device(tiles);
  const auto index = cuda_index(word);
  if (!index) return cannot_open(word, "no such kind of device");
  kernels::cuda::OpenedDevice opened = kernels::cuda::open_cuda(*index, tiles);
  if (!opened.device) return cannot_open(word, opened.reason);
  Diagnostics warnings;
  for (std::string& reason : opened.left_out) {
    warnings.add({.severity = Severity::warning,
                  .place = "--tiles",
                  .message = "a tile is left out",
                  .found = std::move(reason)});
  }
  return {DevicePointer(std::move(opened.device)), std::move(warnings)};
}

MeasuredMachine machine_of(kernels::Device& device, bool quick, std::int64_t seed,
                           const FurtherTiles& tiles) {
  std::vector<std::string> names;
  for (const auto& tile : tiles) names.push_back(text_of(tile));
  return {.name = device.name(),
          .is_cpu = device.is_cpu(),
          .multiprocessors = device.multiprocessors(),
          .memory = static_cast<double>(device.memory_bytes()),
          .cache = static_cast<double>(device.last_level_cache_bytes()),
          .quick = quick,
          .seed = seed,
          .energy_gap = device.energy_gap(),
          .tiles = fmt::format("{}", fmt::join(names, ",")),
          .date = today(),
          .plan = plan_version};
}

}  // namespace microdc
