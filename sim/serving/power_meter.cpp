#include "sim/serving/power_meter.hpp"

#include <algorithm>

namespace microdc {

PowerMeter::PowerMeter(std::vector<ServerPowerModel> servers, std::vector<Watts> unused,
                       std::vector<ReplicaPower> replicas)
    : replicas_(std::move(replicas)),
      replica_power_(replicas_.size()),
      replica_busy_(replicas_.size(), false) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    servers_.push_back({.model = std::move(servers[i]), .accelerators = unused[i]});
    refresh(servers_.back());
  }
  for (std::size_t r = 0; r < replicas_.size(); ++r) set_idle(r);
  it_idle_ = it_peak_ = it_total_;
}

void PowerMeter::refresh(ServerState& server) {
  const Watts before = server.it;
  server.it = server.online ? server.model.it_power(server.accelerators, server.busy_cores) : Watts();
  it_total_ += server.it - before;
  it_peak_ = std::max(it_peak_, it_total_);
}

void PowerMeter::set_idle(std::size_t replica) {
  set(replica, replicas_[replica].idle_per_accelerator * replicas_[replica].accelerators, false);
}

void PowerMeter::set(std::size_t replica, Watts accelerators, bool busy) {
  const ReplicaPower& shape = replicas_[replica];
  const Watts change = (accelerators - replica_power_[replica]) / shape.accelerators;
  const double core_change = (busy ? shape.host_cores : 0.0) -
                             (replica_busy_[replica] ? shape.host_cores : 0.0);
  replica_power_[replica] = accelerators;
  replica_busy_[replica] = busy;
  for (const Placement& placement : shape.placements) {
    ServerState& server = servers_[placement.server];
    server.accelerators += change * placement.accelerators;
    server.busy_cores += core_change * placement.accelerators;
    refresh(server);
  }
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
