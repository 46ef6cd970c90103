#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/model_files.hpp"
#include "sim/scenario/rules/rules.hpp"
#include "sim/scenario/targets.hpp"

namespace microdc::rules {
namespace {

std::vector<std::string> pool_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const PoolSpec& pool : scenario.pools) names.push_back(pool.name);
  return names;
}

std::vector<std::string> target_names(const Scenario& scenario) {
  std::vector<std::string> names = pool_names(scenario);
  for (const CloudSpec& cloud : scenario.clouds) names.push_back(cloud.name);
  return names;
}

void check_name(const std::string& name, const std::vector<std::string>& known, std::string place,
                std::string_view what, RuleFindings& findings) {
  if (known.empty() || std::find(known.begin(), known.end(), name) != known.end()) return;
  findings.unknown_name(std::move(place), fmt::format("this {} is not known", what), name, known);
}

/// Without a pool there has to be only one candidate.
void check_unnamed_pool(const Scenario& scenario, const std::string& place,
                        RuleFindings& findings) {
  std::vector<std::string> candidates;
  for (const PoolSpec& pool : scenario.pools) {
    if (pool.role != PoolSpec::Role::decode) candidates.push_back(pool.name);
  }
  if (candidates.size() < 2) return;
  findings.add({.place = place,
                .message = "several pools take requests, so the workload has to name its pool",
                .allowed = join_names(candidates),
                .fix = "add \"pool\""});
}

}  // namespace

void workload_pools_exist(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const std::string& name = scenario.workloads[i].pool;
    const std::string place = fmt::format("/workloads/{}/pool", i);
    if (name.empty()) {
      if (!scenario.gateway.complexity) check_unnamed_pool(scenario, place, findings);
      continue;
    }
    const PoolSpec* pool = find_pool(scenario, name);
    if (pool == nullptr) {
      if (target_index(scenario, name)) continue;  // a cloud
      findings.unknown_name(place, "there is no such pool or cloud", name, target_names(scenario));
    } else if (pool->role == PoolSpec::Role::decode) {
      findings.add({.place = place,
                    .message = "a decode pool takes no requests of its own",
                    .found = fmt::format("\"{}\"", name),
                    .fix = "name the prefill pool in front of it"});
    }
  }
}

void pool_models_exist(const Scenario& scenario, const CheckContext& context,
                       RuleFindings& findings) {
  if (context.models == nullptr) return;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const std::string& model = scenario.pools[i].model;
    if (is_model_file(model) || context.models->find(model) != nullptr) continue;
    findings.unknown_name(fmt::format("/pools/{}/model", i), "this model is not in the catalog",
                          model, keys_of(context.models->cards()));
  }
}

void pool_servers_exist(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  std::vector<std::string> names;
  for (const PlacedGroup& placed : server_groups(scenario)) names.push_back(placed.group->name);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const std::string& name = scenario.pools[i].servers;
    const std::string place = fmt::format("/pools/{}/servers", i);
    if (runs_on_several_groups(scenario, scenario.pools[i]) &&
        group_of_pool(scenario, scenario.pools[i]).group == nullptr) {
      findings.add({.place = place,
                    .message = "the server groups are of several types, so the pool has to name one",
                    .allowed = join_names(names),
                    .fix = "add \"servers\""});
    } else if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      findings.unknown_name(place, "there is no such server group", name, names);
    }
  }
}

void server_types_exist(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    if (context.hardware->server(placed.group->type) != nullptr) continue;
    findings.unknown_name(placed.place() + "/type", "this server type is not in the catalog",
                          placed.group->type, keys_of(context.hardware->servers()));
  }
}

void links_exist(const Scenario& scenario, const CheckContext& context, RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  const auto check = [&](const std::string& link, std::string place) {
    if (context.hardware->link(link) != nullptr) return;
    findings.unknown_name(std::move(place), "this link is not in the catalog", link,
                          keys_of(context.hardware->links()));
  };
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const SiteSpec& site = scenario.sites[i];
    check(site.backbone_link, fmt::format("/sites/{}/backbone_link", i));
    check(site.wan_link, fmt::format("/sites/{}/wan_link", i));
    for (std::size_t k = 0; k < site.racks.size(); ++k) {
      check(site.racks[k].switch_link, fmt::format("/sites/{}/racks/{}/switch_link", i, k));
    }
  }
}

