#include "sim/serving/power_meter.hpp"

#include <algorithm>
#include <cmath>

namespace microdc {

PowerMeter::PowerMeter(std::vector<ServerPowerModel> servers, std::vector<Watts> unused,
                       std::vector<ReplicaPower> replicas)
    : replicas_(std::move(replicas)),
      replica_power_(replicas_.size()),
      replica_busy_(replicas_.size(), false) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers_.push_back({.model = std::move(servers[i]), .unused = unused[i]});
  }
  for (std::size_t r = 0; r < replicas_.size(); ++r) {
    replica_power_[r] = replicas_[r].idle_per_accelerator;
    for (const Placement& placement : replicas_[r].placements) {
      servers_[placement.server].shares.push_back({r, placement.accelerators});
    }
  }
  for (ServerState& server : servers_) refresh(server);
  it_idle_ = it_peak_ = it_total_;
}

/// Each server's sum is made anew from its replicas and the total is kept in whole microwatts, so
/// that the power depends on what the replicas do now and not on how they came there.
void PowerMeter::refresh(ServerState& server) {
  server.accelerators = server.unused + server.lookups;
  double busy_cores = server.lookup_cores;
  for (const Share& share : server.shares) {
    server.accelerators += replica_power_[share.replica] * share.accelerators;
    if (replica_busy_[share.replica]) {
      busy_cores += replicas_[share.replica].host_cores * share.accelerators;
    }
  }
  const std::int64_t before = server.it;
  server.it = 0;
  if (server.online) {
    const Watts it = server.model.it_power(server.accelerators, busy_cores);
    server.it = std::llround(it.value() * microwatts_per_watt);
  }
  it_total_ += server.it - before;
  it_peak_ = std::max(it_peak_, it_total_);
}

void PowerMeter::set_busy(std::size_t replica, Watts accelerators) {
  set(replica, accelerators / replicas_[replica].accelerators, true);
}

void PowerMeter::set_idle(std::size_t replica) {
  set(replica, replicas_[replica].idle_per_accelerator, false);
}

void PowerMeter::set(std::size_t replica, Watts per_accelerator, bool busy) {
  if (replica_power_[replica] == per_accelerator && replica_busy_[replica] == busy) return;
  replica_power_[replica] = per_accelerator;
  replica_busy_[replica] = busy;
  for (const Placement& placement : replicas_[replica].placements) {
    refresh(servers_[placement.server]);
  }
}

void PowerMeter::set_lookups(std::size_t server, Watts devices, double host_cores) {
  servers_[server].lookups = devices;
  servers_[server].lookup_cores = host_cores;
  refresh(servers_[server]);
}

void PowerMeter::set_online(std::size_t server, bool online) {
  servers_[server].online = online;
  refresh(servers_[server]);
}

Watts PowerMeter::accelerator_power() const {
  Watts total;
  for (const ServerState& server : servers_) {
    if (server.online) total += server.accelerators;
  }
  return total;
}

}  // namespace microdc
