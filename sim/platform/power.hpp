// Electric power of servers, from accelerators to the wall.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"
#include "hwprofiles/catalog.hpp"

namespace microdc {

/// IT power of a server as a linear function of what its devices draw:
///   (accelerators + CPU sockets + base + fans) / PSU efficiency,
/// CPU socket = idle + (TDP - idle) * busy cores / cores, fans in proportion to the heat of all
/// processors over its maximum. A figure that the catalog lacks is missing here too, and named.
struct ServerPowerModel {
  Watts base;             ///< board, DRAM, NICs, drives
  Watts host_idle;        ///< CPU sockets that serve as hosts, idle
  Watts host_per_core;    ///< more per busy core
  Watts fan_full;         ///< fans at full load
  Watts processors_full;  ///< heat of all processors at full load
  double psu_efficiency = 1;
  std::vector<std::string> missing;  ///< figures that the catalog lacks: "base_power", …

  /// Wall power while accelerators draw `accelerators` in total and `busy_cores` host cores work.
  [[nodiscard]] Watts it_power(Watts accelerators, double busy_cores) const {
    const Watts host = host_idle + host_per_core * busy_cores;
    const double heat =
        processors_full.value() > 0 ? (accelerators + host) / processors_full : 0.0;
    return (accelerators + host + base + fan_full * heat) / psu_efficiency;
  }
};

/// `cpu_serves`: the sockets are the serving devices themselves (no accelerators), so their power
/// comes with the devices' and is not counted as host power again.
ServerPowerModel make_server_power(const ServerType& server, const HardwareCatalog& catalog,
                                   bool cpu_serves);

}  // namespace microdc
