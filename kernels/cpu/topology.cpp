#include "kernels/cpu/topology.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <tuple>

namespace microdc::kernels {
namespace {

namespace fs = std::filesystem;

int id_in(const std::string& path) {
  const std::string text = first_line(path);
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string processor_name(const std::string& root) {
  std::ifstream info(root + "proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

/// "node0" … below the CPU's folder.
int node_of(const std::string& cpu_folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(cpu_folder, ignored)) {
    const std::string name = entry.path().filename();
    int node = 0;
    if (name.starts_with("node") &&
        std::from_chars(name.data() + 4, name.data() + name.size(), node).ec == std::errc{}) {
      return node;
    }
  }
  return 0;
}

std::vector<int> usable_cpus() {
  cpu_set_t mask;
  std::vector<int> ids;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) {
    for (int id = 0; id < CPU_SETSIZE; ++id) {
      if (CPU_ISSET(static_cast<std::size_t>(id), &mask)) ids.push_back(id);
    }
  }
  if (ids.empty()) ids.push_back(0);
  return ids;
}

/// Adds the largest level of the CPU's caches under the list of those who share it.
void note_cache(const std::string& cpu_folder, std::map<std::string, std::int64_t>& caches) {
  int highest = 0;
  std::string shared;
  std::int64_t size = 0;
  for (int i = 0;; ++i) {
    const std::string folder = cpu_folder + "/cache/index" + std::to_string(i) + "/";
    const int level = id_in(folder + "level");
    if (level == 0) break;
    if (level < highest) continue;
    highest = level;
    shared = first_line(folder + "shared_cpu_list");
    size = parse_cache_size(first_line(folder + "size"));
  }
  if (size > 0) caches[shared] = size;
}

std::int64_t memory_bytes(const std::string& root) {
  const auto pages = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES));
  std::int64_t bytes = pages * sysconf(_SC_PAGESIZE);
  // A container may have less ("max" does not parse).
  const std::string limit = first_line(root + "sys/fs/cgroup/memory.max");
  std::int64_t allowed = 0;
  if (std::from_chars(limit.data(), limit.data() + limit.size(), allowed).ec == std::errc{} &&
      allowed > 0) {
    bytes = std::min(bytes, allowed);
  }
  return bytes;
}

}  // namespace

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::vector<int> parse_cpu_list(const std::string& text) {
  std::vector<int> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int first = 0;
    const auto [after, error] = std::from_chars(at, end, first);
    if (error != std::errc{}) break;
    int last = first;
    at = after;
    if (at < end && *at == '-') at = std::from_chars(at + 1, end, last).ptr;
    for (int n = first; n <= last; ++n) numbers.push_back(n);
    if (at < end) ++at;  // the comma
  }
  return numbers;
}

std::int64_t parse_cache_size(const std::string& text) {
  std::int64_t value = 0;
  const auto [after, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return 0;
  if (*after == 'K') return value * 1024;
  if (*after == 'M') return value * 1024 * 1024;
  return value;
}

Topology read_topology(const std::string& root) {
  Topology topology{processor_name(root), memory_bytes(root), {}, 0};
  std::map<std::pair<int, int>, int> seen;
  std::map<std::string, std::int64_t> caches;
  for (const int id : usable_cpus()) {
    const std::string folder = root + "sys/devices/system/cpu/cpu" + std::to_string(id);
    const int package = id_in(folder + "/topology/physical_package_id");
    const int core =
        fs::exists(folder + "/topology/core_id") ? id_in(folder + "/topology/core_id") : id;
    topology.cpus.push_back({id, package, core, node_of(folder), seen[{package, core}]++});
    note_cache(folder, caches);
  }
  std::stable_sort(topology.cpus.begin(), topology.cpus.end(),
                   [](const LogicalCpu& a, const LogicalCpu& b) { return a.sibling < b.sibling; });
  for (const auto& [shared, bytes] : caches) topology.last_level_cache_bytes += bytes;
  // Without a word of Linux: more than most have, so that nothing is timed from the cache.
  if (topology.last_level_cache_bytes == 0) topology.last_level_cache_bytes = 64 << 20;
  return topology;
}

}  // namespace microdc::kernels
