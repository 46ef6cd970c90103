// Energy, clock and temperature of the processor, as far as Linux shows them to this process.
#pragma once

#include <memory>
#include <string>

#include "kernels/kernel.hpp"

namespace microdc::kernels {

class CpuSensors {
 public:
  explicit CpuSensors(const std::string& root = "/");
  ~CpuSensors();
  CpuSensors(const CpuSensors&) = delete;
  CpuSensors& operator=(const CpuSensors&) = delete;

  SensorReading read();
  /// Why energy is not measured; empty if it is.
  [[nodiscard]] const std::string& energy_gap() const { return gap_; }

 private:
  struct Counter;

  bool open_powercap();
  bool open_perf();

  std::string root_;
  std::string gap_;
  std::vector<Counter> counters_;  ///< of energy, one per package
};

}  // namespace microdc::kernels
