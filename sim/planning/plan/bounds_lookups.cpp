// What looking documents up takes at least, before a request reaches a pool.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "sim/planning/plan/bounds.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/serving/retrieval_placement.hpp"

namespace microdc {
namespace {

using Device = KnowledgeBaseSpec::Device;

/// Of all servers that the candidate needs.
std::int64_t devices_for_lookups(const Candidate& candidate, const ServerType& type, Device kind) {
  if (kind == Device::cpu) return type.sockets * candidate.all_servers();
  return free_accelerators(candidate, type);
}

/// A device of the type, with nothing beside the lookups: no lookup is faster than there.
PlacedRetrieval lone_host(const ServerType& type, const HardwareCatalog& hardware, Device kind) {
  PlacedRetrieval host{.kind = kind};
  if (kind == Device::accelerator) {
    host.device = type.accelerator;
    const Accelerator* accelerator = hardware.accelerator(type.accelerator);
    if (accelerator == nullptr) return host;
    host.cores = static_cast<double>(accelerator->multiprocessors.value_or(1));
    if (accelerator->memory) host.memory = Bytes(accelerator->memory->value);
  } else {
    host.device = type.cpu;
    const Cpu* cpu = hardware.cpu(type.cpu);
    if (cpu != nullptr) host.cores = static_cast<double>(std::max<std::int64_t>(1, cpu->cores));
  }
  return host;
}

}  // namespace

Bounds::Lookup Bounds::measure_lookup(const Candidate& candidate, std::size_t workload) const {
  const WorkloadSpec& spec = demand_.scenario.workloads[workload];
  const KnowledgeBaseSpec& base = *knowledge_base_of(demand_.scenario, spec);
  const ServerType& type = *catalogs_.hardware.server(candidate.server);
  const PlacedRetrieval host = lone_host(type, catalogs_.hardware, base.device);
  if (host.device.empty())
    return {.failure = "its servers have no accelerator to look documents up"};
  const auto parts = parts_of(base, catalogs_.retrieval, "");
  if (!parts) return {.failure = parts.diagnostics().items().front().message};
  const Bytes needed =
      index_bytes(*parts, catalogs_.retrieval) + model_bytes(*parts, catalogs_.retrieval);
  if (host.memory.value() > 0 && needed > host.memory) {
    return {.failure =
                fmt::format("an accelerator does not hold the index and models of {}", base.name)};
  }
  const auto laws = make_device_laws(catalogs_.hardware, catalogs_.profiles, host.device,
                                     catalogs_.retrieval.kernel_source, std::nullopt);
  if (!laws) return {.failure = laws.diagnostics().items().front().message};
  const LookupKind kind = lookup_kind(host, *parts, *spec.retrieval, catalogs_.retrieval, *laws);
  return {.seconds = static_cast<double>(kind.service()) * 1e-9};
}

void Bounds::check_lookups(const Candidate& candidate, std::vector<Miss>& misses) {
  const Scenario& scenario = demand_.scenario;
  const ServerType& type = *catalogs_.hardware.server(candidate.server);
  for (std::size_t w = 0; w < demand_.lookups.size(); ++w) {
    const PoolDemand& lookups = demand_.lookups[w];
    if (lookups.prompts.empty()) continue;
    const std::string key = fmt::format("{}/{}", candidate.server, w);
    auto known = lookups_.find(key);
    if (known == lookups_.end()) {
      known = lookups_.emplace(key, measure_lookup(candidate, w)).first;
    }
    const Lookup& lookup = known->second;
    if (!lookup.failure.empty()) {
      misses.push_back({.need = Need::memory, .text = lookup.failure});
      return;
    }
    // The first token waits for the lookup and for the prompt with its documents, of which at most
    // what all share and the first document are cached (docs/retrieval.md).
    double prefill = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < candidate.pools.size(); ++i) {
      prefill = std::min(prefill, speed_of(candidate, i).lookup_prefill[w]);
    }
    const double ttft = lookup.seconds + prefill;
    const bool in_time = lookups.least_attainment(scenario.needs.attainment) > 0;
    if (in_time && scenario.slo.ttft && ttft > scenario.slo.ttft->value()) {
      misses.push_back({Need::ttft, ttft, scenario.slo.ttft->value(), true, ""});
    }
    const KnowledgeBaseSpec& base = *knowledge_base_of(scenario, scenario.workloads[w]);
    const auto devices = static_cast<double>(devices_for_lookups(candidate, type, base.device));
    const double share =
        lookups.busy_hour_requests * lookup.seconds / (hour_with_slack * std::max(devices, 1.0));
    if (share > 1) misses.push_back({Need::throughput, share, 1, true, ""});
  }
}

}  // namespace microdc
