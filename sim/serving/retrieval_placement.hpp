// Which devices look documents up, whether index and models fit there, and what a lookup costs.
#pragma once

#include <string>
#include <vector>

#include "sim/platform/platform.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/serving/retrieval_host.hpp"

namespace microdc {

/// What pools take of one server.
struct ServerOccupancy {
  double devices = 0;  ///< accelerators, or CPU sockets where these serve
  bool cpu_serves = false;
  double memory_share = 0;  ///< of the memory of the devices in use
};

/// Devices of one server group that look documents up, and the knowledge bases that they hold.
struct PlacedRetrieval {
  std::string group;
  KnowledgeBaseSpec::Device kind = KnowledgeBaseSpec::Device::cpu;
  std::string device;                ///< name of the accelerator or CPU
  std::vector<std::size_t> servers;  ///< of each device
  bool beside_model = false;         ///< sockets that also serve models
  bool counts_by_power = false;      ///< a device of its own in the power model, not a host CPU
  double cores = 1;                  ///< of one device; multiprocessors of an accelerator
  Bytes memory;                      ///< for indexes and models, on one server or one accelerator
  std::vector<KnowledgeBaseParts> bases;
};

/// Accelerators that no pool uses, or CPU sockets: those of a server with accelerators, else those
/// that no pool uses, else those that pools use, beside their models. Knowledge bases of one group
/// share its devices. Only knowledge bases that requests read are placed.
/// Errors: unknown names; infeasible: no accelerator is left, or indexes and models do not fit.
Result<std::vector<PlacedRetrieval>> place_retrieval(const Scenario& scenario,
                                                     const Catalogs& catalogs,
                                                     const std::vector<PlacedServer>& servers,
                                                     const std::vector<ServerOccupancy>& occupancy);

/// Lookups of a workload on such a device.
LookupKind lookup_kind(const PlacedRetrieval& host, const KnowledgeBaseParts& base,
                       const RetrievalSpec& retrieval, const RetrievalCatalog& catalog,
                       const DeviceLaws& laws);

}  // namespace microdc
