// Finding the parts of a scenario that others refer to by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/units.hpp"
#include "hwprofiles/catalog.hpp"
#include "models/step_work.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// A server group with the indices of its site and rack.
struct PlacedGroup {
  const ServerGroupSpec* group = nullptr;
  std::size_t site = 0;
  std::size_t rack = 0;
  std::size_t index = 0;  ///< in RackSpec::servers
  /// JSON pointer of the group.
  [[nodiscard]] std::string place() const;
};

/// All server groups in the order of the file.
std::vector<PlacedGroup> server_groups(const Scenario& scenario);
/// The group a pool runs on; `group` is null if there is none of this name. A pool that names none
/// runs on all: the first stands for them if all are of one server type, else `group` is null.
PlacedGroup group_of_pool(const Scenario& scenario, const PoolSpec& pool);
/// Whether a pool names no group and there are several.
bool runs_on_several_groups(const Scenario& scenario, const PoolSpec& pool);
/// Null if there is no pool of this name.
const PoolSpec* find_pool(const Scenario& scenario, std::string_view name);

/// The knowledge base that requests of the workload read; null if there is none of this name or no
/// request reads it.
const KnowledgeBaseSpec* knowledge_base_of(const Scenario& scenario, const WorkloadSpec& workload);
/// The server group that a knowledge base runs on: the one it names, else the first. `group` is
/// null if there is none.
PlacedGroup group_of_knowledge_base(const Scenario& scenario, const KnowledgeBaseSpec& base);

/// What runs models in one server: its accelerators, or its CPU sockets if it has none.
struct ServingDevices {
  std::string device;           ///< name of the accelerator or CPU
  std::int64_t count = 0;       ///< in one server
  std::optional<Bytes> memory;  ///< of one device; a socket has its share of the host's memory
};
/// Nullopt if the catalog lacks the server or its processor.
std::optional<ServingDevices> serving_devices(const HardwareCatalog& catalog,
                                              const ServerGroupSpec& group);

/// Accelerators of a server group that neither a pool nor a knowledge base uses.
struct UnusedDevices {
  std::string place;  ///< JSON pointer of the group
  std::string group;
  std::string server;  ///< type
  std::string device;
  std::int64_t bought = 0;
  std::int64_t unused = 0;
};
/// "2 of the 8 h100-sxm-80gb of \"gpus\" (hgx-h100-8) are used by no pool"
std::string text_of(const UnusedDevices& unused);
/// Groups with such accelerators, in the order of the file. Pools fill the groups in their order.
/// Empty if a pool names a group that does not exist.
std::vector<UnusedDevices> unused_devices(const Scenario& scenario, const HardwareCatalog& catalog);

/// Whether some workload is a working day, so that days of the simulated kind alternate with idle
/// ones, and time 0 is midnight.
bool has_office_days(const Scenario& scenario);

/// Price of a server as configured [USD]: its own, or the sum of its parts; nullopt if a part has
/// no price.
std::optional<Money> catalog_price(const HardwareCatalog& catalog, const ServerType& server);

/// tp, pp, dp, ep of a pool.
ParallelLayout layout_of(const PoolSpec& pool);
/// Devices that all replicas of a pool need.
std::int64_t devices_needed(const PoolSpec& pool);
/// Weight and cache formats of a pool. Empty formats are the model's own for weights; for the cache
/// bf16, or fp8 if the engine has a `low_precision_kv_cache` and the weights compute in less than
/// 16 bits of floating point. Error: unknown format (place "/weights" or "/kv_cache").
Result<ServedPrecision> precision_of(const PoolSpec& pool, const ModelCard& card,
                                     bool low_precision_kv_cache);

}  // namespace microdc