void registered_names_exist(const Scenario& scenario, const CheckContext& context,
                            RuleFindings& findings) {
  check_name(scenario.gateway.router, context.routers, "/gateway/router", "router", findings);
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    check_name(pool.engine, context.engines, fmt::format("/pools/{}/engine", i), "engine",
               findings);
    check_name(pool.scheduler, context.schedulers, fmt::format("/pools/{}/scheduler", i),
               "scheduler", findings);
  }
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& workload = scenario.workloads[i];
    check_name(workload.kind, context.workload_kinds, fmt::format("/workloads/{}/kind", i),
               "kind of workload", findings);
    if (!workload.trace_format.empty()) {
      check_name(workload.trace_format, context.trace_formats,
                 fmt::format("/workloads/{}/trace_format", i), "trace format", findings);
    }
    if (workload.kind == "office_day") {
      check_name(workload.day_profile, context.day_profiles,
                 fmt::format("/workloads/{}/day_profile", i), "profile of the day", findings);
    }
  }
}

void engines_suit_servers(const Scenario& scenario, const CheckContext& context,
                          RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  std::vector<std::string> suitable;
  for (const auto& [name, engine] : context.engine_defaults) {
    if (engine.for_cpus) suitable.push_back(name);
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const auto engine = context.engine_defaults.find(pool.engine);
    const ServerGroupSpec* group = group_of_pool(scenario, pool).group;
    if (engine == context.engine_defaults.end() || engine->second.for_cpus || !group) continue;
    const ServerType* server = context.hardware->server(group->type);
    if (server == nullptr || server->accelerators > 0) continue;
    findings.add({.severity = Severity::warning,
                  .place = fmt::format("/pools/{}/engine", i),
                  .message = "this engine is for accelerators, but the servers of the pool have "
                             "none: its times on CPUs are those of other software",
                  .found = fmt::format("\"{}\" on {} ({})", pool.engine, group->name, group->type),
                  .allowed = join_names(suitable),
                  .fix = "set \"engine\" to \"cpu-native\""});
  }
}

void number_formats_exist(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const Result<ServedPrecision> precision = precision_of(scenario.pools[i], ModelCard{}, false);
    for (Diagnostic error : precision.diagnostics().items()) {
      error.place = fmt::format("/pools/{}{}", i, error.place);
      findings.add(std::move(error));
    }
  }
}

namespace {

void check_prefill_pool(const Scenario& scenario, const PoolSpec& pool, const std::string& place,
                        RuleFindings& findings) {
  if (pool.decode_pool.empty()) {
    findings.add({.place = place + "/decode_pool",
                  .message = "a prefill pool has to name the pool that decodes",
                  .allowed = join_names(pool_names(scenario)),
                  .fix = "add \"decode_pool\""});
    return;
  }
  const PoolSpec* decode = find_pool(scenario, pool.decode_pool);
  if (decode == nullptr) {
    findings.unknown_name(place + "/decode_pool", "there is no such pool", pool.decode_pool,
                          pool_names(scenario));
    return;
  }
  if (decode->role != PoolSpec::Role::decode) {
    findings.add({.place = place + "/decode_pool",
                  .message = "the pool that receives the KV caches does not have the role decode",
                  .found = fmt::format("\"{}\"", pool.decode_pool),
                  .fix = "set its \"role\" to \"decode\""});
  }
  if (decode->model != pool.model || decode->kv_cache != pool.kv_cache) {
    findings.add({.place = place + "/decode_pool",
                  .message = "both halves of a pair need the same model and KV cache format",
                  .found = fmt::format("\"{}\" {} and \"{}\" {}", pool.model, pool.kv_cache,
                                       decode->model, decode->kv_cache)});
  }
}

}  // namespace

void prefill_decode_paired(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const std::string place = fmt::format("/pools/{}", i);
    if (pool.role == PoolSpec::Role::prefill) {
      check_prefill_pool(scenario, pool, place, findings);
      continue;
    }
    if (!pool.decode_pool.empty()) {
      findings.add({.place = place + "/decode_pool",
                    .message = "only a prefill pool hands its KV caches on",
                    .found = fmt::format("\"{}\"", pool.decode_pool),
                    .fix = "set \"role\" to \"prefill\" or remove \"decode_pool\""});
    }
    const bool fed =
        std::any_of(scenario.pools.begin(), scenario.pools.end(), [&](const PoolSpec& other) {
          return other.role == PoolSpec::Role::prefill && other.decode_pool == pool.name;
        });
    if (pool.role == PoolSpec::Role::decode && !fed) {
      findings.add({.place = place + "/role",
                    .message = "no prefill pool feeds this decode pool",
                    .fix = "name it as \"decode_pool\" of a prefill pool"});
    }
  }
}

}  // namespace microdc::rules
