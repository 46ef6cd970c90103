#include "sim/scenario/lookup.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {

std::string PlacedGroup::place() const {
  return fmt::format("/sites/{}/racks/{}/servers/{}", site, rack, index);
}

std::vector<PlacedGroup> server_groups(const Scenario& scenario) {
  std::vector<PlacedGroup> groups;
  for (std::size_t site = 0; site < scenario.sites.size(); ++site) {
    const auto& racks = scenario.sites[site].racks;
    for (std::size_t rack = 0; rack < racks.size(); ++rack) {
      for (std::size_t i = 0; i < racks[rack].servers.size(); ++i) {
        groups.push_back({&racks[rack].servers[i], site, rack, i});
      }
    }
  }
  return groups;
}

PlacedGroup group_of_pool(const Scenario& scenario, const PoolSpec& pool) {
  const std::vector<PlacedGroup> groups = server_groups(scenario);
  if (pool.servers.empty()) {
    const bool one_type =
        !groups.empty() && std::all_of(groups.begin(), groups.end(), [&](const PlacedGroup& other) {
          return other.group->type == groups.front().group->type;
        });
    return one_type ? groups.front() : PlacedGroup{};
  }
  for (const PlacedGroup& placed : groups) {
    if (placed.group->name == pool.servers) return placed;
  }
  return {};
}

bool runs_on_several_groups(const Scenario& scenario, const PoolSpec& pool) {
  return pool.servers.empty() && server_groups(scenario).size() > 1;
}

const PoolSpec* find_pool(const Scenario& scenario, std::string_view name) {
  for (const PoolSpec& pool : scenario.pools) {
    if (pool.name == name) return &pool;
  }
  return nullptr;
}

namespace {
std::optional<Bytes> memory_of_socket(const ServerType& server, const Cpu& cpu) {
  if (server.memory && server.sockets > 0) {
    return Bytes(server.memory->value / static_cast<double>(server.sockets));
  }
  if (cpu.memory) return Bytes(cpu.memory->value);
  return std::nullopt;
}
}  // namespace

std::optional<ServingDevices> serving_devices(const HardwareCatalog& catalog,
                                              const ServerGroupSpec& group) {
  const ServerType* server = catalog.server(group.type);
  if (server == nullptr) return std::nullopt;
  if (server->accelerators > 0) {
    const Accelerator* accelerator = catalog.accelerator(server->accelerator);
    if (accelerator == nullptr) return std::nullopt;
    ServingDevices devices{accelerator->name, server->accelerators, std::nullopt};
    if (accelerator->memory) devices.memory = Bytes(accelerator->memory->value);
    return devices;
  }
  const Cpu* cpu = catalog.cpu(server->cpu);
  if (cpu == nullptr) return std::nullopt;
  return ServingDevices{cpu->name, server->sockets, memory_of_socket(*server, *cpu)};
}

std::string text_of(const UnusedDevices& unused) {
  return fmt::format("{} of the {} {} of \"{}\" ({}) {} used by no pool", unused.unused,
                     unused.bought, unused.device, unused.group, unused.server,
                     unused.unused == 1 ? "is" : "are");
}

const KnowledgeBaseSpec* knowledge_base_of(const Scenario& scenario, const WorkloadSpec& workload) {
  if (!workload.retrieval || workload.retrieval->share <= 0) return nullptr;
  for (const KnowledgeBaseSpec& base : scenario.knowledge_bases) {
    if (base.name == workload.retrieval->knowledge_base) return &base;
  }
  return nullptr;
}

PlacedGroup group_of_knowledge_base(const Scenario& scenario, const KnowledgeBaseSpec& base) {
  for (const PlacedGroup& placed : server_groups(scenario)) {
    if (base.servers.empty() || placed.group->name == base.servers) return placed;
  }
  return {};
}

