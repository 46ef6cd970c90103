#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "models/step_work.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {

void layouts_valid(const Scenario& scenario, const CheckContext& context, RuleFindings& findings) {
  if (context.models == nullptr) return;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const ModelCard* card = context.models->find(pool.model);
    if (card == nullptr) continue;
    const Diagnostics layout = check_layout(*card, layout_of(pool));
    for (Diagnostic finding : layout.items()) {
      finding.place = fmt::format("/pools/{}{}", i, finding.place);
      findings.add(std::move(finding));
    }
  }
}

void tensor_parallel_within_server(const Scenario& scenario, const CheckContext& context,
                                   RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const PlacedGroup placed = group_of_pool(scenario, pool);
    if (placed.group == nullptr) continue;
    const auto devices = serving_devices(*context.hardware, *placed.group);
    if (!devices || pool.tp <= devices->count) continue;
    findings.add(
        {.problem = Problem::infeasible,
         .place = fmt::format("/pools/{}/tp", i),
         .message = "tensor parallel ranks do not fit into one server",
         .found = fmt::format("tp {}, and {} × {} in a \"{}\"", pool.tp, devices->count,
                              devices->device, placed.group->type),
         .allowed = fmt::format("tp of at most {}", devices->count),
         .fix = placed.group->count * devices->count >= pool.tp
                    ? "spread the layers over servers with \"pp\", or choose larger servers"
                    : fmt::format("choose a server with at least {} of them", pool.tp)});
  }
}

namespace {

constexpr std::int64_t most_devices = 9'000'000'000'000'000;  // sums stay far from 64 bits

/// Whether the tensor parallel groups of all pools can be packed into the servers: the largest
/// first, each into the first server with room. `free` is the number of free devices per server.
bool packs(const std::vector<const PoolSpec*>& pools, std::int64_t servers, std::int64_t devices) {
  std::vector<const PoolSpec*> by_size = pools;
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const PoolSpec* a, const PoolSpec* b) { return a->tp > b->tp; });
  std::vector<std::int64_t> free(static_cast<std::size_t>(servers), devices);
  for (const PoolSpec* pool : by_size) {
    std::int64_t groups = devices_needed(*pool) / pool->tp;
    for (std::int64_t& room : free) {
      const std::int64_t placed = std::min(groups, room / pool->tp);
      room -= placed * pool->tp;
      groups -= placed;
    }
    if (groups > 0) return false;
  }
  return true;
}

/// Pools that run on all groups, together with those that name theirs.
void all_groups_suffice(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  const auto first = std::find_if(
      scenario.pools.begin(), scenario.pools.end(),
      [&](const PoolSpec& pool) { return runs_on_several_groups(scenario, pool); });
  if (first == scenario.pools.end()) return;
  const PlacedGroup group = group_of_pool(scenario, *first);
  if (group.group == nullptr) return;  // pool-servers-exist reports it
  const auto devices = serving_devices(*context.hardware, *group.group);
  if (!devices) return;
  std::int64_t there = 0;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    there += placed.group->count * devices->count;
  }
  std::int64_t needed = 0;
  for (const PoolSpec& pool : scenario.pools) {
    needed = std::min(needed + devices_needed(pool), most_devices);
  }
  if (needed <= there) return;
  findings.add({.problem = Problem::infeasible,
                .place = fmt::format("/pools/{}/replicas", first - scenario.pools.begin()),
                .message = "the pools need more devices than all server groups have",
                .found = fmt::format("replicas*tp*pp*dp of all pools is {}", needed),
                .allowed = fmt::format("{} × {}", there, devices->device),
                .fix = "use fewer replicas, or more servers"});
}

}  // namespace

void owned_servers_are_there(const Scenario& scenario, const CheckContext&,
                             RuleFindings& findings) {
  for (const PlacedGroup& placed : server_groups(scenario)) {
    if (placed.group->owned <= placed.group->count) continue;
    findings.add({.place = placed.place() + "/owned",
                  .message = "more servers are owned than stand there",
                  .found = fmt::format("{} of {}", placed.group->owned, placed.group->count),
                  .fix = "set \"count\" to all servers of the group, owned or not"});
  }
}

void devices_suffice(const Scenario& scenario, const CheckContext& context,
                     RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  all_groups_suffice(scenario, context, findings);
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const auto devices = serving_devices(*context.hardware, *placed.group);
    if (!devices || devices->count <= 0) continue;
    std::vector<const PoolSpec*> pools;
    std::int64_t needed = 0;
    bool too_wide = false;  // reported by tensor-parallel-within-server
    for (const PoolSpec& pool : scenario.pools) {
      if (runs_on_several_groups(scenario, pool)) continue;
      if (group_of_pool(scenario, pool).group != placed.group) continue;
      pools.push_back(&pool);
      needed = std::min(needed + devices_needed(pool), most_devices);
      too_wide = too_wide || pool.tp > devices->count;
    }
    const std::int64_t there = placed.group->count * devices->count;
    Diagnostic finding{.problem = Problem::infeasible, .place = placed.place() + "/count"};
    if (needed > there) {
      const std::int64_t missing = needed - there;
      const std::int64_t servers = (missing + devices->count - 1) / devices->count;
      finding.message = fmt::format("{} more {} needed by the pools of this group", missing,
                                    missing == 1 ? "device is" : "devices are");
      finding.found =
          fmt::format("{} × {} in {} of \"{}\"; replicas*tp*pp*dp of all pools is {}", there,
                      devices->device, placed.group->count, placed.group->type, needed);
      finding.fix =
          fmt::format("set \"count\" to {}, or use fewer replicas", placed.group->count + servers);
      findings.add(std::move(finding));
    } else if (!too_wide && !packs(pools, placed.group->count, devices->count)) {
      finding.message =
          "the devices are enough in number, but tensor parallel ranks would be split over servers";
      finding.found = fmt::format("{} servers with {} × {}", placed.group->count, devices->count,
                                  devices->device);
      finding.fix = "choose a tp that divides the devices of a server, or more servers";
      findings.add(std::move(finding));
    }
  }
}

void devices_used(const Scenario& scenario, const CheckContext& context, RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  for (const UnusedDevices& unused : unused_devices(scenario, *context.hardware)) {
    findings.add({.severity = Severity::warning,
                  .place = unused.place,
                  .message = text_of(unused) + ", but paid for and on",
                  .fix = "give a pool more replicas, or buy fewer"});
  }
}

}  // namespace microdc::rules
