// Energy of a run. It is linear in what the devices draw (ServerPowerModel), so it follows from each
// replica's busy energy and busy time in closed form.
#include <algorithm>
#include <set>

#include "sim/serving/rack.hpp"

namespace microdc {

/// How much of `duration` a server had power [s].
double Rack::time_on(const ServerState& server, Nanoseconds duration) {
  Nanoseconds off = 0;
  for (std::size_t i = 0; i < server.failures.size(); ++i) {
    const Nanoseconds end = i < server.returns.size() ? server.returns[i] : duration;
    off += std::max<Nanoseconds>(0, std::min(end, duration) - server.failures[i]);
  }
  return static_cast<double>(duration - off) * 1e-9;
}

std::vector<Rack::ServerUse> Rack::server_use(Nanoseconds duration) const {
  std::vector<ServerUse> uses(servers_.size());
  for (std::size_t s = 0; s < servers_.size(); ++s) {
    uses[s].on = time_on(servers_[s], duration);
    uses[s].accelerators = unused_power_[s] * Seconds(uses[s].on);
    for (const auto& host : retrieval_hosts_) {
      const RetrievalHost::Use lookups = host->use_until(s, duration);
      uses[s].accelerators += lookups.energy;
      uses[s].core_seconds += lookups.core_seconds;
    }
  }
  for (const Pool& pool : pools_) {
    const DeployedPool& deployed = pool.deployed;
    for (std::size_t i = 0; i < pool.replicas.size(); ++i) {
      const Replica::Use replica = pool.replicas[i]->use_until(duration);
      const double busy = static_cast<double>(replica.busy) * 1e-9;
      const Joules busy_energy(static_cast<double>(replica.energy) * 1e-12);
      for (const auto& placement : deployed.placements[i]) {
        ServerUse& use = uses[placement.server];
        const Seconds idle(std::max(0.0, use.on - busy));
        use.accelerators += busy_energy * (placement.accelerators / deployed.layout.gpus()) +
                            deployed.idle_per_accelerator * idle * placement.accelerators;
        use.core_seconds += busy * host_cores_of(deployed) * placement.accelerators;
      }
    }
  }
  return uses;
}

/// it_power is affine: its value at the mean load times the time is the energy.
Joules Rack::it_energy_of(std::size_t server, const ServerUse& use) const {
  if (use.on <= 0) return {};
  const Seconds on(use.on);
  return power_models_[server].it_power(use.accelerators / on, use.core_seconds / use.on) * on;
}

/// Empty if a figure of the servers' power is missing.
std::optional<Joules> Rack::it_energy_until(Nanoseconds now) const {
  if (!missing_power_figures().empty()) return std::nullopt;
  const std::vector<ServerUse> uses = server_use(now);
  Joules total;
  for (std::size_t s = 0; s < uses.size(); ++s) total += it_energy_of(s, uses[s]);
  return total;
}

void Rack::fill_energy(SimulationResult& result) const {
  const std::vector<ServerUse> uses = server_use(result.duration);
  EnergyResult& energy = result.energy;
  Joules it_total;
  Joules facility;
  double carbon = 0;
  bool carbon_known = true;
  std::vector<Joules> by_site(scenario_.sites.size());
  for (std::size_t s = 0; s < uses.size(); ++s) {
    energy.accelerators += uses[s].accelerators;
    if (uses[s].on <= 0) continue;
    const Joules it = it_energy_of(s, uses[s]);
    const SiteSpec& site = scenario_.sites[platform_.servers()[s].site];
    it_total += it;
    facility += it * site.pue;
    by_site[platform_.servers()[s].site] += it * site.pue;
    if (site.carbon_intensity) carbon += it.value() * site.pue * *site.carbon_intensity;
    else carbon_known = false;
  }
  energy.missing = missing_power_figures();
  const bool known = energy.missing.empty();
  for (std::size_t i = 0; i < scenario_.sites.size(); ++i) {
    result.sites.push_back({scenario_.sites[i].name,
                            known ? std::optional(by_site[i]) : std::nullopt});
  }
  if (!known) return;
  energy.it = it_total;
  energy.facility = facility;
  energy.it_peak = power_->it_peak();
  energy.it_idle = power_->it_idle();
  if (carbon_known) energy.carbon_grams = carbon;
}

/// What the catalog lacks about the servers, each once: "type: figure".
std::vector<std::string> Rack::missing_power_figures() const {
  std::set<std::string> missing;
  for (std::size_t s = 0; s < power_models_.size(); ++s) {
    for (const std::string& name : power_models_[s].missing) {
      missing.insert(platform_.servers()[s].type->name + ": " + name);
    }
  }
  return {missing.begin(), missing.end()};
}

}  // namespace microdc
