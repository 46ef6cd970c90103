// A catalog entry for a measured device that no file describes, and a server to put it into.
#pragma once

#include <optional>
#include <string>

#include "calibrate/measure/plan.hpp"
#include "calibrate/measure/result_store.hpp"
#include "hwprofiles/catalog.hpp"

namespace microdc {

/// What a measured machine is in the catalog. Either it is there already, or an entry and, for a
/// CPU, a server with one socket come with it.
struct DeviceEntry {
  std::string name;  ///< in the catalog
  bool known = false;
  std::optional<Cpu> cpu;
  std::optional<Accelerator> accelerator;
  std::optional<ServerType> server;
};

/// Looks the machine up by the name that it gives itself; a CPU must also have the cores of the
/// catalog's (a virtual machine sees fewer, two sockets more). Otherwise bandwidth and peaks of the
/// entry are the measured ones; TDP, and idle power where no energy counter can be read, are
/// assumed from the catalog's CPUs of the vendor (absent if it has none at all), and the server is
/// the catalog's smallest CPU server without prices. Error: the limits lack bandwidth or peaks.
Result<DeviceEntry> device_entry(const MeasuredMachine& machine, const DeviceLimits& limits,
                                 const HardwareCatalog& catalog);

/// The catalog with the entry's parts.
HardwareCatalog with_entry(HardwareCatalog catalog, const DeviceEntry& entry);

}  // namespace microdc
