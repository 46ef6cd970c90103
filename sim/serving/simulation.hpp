// A whole run: workloads arrive at the gateway, replicas on the rack's servers answer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/laws/device_laws.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/serving/observers.hpp"
#include "sim/serving/placement.hpp"
#include "sim/serving/results.hpp"
#include "sim/workload/generators.hpp"

namespace microdc {

struct SimulationOptions {
  std::filesystem::path base_folder = ".";  ///< for relative paths in the scenario
  bool single_steps = false;                ///< cross-check: no macro-steps
  bool energy_cross_check = false;          ///< SimGrid's energy plugin counts along
  std::optional<LawDraw> draw;  ///< uncertainty: laws of this draw instead of the best estimate
  PlacementTable placements;    ///< where the requests of each workload may go
  bool log_placements = false;  ///< SimulationResult::placements says where they went
  std::vector<SimulationObserver*> observers;
  std::optional<Seconds> sample_interval;            ///< for observers' on_sample
  std::int64_t sample_limit = max_timeline_samples;  ///< no samples after so many
  /// Called now and then with the share of requests that have arrived (0..1) and simulated time.
  std::function<void(double share, Seconds simulated)> progress;
  /// Set by a signal handler: the simulation stops and reports what it has.
  const std::atomic<bool>* interrupt = nullptr;
};

/// The requests of each workload, in their order, with the documents that are put before their
/// prompts; prefix ids of different streams differ. Errors: those of make_requests, of all
/// workloads.
Result<std::vector<RequestStream>> make_streams(const Scenario& scenario,
                                                const std::filesystem::path& base_folder);

/// Runs a checked scenario. Starts SimGrid: at most one call per process (docs/simgrid.md).
/// Errors: workload that cannot be made, laws missing, replicas that do not fit.
Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  const SimulationOptions& options = {});
/// The same with requests that the caller made, one stream per workload; they are only read, so
/// that many runs may share them.
Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  const std::vector<RequestStream>& streams,
                                  const SimulationOptions& options = {});

/// Energy of busy accelerators that SimGrid's plugin counted in the last run with
/// energy_cross_check; to be compared with the replicas' counters.
std::optional<Joules> cross_checked_accelerator_energy();

}  // namespace microdc
