// Looking documents up: between the gateway and its choice of where a request goes.
#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/lookup.hpp"
#include "sim/serving/rack.hpp"

namespace microdc {
namespace {

KnowledgeBaseResult result_of(const PlacedRetrieval& host, const KnowledgeBaseParts& base,
                              const RetrievalCatalog& catalog) {
  KnowledgeBaseResult result;
  result.name = base.spec->name;
  result.device = host.device;
  result.server_group = host.group;
  result.devices = static_cast<std::int64_t>(host.servers.size());
  result.beside_model = host.beside_model;
  result.embedding = base.embedding->name;
  if (base.reranker != nullptr) result.reranker = base.reranker->name;
  result.index = base.index->name;
  result.index_memory = index_bytes(base, catalog);
  result.model_memory = model_bytes(base, catalog);
  return result;
}

/// Query and chunk are read together.
Diagnostics check_pair(const KnowledgeBaseParts& base, const RetrievalSpec& retrieval,
                       const std::string& place) {
  Diagnostics findings;
  const std::int64_t query = retrieval.query_tokens;
  const std::string field = place + "/query_tokens";
  check_length(base.embedding, query, "a query", field, findings);
  check_length(base.reranker, query + base.spec->chunk_tokens, "a query with a chunk", field,
               findings);
  return findings;
}

}  // namespace

std::vector<ServerOccupancy> Rack::occupancy() const {
  std::vector<ServerOccupancy> servers(platform_.servers().size());
  for (const Pool& pool : pools_) {
    const DeployedPool& deployed = pool.deployed;
    const double memory =
        deployed.spec->memory_utilization.value_or(deployed.engine->memory_utilization);
    for (const auto& placements : deployed.placements) {
      for (const auto& placement : placements) {
        ServerOccupancy& server = servers[placement.server];
        server.devices += placement.accelerators;
        server.cpu_serves = deployed.cpu_serves;
        server.memory_share = std::max(server.memory_share, memory);
      }
    }
  }
  return servers;
}

Diagnostics Rack::deploy_retrieval() {
  Diagnostics findings;
  const bool asked = std::any_of(streams_.begin(), streams_.end(), [](const Stream& stream) {
    return !stream.requests->looks_up.empty();
  });
  if (!asked) return findings;
  const auto placed = place_retrieval(scenario_, catalogs_, platform_.servers(), occupancy());
  findings.append(placed.diagnostics());
  if (!placed) return findings;
  for (const PlacedRetrieval& host : *placed) {
    retrieval_hosts_.push_back(std::make_unique<RetrievalHost>(host.servers, loop_, *this));
    for (const KnowledgeBaseParts& base : host.bases) {
      knowledge_bases_.push_back(result_of(host, base, catalogs_.retrieval));
    }
  }
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    if (streams_[i].requests->looks_up.empty()) continue;
    findings.append(add_lookups(streams_[i], i, *placed));
  }
  return findings;
}

Diagnostics Rack::add_lookups(Stream& stream, std::size_t index,
                              const std::vector<PlacedRetrieval>& placed) {
  const KnowledgeBaseSpec* wanted = knowledge_base_of(scenario_, *stream.spec);
  std::size_t base_index = 0;
  for (std::size_t h = 0; h < placed.size(); ++h) {
    for (const KnowledgeBaseParts& base : placed[h].bases) {
      const std::size_t this_base = base_index++;
      if (base.spec != wanted) continue;
      const auto laws = make_device_laws(catalogs_.hardware, catalogs_.profiles, placed[h].device,
                                         catalogs_.retrieval.kernel_source, options_.draw);
      if (!laws) return laws.diagnostics();
      stream.lookup =
          lookup_kind(placed[h], base, *stream.spec->retrieval, catalogs_.retrieval, *laws);
      stream.lookup->knowledge_base = this_base;
      stream.lookup_host = retrieval_hosts_[h].get();
      return check_pair(base, *stream.spec->retrieval,
                        fmt::format("/workloads/{}/retrieval", index));
    }
  }
  return {};
}

/// The request is at the gateway.
void Rack::look_up(SequenceId id) {
  sequences_[id].state = Sequence::State::away;
  Stream& stream = streams_[sequences_[id].stream];
  stream.lookup_host->submit(in_flight(id), *stream.lookup);
}

bool Rack::is_wanted(const Lookup& lookup) { return !is_over(lookup.request); }

void Rack::on_looked_up(const Lookup& lookup, Nanoseconds now) {
  const LookupKind& kind = *lookup.kind;
  KnowledgeBaseResult& base = knowledge_bases_[kind.knowledge_base];
  base.busy += kind.service();
  if (is_over(lookup.request)) return;  // the client has gone meanwhile
  const auto id = static_cast<SequenceId>(lookup.request & 0xffffffffu);
  sequences_[id].retrieval = now - lookup.submitted;
  ++base.lookups;
  base.chunk_tokens += kind.chunk_tokens;
  base.wait.add(now - lookup.submitted - kind.service());
  for (std::size_t i = 0; i < retrieval_stage_count; ++i) {
    if (kind.stages[i] > 0) base.stages[i].add(kind.stages[i]);
  }
  base.total.add(now - lookup.submitted);
  route(id);
}

void Rack::on_lookups_changed(std::size_t server) {
  RetrievalHost::Load sum;
  for (const auto& host : retrieval_hosts_) {
    const RetrievalHost::Load load = host->load(server);
    sum.power += load.power;
    sum.host_cores += load.host_cores;
  }
  power_->set_lookups(server, sum.power, sum.host_cores);
}

}  // namespace microdc
