#include "sim/serving/retrieval_placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

using Device = KnowledgeBaseSpec::Device;

Bytes host_memory(const ServerType& type, const Cpu& cpu) {
  if (type.memory) return Bytes(type.memory->value);
  if (cpu.memory) return Bytes(cpu.memory->value * static_cast<double>(type.sockets));
  return Bytes(std::numeric_limits<double>::infinity());  // not known
}

class RetrievalPlacer {
 public:
  RetrievalPlacer(const Scenario& scenario, const Catalogs& catalogs,
                  const std::vector<PlacedServer>& servers,
                  const std::vector<ServerOccupancy>& occupancy)
      : scenario_(scenario), catalogs_(catalogs), servers_(servers), occupancy_(occupancy) {}

  Result<std::vector<PlacedRetrieval>> run() {
    for (std::size_t i = 0; i < scenario_.knowledge_bases.size(); ++i) {
      if (is_read(scenario_.knowledge_bases[i])) {
        place(scenario_.knowledge_bases[i], fmt::format("/knowledge_bases/{}", i));
      }
    }
    if (findings_.has_errors()) return findings_;
    return {std::move(hosts_), std::move(findings_)};
  }

 private:
  [[nodiscard]] bool is_read(const KnowledgeBaseSpec& base) const {
    return std::any_of(
        scenario_.workloads.begin(), scenario_.workloads.end(),
        [&](const WorkloadSpec& w) { return knowledge_base_of(scenario_, w) == &base; });
  }

  void place(const KnowledgeBaseSpec& spec, const std::string& place) {
    auto parts = parts_of(spec, catalogs_.retrieval, place);
    findings_.append(parts.diagnostics());
    const PlacedGroup group = group_of_knowledge_base(scenario_, spec);
    if (group.group == nullptr) {
      findings_.add({.place = place + "/servers",
                     .message = "there is no such server group",
                     .found = fmt::format("\"{}\"", spec.servers)});
      return;
    }
    PlacedRetrieval* host = host_of(*group.group, spec.device, place);
    if (host == nullptr || !parts) return;
    host->bases.push_back(std::move(*parts));
    check_memory(*host, place);
  }

  /// Null, with an error, if there is no device.
  PlacedRetrieval* host_of(const ServerGroupSpec& group, Device kind, const std::string& place) {
    for (PlacedRetrieval& host : hosts_) {
      if (host.group == group.name && host.kind == kind) return &host;
    }
    PlacedRetrieval host{.group = group.name, .kind = kind};
    const ServerType* type = catalogs_.hardware.server(group.type);
    if (type == nullptr) return nullptr;  // reported with the pools
    kind == Device::cpu ? take_sockets(host, *type) : take_accelerators(host, *type);
    if (host.servers.empty()) {
      findings_.add({.problem = Problem::infeasible,
                     .place = place + "/device",
                     .message = "no accelerator is left for looking documents up",
                     .found = fmt::format(
                         "\"{}\", {}", group.name,
                         type->accelerator.empty() ? "which has none" : "of which pools use all"),
                     .fix = "set \"device\" to \"cpu\", or serve pools on fewer accelerators"});
      return nullptr;
    }
    hosts_.push_back(std::move(host));
    return &hosts_.back();
  }

  void take_accelerators(PlacedRetrieval& host, const ServerType& type) {
    const Accelerator* accelerator = catalogs_.hardware.accelerator(type.accelerator);
    if (accelerator == nullptr) return;
    host.device = accelerator->name;
    host.counts_by_power = true;
    host.cores = static_cast<double>(accelerator->multiprocessors.value_or(1));
    host.memory = Bytes(accelerator->memory ? accelerator->memory->value
                                            : std::numeric_limits<double>::infinity());
    take_devices(host, static_cast<double>(type.accelerators), true);
  }

