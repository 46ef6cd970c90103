#include "sim/planning/plan/candidate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "hwprofiles/base/names.hpp"
#include "sim/economics/parts_list.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

/// Owned servers of a type.
std::int64_t owned_at(const SiteSpec& site, const std::string& type) {
  std::int64_t owned = 0;
  for (const RackSpec& rack : site.racks) {
    for (const ServerGroupSpec& group : rack.servers) {
      if (name_key(group.type) == name_key(type)) owned += group.owned;
    }
  }
  return owned;
}

/// The group whose accelerators pools leave free for lookups: that of the last site that serves, as
/// pools fill servers in their order. Spare servers become groups of their own: what they have
/// would look documents up only while nothing fails. Empty if nothing is looked up on accelerators.
std::string keep_spare_servers_apart(Scenario& with, const Candidate& candidate) {
  if (!looks_up_on_accelerators(with)) return "";
  std::string last;
  for (std::size_t i = 0; i < with.sites.size(); ++i) {
    std::vector<ServerGroupSpec>& groups = with.sites[i].racks.front().servers;
    ServerGroupSpec& serving = groups.front();
    if (static_cast<std::int64_t>(i + 1 + candidate.spare_sites) == std::ssize(with.sites)) {
      last = serving.name;
    }
    if (candidate.spare == 0) continue;
    ServerGroupSpec spare = serving;
    spare.name = "spare-" + serving.name;
    spare.count = candidate.spare;
    spare.owned = std::max<std::int64_t>(0, serving.owned - candidate.servers);
    serving.count = candidate.servers;
    serving.owned = std::min(serving.owned, candidate.servers);
    groups.push_back(std::move(spare));
  }
  return last;
}

std::string pools_text(const Candidate& candidate) {
  std::vector<std::string> pools;
  for (const PoolChoice& pool : candidate.pools) {
    std::string layout = fmt::format("tp {}", pool.tp);
    if (pool.pp > 1) layout += fmt::format(", pp {}", pool.pp);
    if (!pool.weights.empty()) layout = pool.weights + ", " + layout;
    pools.push_back(fmt::format("{} × {} ({})", pool.replicas, pool.model, layout));
  }
  return fmt::format("{}", fmt::join(pools, " and "));
}

}  // namespace

std::string text_of(const Candidate& candidate) {
  std::string text = fmt::format("{} × {}", candidate.servers, candidate.server);
  if (candidate.spare > 0) text += fmt::format(" + {} spare", candidate.spare);
  if (candidate.sites.size() > 1) text += fmt::format(" at {} sites", candidate.sites.size());
  if (candidate.spare_sites > 0)
    text += fmt::format(", of which {} may fail", candidate.spare_sites);
  return text + ": " + pools_text(candidate);
}

std::string server_label(const Candidate& candidate, const HardwareCatalog& hardware) {
  const ServerType* type = hardware.server(candidate.server);
  return type == nullptr || type->label.empty() ? candidate.server : type->label;
}

std::string serving_key(const Candidate& candidate) {
  std::string key =
      fmt::format("{}/{}/{}", candidate.server, candidate.servers, fmt::join(candidate.sites, "+"));
  for (const PoolChoice& pool : candidate.pools) {
    key += fmt::format("/{}:{}:{}:{}:{}:{}", pool.model, pool.weights, pool.engine, pool.tp,
                       pool.pp, pool.replicas);
  }
  return key;
}

std::int64_t free_accelerators(const Candidate& candidate, const ServerType& type) {
  std::int64_t free = type.accelerators * candidate.servers_needed();
  for (const PoolChoice& pool : candidate.pools) free -= pool.tp * pool.pp * pool.replicas;
  return free;
}

bool looks_up_on_accelerators(const Scenario& scenario) {
  return std::any_of(
      scenario.workloads.begin(), scenario.workloads.end(), [&](const WorkloadSpec& workload) {
        const KnowledgeBaseSpec* base = knowledge_base_of(scenario, workload);
        return base != nullptr && base->device == KnowledgeBaseSpec::Device::accelerator;
      });
}

Scenario scenario_of(const Scenario& scenario, const Candidate& candidate) {
  Scenario with = scenario;
  with.economics.capex.reset();  // what the scenario's own rack costs
  with.economics.capex_range.reset();
  with.sites.clear();
  for (const std::size_t index : candidate.sites) {
    SiteSpec site = scenario.sites[index];
    RackSpec rack{.name = "rack-1"};
    if (!site.racks.empty()) {
      rack.name = site.racks.front().name;
      rack.switch_link = site.racks.front().switch_link;
      rack.owned = stands(site.racks.front());
    }
    const std::string group = candidate.sites.size() > 1 ? "servers-" + site.name : "servers";
    const std::int64_t servers = candidate.servers + candidate.spare;
    rack.servers = {{.name = group,
                     .type = candidate.server,
                     .count = servers,
                     .owned = std::min(servers, owned_at(site, candidate.server))}};
    site.racks = {std::move(rack)};
    with.sites.push_back(std::move(site));
  }
  const std::string keeps_free = keep_spare_servers_apart(with, candidate);
  for (KnowledgeBaseSpec& base : with.knowledge_bases) {
    const bool accelerator = base.device == KnowledgeBaseSpec::Device::accelerator;
    base.servers = accelerator ? keeps_free : "";
  }
  for (std::size_t i = 0; i < with.pools.size(); ++i) {
    PoolSpec& pool = with.pools[i];
    const PoolChoice& choice = candidate.pools[i];
    pool.model = choice.model;
    pool.weights = choice.weights;
    pool.engine = choice.engine;
    pool.servers.clear();
    pool.tp = choice.tp;
    pool.pp = choice.pp;
    pool.dp = pool.ep = 1;
    pool.replicas = choice.replicas;
    // What was set for other hardware.
    pool.kv_cache_tokens.reset();
    if (choice.model != scenario.pools[i].model) pool.max_model_len.reset();
  }
  return with;
}

}  // namespace microdc
