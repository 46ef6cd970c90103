// From the pools of a scenario to replicas on servers.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/laws/device_laws.hpp"
#include "models/step_work.hpp"
#include "sim/platform/platform.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/serving/power_meter.hpp"
#include "sim/serving/replica.hpp"

namespace microdc {

struct DeployedPool {
  const PoolSpec* spec = nullptr;
  const ServingEngine* engine = nullptr;
  const ModelCard* model = nullptr;
  std::string device;       ///< accelerator, or the CPU of a CPU-only server
  bool cpu_serves = false;
  ServedPrecision precision;
  ParallelLayout layout;
  ReplicaLimits limits;
  AcceptanceModel acceptance;
  std::shared_ptr<StepCost> cost;  ///< shared by the pool's replicas
  /// Accelerators of each replica by server.
  std::vector<std::vector<PowerMeter::Placement>> placements;
  Bytes weights_per_accelerator;
  Watts idle_per_accelerator;
};

/// Number formats as served: what the pool says, else the model's native format, else the engine's
/// default KV cache for it.
Result<ServedPrecision> served_precision(const PoolSpec& spec, const ModelCard& model,
                                         const ServingEngine& engine);

/// Tokens of KV cache that one replica holds: memory left by the weights over all data-parallel
/// ranks. Not positive if the weights do not fit.
double kv_capacity_tokens(const StepWork& work, const DeviceLaws& laws, double memory_utilization);

/// Places every replica, first fit by server order.
/// Errors: unknown names, no accelerators left, weights that do not fit (infeasible).
Result<std::vector<DeployedPool>> deploy(const Scenario& scenario, const Catalogs& catalogs,
                                         const std::vector<PlacedServer>& servers,
                                         std::optional<LawDraw> draw);

}  // namespace microdc