std::vector<UnusedDevices> unused_devices(const Scenario& scenario,
                                          const HardwareCatalog& catalog) {
  std::vector<UnusedDevices> groups;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = catalog.server(placed.group->type);
    const std::int64_t count = server == nullptr ? 0 : server->accelerators * placed.group->count;
    groups.push_back({placed.place(), placed.group->name, placed.group->type,
                      server == nullptr ? "" : server->accelerator, count, count});
  }
  for (const PoolSpec& pool : scenario.pools) {
    if (group_of_pool(scenario, pool).group == nullptr) return {};
    std::int64_t needed = devices_needed(pool);
    for (UnusedDevices& group : groups) {
      if (!pool.servers.empty() && group.group != pool.servers) continue;
      const std::int64_t taken = std::min(needed, group.unused);
      group.unused -= taken;
      needed -= taken;
    }
  }
  // What pools leave free looks documents up.
  for (const KnowledgeBaseSpec& base : scenario.knowledge_bases) {
    const PlacedGroup placed = group_of_knowledge_base(scenario, base);
    if (base.device != KnowledgeBaseSpec::Device::accelerator || placed.group == nullptr) continue;
    for (UnusedDevices& group : groups) {
      if (group.place == placed.place()) group.unused = 0;
    }
  }
  std::erase_if(groups, [](const UnusedDevices& group) { return group.unused == 0; });
  return groups;
}

bool has_office_days(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const WorkloadSpec& spec) { return spec.kind == "office_day"; });
}

std::optional<Money> catalog_price(const HardwareCatalog& catalog, const ServerType& server) {
  if (server.price) return Money(server.price->value);
  const Cpu* cpu = catalog.cpu(server.cpu);
  if (!server.price_without_processors || cpu == nullptr || !cpu->price) return std::nullopt;
  double price = server.price_without_processors->value +
                 static_cast<double>(server.sockets) * cpu->price->value;
  if (server.accelerators > 0) {
    const Accelerator* accelerator = catalog.accelerator(server.accelerator);
    if (accelerator == nullptr || !accelerator->price) return std::nullopt;
    price += static_cast<double>(server.accelerators) * accelerator->price->value;
  }
  return Money(price);
}

ParallelLayout layout_of(const PoolSpec& pool) {
  return {.tp = static_cast<int>(pool.tp),
          .pp = static_cast<int>(pool.pp),
          .dp = static_cast<int>(pool.dp),
          .ep = static_cast<int>(pool.ep)};
}

std::int64_t devices_needed(const PoolSpec& pool) {
  // Each factor is at most 100000, so a double holds the product, which may exceed 64 bits.
  const double product = static_cast<double>(pool.replicas) * static_cast<double>(pool.tp) *
                         static_cast<double>(pool.pp) * static_cast<double>(pool.dp);
  return static_cast<std::int64_t>(std::min(product, 9e15));
}

namespace {
bool computes_below_16_bits(NumberFormat weights) {
  const NumberFormat compute = compute_format(weights);
  return compute != NumberFormat::bf16 && compute != NumberFormat::fp16 &&
         compute != NumberFormat::fp32 && compute != NumberFormat::int8;
}
}  // namespace

Result<ServedPrecision> precision_of(const PoolSpec& pool, const ModelCard& card,
                                     bool low_precision_kv_cache) {
  ServedPrecision precision{.weights = card.native_format, .kv_cache = NumberFormat::bf16};
  Diagnostics errors;
  const auto read = [&](const std::string& name, std::string_view key, NumberFormat& format) {
    if (name.empty()) return;
    const Result<NumberFormat> parsed = parse_number_format(name);
    if (parsed) {
      format = *parsed;
      return;
    }
    for (Diagnostic error : parsed.diagnostics().items()) {
      error.place = fmt::format("/{}", key);
      errors.add(std::move(error));
    }
  };
  read(pool.weights, "weights", precision.weights);
  if (low_precision_kv_cache && computes_below_16_bits(precision.weights)) {
    precision.kv_cache = NumberFormat::fp8;
  }
  read(pool.kv_cache, "kv_cache", precision.kv_cache);
  if (errors.has_errors()) return errors;
  return precision;
}

}  // namespace microdc
