#include "kernels/cpu/sensors.hpp"

#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "kernels/cpu/topology.hpp"

namespace microdc::kernels {
namespace {

namespace fs = std::filesystem;

std::optional<double> number_in(const std::string& path) {
  const std::string text = first_line(path);
  double value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) return {};
  return value;
}

std::vector<fs::path> children(const std::string& folder) {
  std::vector<fs::path> paths;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Mean clock of all CPUs: of cpufreq, else of /proc/cpuinfo. Virtual machines show the nominal
/// one.
std::optional<double> clock_hz(const std::string& root) {
  double sum = 0;
  int count = 0;
  for (const fs::path& cpu : children(root + "sys/devices/system/cpu")) {
    if (const auto khz = number_in(cpu.string() + "/cpufreq/scaling_cur_freq")) {
      sum += *khz * 1e3;
      ++count;
    }
  }
  if (count > 0) return sum / count;
  std::ifstream info(root + "proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (!line.starts_with("cpu MHz")) continue;
    const std::size_t colon = line.find(": ");
    double mhz = 0;
    if (colon == std::string::npos) continue;
    std::from_chars(line.data() + colon + 2, line.data() + line.size(), mhz);
    sum += mhz * 1e6;
    ++count;
  }
  if (count == 0 || !(sum > 0)) return {};
  return sum / count;
}

/// The hottest package sensor.
std::optional<double> temperature(const std::string& root) {
  std::optional<double> hottest;
  for (const fs::path& monitor : children(root + "sys/class/hwmon")) {
    const std::string name = first_line(monitor / "name");
    if (name != "coretemp" && name != "k10temp" && name != "zenpower") continue;
    if (const auto millidegrees = number_in(monitor / "temp1_input")) {
      hottest = std::max(hottest.value_or(-273), *millidegrees / 1e3);
    }
  }
  return hottest;
}

}  // namespace

/// A counter that goes up to `range` and starts again at 0; range 0: it does not.
struct CpuSensors::Counter {
  std::string path;     ///< of powercap
  int descriptor = -1;  ///< of perf
  double joules_per_unit = 0;
  double range = 0;
  double last = 0;
  double turns = 0;

  double joules() {
    double units = last;
    if (descriptor >= 0) {
      std::uint64_t value = 0;
      if (::read(descriptor, &value, sizeof value) == sizeof value) {
        units = static_cast<double>(value);
      }
    } else if (const auto value = number_in(path)) {
      units = *value;
    }
    if (units < last) turns += range;
    last = units;
    return (turns + units) * joules_per_unit;
  }
};

CpuSensors::CpuSensors(const std::string& root) : root_(root) {
  if (open_powercap() || open_perf()) gap_.clear();
}

CpuSensors::~CpuSensors() {
  for (const Counter& counter : counters_) {
    if (counter.descriptor >= 0) close(counter.descriptor);
  }
}

bool CpuSensors::open_powercap() {
  const std::string folder = root_ + "sys/class/powercap";
  bool found = false;
  for (const fs::path& zone : children(folder)) {
    // Whole packages only; cores, memory and "psys" are parts or wholes of other things.
    if (!first_line(zone / "name").starts_with("package")) continue;
    found = true;
    const std::string path = zone / "energy_uj";
    if (!number_in(path)) continue;
    counters_.push_back(
        {path, -1, 1e-6, number_in(zone / "max_energy_range_uj").value_or(0), 0, 0});
  }
  if (!counters_.empty()) return true;
  gap_ = found ? folder + ": energy_uj is there but not readable (needs root since CVE-2020-8694)"
               : folder + " shows no RAPL package";
  return false;
}

bool CpuSensors::open_perf() {
  const std::string unit = root_ + "sys/bus/event_source/devices/power/";
  const auto type = number_in(unit + "type");
  if (!type) {
    gap_ += "; perf has no power unit";
    return false;
  }
  const std::string event = first_line(unit + "events/energy-pkg");
  const auto scale = number_in(unit + "events/energy-pkg.scale");
  std::uint64_t config = 0;
  constexpr std::string_view prefix = "event=0x";
  if (!scale || !event.starts_with(prefix) ||
      std::from_chars(event.data() + prefix.size(), event.data() + event.size(), config, 16).ec !=
          std::errc{}) {
    gap_ += "; perf's power unit has no event energy-pkg";
    return false;
  }
  perf_event_attr attributes{};
  attributes.size = sizeof attributes;
  attributes.type = static_cast<std::uint32_t>(*type);
  attributes.config = config;
  for (const int cpu : parse_cpu_list(first_line(unit + "cpumask"))) {
    const long descriptor = syscall(SYS_perf_event_open, &attributes, -1, cpu, -1, 0);
    if (descriptor < 0) {
      gap_ += "; perf does not open power/energy-pkg/: ";
      gap_ += std::strerror(errno);
      gap_ += " (perf_event_paranoid is " +
              first_line(root_ + "proc/sys/kernel/perf_event_paranoid") + ")";
      return false;
    }
    counters_.push_back({"", static_cast<int>(descriptor), *scale, 0, 0, 0});
  }
  if (counters_.empty()) gap_ += "; perf's power unit names no CPU";
  return !counters_.empty();
}

SensorReading CpuSensors::read() {
  SensorReading reading;
  if (!counters_.empty()) {
    double joules = 0;
    for (Counter& counter : counters_) joules += counter.joules();
    reading.energy_joules = joules;
  }
  reading.clock_hz = clock_hz(root_);
  reading.temperature_celsius = temperature(root_);
  return reading;
}

}  // namespace microdc::kernels
