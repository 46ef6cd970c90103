// Instantaneous power of the rack while it serves, and its peak.
#pragma once

#include <cstdint>
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

  /// `accelerators`: all of the replica together.
  void set_busy(std::size_t replica, Watts accelerators);
  void set_idle(std::size_t replica);
  /// What lookups add on a server: power of its devices above idle, and busy host cores.
  void set_lookups(std::size_t server, Watts devices, double host_cores);
  /// A server that is off draws nothing.
  void set_online(std::size_t server, bool online);

  [[nodiscard]] Watts it_power() const { return watts(it_total_); }
  [[nodiscard]] Watts accelerator_power() const;
  [[nodiscard]] Watts it_peak() const { return watts(it_peak_); }
  /// All servers on and no work.
  [[nodiscard]] Watts it_idle() const { return watts(it_idle_); }

 private:
  struct Share {
    std::size_t replica = 0;
    double accelerators = 0;
  };
  struct ServerState {
    ServerPowerModel model;
    Watts unused;
    std::vector<Share> shares;
    Watts lookups;
    double lookup_cores = 0;
    Watts accelerators;
    std::int64_t it = 0;  // [uW]
    bool online = true;
  };
  static constexpr double microwatts_per_watt = 1e6;
  static Watts watts(std::int64_t microwatts) {
    return Watts(static_cast<double>(microwatts) / microwatts_per_watt);
  }
  void set(std::size_t replica, Watts per_accelerator, bool busy);
  void refresh(ServerState& server);

  std::vector<ServerState> servers_;
  std::vector<ReplicaPower> replicas_;
  std::vector<Watts> replica_power_;  // of one accelerator
  std::vector<bool> replica_busy_;
  std::int64_t it_total_ = 0;  // [uW]
  std::int64_t it_peak_ = 0;
  std::int64_t it_idle_ = 0;
};

}  // namespace microdc
