#include "kernels/cpu/sensors.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include "kernels/cpu/topology.hpp"

namespace microdc::kernels {
namespace {

namespace fs = std::filesystem;

/// Files as Linux would show them, below a folder of their own.
class Root {
 public:
  explicit Root(const std::string& name) : path_(fs::path(::testing::TempDir()) / name) {
    fs::remove_all(path_);
    fs::create_directories(path_);
  }
  ~Root() { fs::remove_all(path_); }
  Root(const Root&) = delete;
  Root& operator=(const Root&) = delete;

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text << "\n";
  }
  [[nodiscard]] std::string text() const { return path_.string() + "/"; }

 private:
  fs::path path_;
};

TEST(Sensors, AddPackagesAndSurviveAWrap) {
  const Root root("sensors_powercap");
  const std::string zone = "sys/class/powercap/intel-rapl:";
  for (const char* package : {"0", "1"}) {
    root.write(zone + package + "/name", std::string("package-") + package);
    root.write(zone + package + "/energy_uj", "900000");
    root.write(zone + package + "/max_energy_range_uj", "1000000");
  }
  root.write(zone + "0:0/name", "core");
  root.write(zone + "0:0/energy_uj", "77");
  CpuSensors sensors(root.text());
  EXPECT_EQ(sensors.energy_gap(), "");
  const double before = sensors.read().energy_joules.value();
  root.write(zone + "0/energy_uj", "100000");  // 0.2 J on, past the end of the counter
  root.write(zone + "1/energy_uj", "950000");
  EXPECT_NEAR(sensors.read().energy_joules.value() - before, 0.25, 1e-9);
}

TEST(Sensors, SayWhyThereIsNoEnergy) {
  const Root root("sensors_none");
  CpuSensors sensors(root.text());
  EXPECT_FALSE(sensors.read().energy_joules.has_value());
  EXPECT_NE(sensors.energy_gap().find("shows no RAPL package"), std::string::npos);
  EXPECT_NE(sensors.energy_gap().find("perf has no power unit"), std::string::npos);
}

TEST(Sensors, ReadClockAndTemperature) {
  const Root root("sensors_clock");
  root.write("proc/cpuinfo", "cpu MHz\t\t: 2000.0\ncpu MHz\t\t: 3000.0");
  root.write("sys/class/hwmon/hwmon0/name", "k10temp");
  root.write("sys/class/hwmon/hwmon0/temp1_input", "61500");
  CpuSensors sensors(root.text());
  EXPECT_DOUBLE_EQ(sensors.read().clock_hz.value(), 2.5e9);
  EXPECT_DOUBLE_EQ(sensors.read().temperature_celsius.value(), 61.5);
  root.write("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3700000");
  EXPECT_DOUBLE_EQ(sensors.read().clock_hz.value(), 3.7e9);
}

TEST(Topology, ReadsListsAndSizes) {
  EXPECT_EQ(parse_cpu_list("0-2,8"), (std::vector<int>{0, 1, 2, 8}));
  EXPECT_EQ(parse_cpu_list(""), std::vector<int>{});
  EXPECT_EQ(parse_cache_size("32768K"), 32768 * 1024);
  EXPECT_EQ(parse_cache_size("nonsense"), 0);
}

TEST(Topology, OfThisMachineIsWhole) {
  const Topology topology = read_topology();
  EXPECT_FALSE(topology.cpus.empty());
  EXPECT_GT(topology.memory_bytes, 1 << 28);
  EXPECT_GE(topology.last_level_cache_bytes, 1 << 18);
  EXPECT_EQ(topology.cpus.front().sibling, 0);
}

}  // namespace
}  // namespace microdc::kernels
