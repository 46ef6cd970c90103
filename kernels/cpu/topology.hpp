// What the machine is made of, as Linux tells it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace microdc::kernels {

/// A logical CPU that this process may use.
struct LogicalCpu {
  int id = 0;
  int package = 0;
  int core = 0;     ///< unique within its package
  int node = 0;     ///< of memory (NUMA)
  int sibling = 0;  ///< 0: the first of its core, 1: the second, …
};

struct Topology {
  std::string name;  ///< "AMD EPYC 9755 128-Core Processor"
  std::int64_t memory_bytes = 0;
  std::vector<LogicalCpu> cpus;  ///< first those that are alone on their core, then siblings
  /// Last-level cache of all caches that the usable CPUs share [byte].
  std::int64_t last_level_cache_bytes = 0;
};

/// Of this machine; `root` stands for "/" in tests.
Topology read_topology(const std::string& root = "/");

/// First line of a file without the end of line; empty if it cannot be read.
std::string first_line(const std::string& path);
/// "0-3,8" as numbers.
std::vector<int> parse_cpu_list(const std::string& text);
/// "32768K" in bytes; 0 if it is none.
std::int64_t parse_cache_size(const std::string& text);

}  // namespace microdc::kernels
