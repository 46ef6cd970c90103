// Instantaneous power of the rack while it serves, and its peak.
#pragma once

#include <vector>

#include "sim/platform/power.hpp"
#include "sim/serving/replica.hpp"

namespace microdc {

/// Follows the replicas' steps and keeps each server's power. A replica that spans several servers
/// spreads its power evenly over its accelerators.
class PowerMeter {
 public:
  struct Placement {
    std::size_t server = 0;
    double accelerators = 0;  ///< of the replica on this server
  };
  struct ReplicaPower {
    std::vector<Placement> placements;
    Watts idle_per_accelerator;
    double accelerators = 0;
    double host_cores = 0;  ///< busy per accelerator while it serves
  };

  /// `unused[i]`: power of the accelerators of server i that no replica uses (idle, constant).
  PowerMeter(std::vector<ServerPowerModel> servers, std::vector<Watts> unused,
             std::vector<ReplicaPower> replicas);

  void set_busy(std::size_t replica, Watts accelerators) { set(replica, accelerators, true); }
  void set_idle(std::size_t replica);
  /// A server that is off draws nothing.
  void set_online(std::size_t server, bool online);

  [[nodiscard]] Watts it_power() const { return it_total_; }
  [[nodiscard]] Watts accelerator_power() const;
  [[nodiscard]] Watts it_peak() const { return it_peak_; }
  /// All servers on and no work.
  [[nodiscard]] Watts it_idle() const { return it_idle_; }

 private:
  struct ServerState {
    ServerPowerModel model;
    Watts accelerators;
    double busy_cores = 0;
    Watts it;
    bool online = true;
  };
  void set(std::size_t replica, Watts accelerators, bool busy);
  void refresh(ServerState& server);

  std::vector<ServerState> servers_;
  std::vector<ReplicaPower> replicas_;
  std::vector<Watts> replica_power_;
  std::vector<bool> replica_busy_;
  Watts it_total_, it_peak_, it_idle_;
};

}  // namespace microdc