  void take_sockets(PlacedRetrieval& host, const ServerType& type) {
    const Cpu* cpu = catalogs_.hardware.cpu(type.cpu);
    if (cpu == nullptr) return;
    host.device = cpu->name;
    host.cores = static_cast<double>(std::max<std::int64_t>(1, cpu->cores));
    host.memory = host_memory(type, *cpu);
    host.counts_by_power = std::any_of(servers_.begin(), servers_.end(), [&](const auto& server) {
      return server.group == host.group && occupancy_[&server - servers_.data()].cpu_serves;
    });
    const auto sockets = static_cast<double>(type.sockets);
    take_devices(host, sockets, host.counts_by_power);
    host.beside_model = host.servers.empty();
    if (host.beside_model) take_devices(host, sockets, false);
    if (!host.counts_by_power) return;
    // Pools took their share of the memory of their sockets.
    double taken = 0;
    for (const std::size_t s : host.servers) {
      taken = std::max(taken, occupancy_[s].devices / sockets * occupancy_[s].memory_share);
    }
    host.memory = host.memory * (1 - taken);
  }

  /// `left`: only those that pools leave.
  void take_devices(PlacedRetrieval& host, double in_server, bool left) {
    for (std::size_t s = 0; s < servers_.size(); ++s) {
      if (servers_[s].group != host.group) continue;
      const double count = left ? in_server - occupancy_[s].devices : in_server;
      for (std::int64_t i = 0; i < std::llround(count); ++i) host.servers.push_back(s);
    }
  }

  void check_memory(const PlacedRetrieval& host, const std::string& place) {
    Bytes needed;
    for (const KnowledgeBaseParts& base : host.bases) {
      needed += index_bytes(base, catalogs_.retrieval) + model_bytes(base, catalogs_.retrieval);
    }
    if (needed <= host.memory) return;
    const bool cpu = host.kind == Device::cpu;
    findings_.add({.problem = Problem::infeasible,
                   .place = place,
                   .message = fmt::format("its index and models do not fit the memory of {} {}",
                                          cpu ? "a server of" : "an accelerator of", host.group),
                   .found = fmt::format("{:.1f} GB, with the other knowledge bases there",
                                        needed.value() / 1e9),
                   .allowed = fmt::format("{:.1f} GB{}", host.memory.value() / 1e9,
                                          cpu && host.counts_by_power ? ", what pools leave" : ""),
                   .fix = "take fewer chunks, a smaller embedding, or servers with more memory"});
  }

  const Scenario& scenario_;
  const Catalogs& catalogs_;
  const std::vector<PlacedServer>& servers_;
  const std::vector<ServerOccupancy>& occupancy_;
  std::vector<PlacedRetrieval> hosts_;
  Diagnostics findings_;
};

}  // namespace

Result<std::vector<PlacedRetrieval>> place_retrieval(
    const Scenario& scenario, const Catalogs& catalogs, const std::vector<PlacedServer>& servers,
    const std::vector<ServerOccupancy>& occupancy) {
  return RetrievalPlacer(scenario, catalogs, servers, occupancy).run();
}

LookupKind lookup_kind(const PlacedRetrieval& host, const KnowledgeBaseParts& base,
                       const RetrievalSpec& retrieval, const RetrievalCatalog& catalog,
                       const DeviceLaws& laws) {
  const LookupCost cost = lookup_cost(base, retrieval, catalog, laws, host.cores);
  const double slower = host.beside_model ? catalog.slowdown_beside_model->value : 1;
  LookupKind kind{.chunk_tokens = retrieval.chunks * base.spec->chunk_tokens};
  double seconds = 0;
  double core_seconds = 0;
  Joules energy;
  for (std::size_t i = 0; i < cost.size(); ++i) {
    const StageCost& stage = cost[i];
    const double time = stage.seconds * slower;
    if (time <= 0) continue;
    kind.stages[i] = static_cast<Nanoseconds>(std::llround(time * 1e9));
    seconds += time;
    core_seconds += time * stage.cores * host.cores;
    const double memory_use = stage.bytes / (time * laws.memory_bandwidth().value());
    const Watts power = laws.power(memory_use, stage.arithmetic / time, 0);
    energy += std::max(Watts(0), power - laws.idle_power()) * Seconds(time);
  }
  if (host.counts_by_power)
    kind.power = energy / Seconds(seconds);
  else
    kind.host_cores = core_seconds / seconds;
  return kind;
}

}  // namespace microdc
