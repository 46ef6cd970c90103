#include "sim/serving/simulation.hpp"

#include <algorithm>

#include "sim/scenario/lookup.hpp"
#include "sim/serving/rack.hpp"
#include "sim/workload/retrieval_prompts.hpp"

namespace microdc {
namespace {

std::optional<Joules> last_cross_check;

/// Equal prefix ids of different streams, each of which counts from 0, are different content.
/// Streams whose ids lie apart already stay as they are.
bool prefix_ids_lie_apart(const std::vector<RequestStream>& streams) {
  std::uint64_t end = 0;  // of the ids of all streams before
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const std::vector<std::uint32_t>& ids = streams[i].trace.prefix_hashes;
    if (ids.empty()) continue;
    // Two plain loops, since millions of ids are looked at before every run.
    std::uint32_t lowest = UINT32_MAX;
    if (end > 0) {
      for (const std::uint32_t id : ids) lowest = std::min(lowest, id);
    }
    if (lowest < end) return false;
    std::uint32_t highest = 0;
    if (i + 1 < streams.size()) {
      for (const std::uint32_t id : ids) highest = std::max(highest, id);
    }
    end = std::uint64_t{highest} + 1;
  }
  return true;
}

void separate_prefix_ids(std::vector<RequestStream>& streams) {
  std::uint32_t offset = 0;
  for (RequestStream& stream : streams) {
    std::uint32_t highest = 0;
    for (std::uint32_t& id : stream.trace.prefix_hashes) {
      id += offset;
      highest = std::max(highest, id + 1);
    }
    offset = std::max(offset, highest);
  }
}

}  // namespace

Result<std::vector<RequestStream>> make_streams(const Scenario& scenario,
                                                const std::filesystem::path& base_folder) {
  std::vector<RequestStream> streams;
  Diagnostics findings;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    auto stream = make_requests(scenario.workloads[i], static_cast<std::uint64_t>(scenario.seed),
                                static_cast<std::uint32_t>(i), base_folder);
    findings.append(stream.diagnostics());
    if (!stream) continue;
    const WorkloadSpec& workload = scenario.workloads[i];
    if (const KnowledgeBaseSpec* base = knowledge_base_of(scenario, workload)) {
      findings.append(put_chunks_before_prompts(*stream, workload, *base,
                                                static_cast<std::uint64_t>(scenario.seed),
                                                static_cast<std::uint32_t>(i)));
    }
    streams.push_back(std::move(*stream));
  }
  if (findings.has_errors()) return findings;
  separate_prefix_ids(streams);
  return {std::move(streams), std::move(findings)};
}

Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  const SimulationOptions& options) {
  auto streams = make_streams(scenario, options.base_folder);
  Diagnostics findings = streams.diagnostics();
  if (!streams) return findings;
  auto result = simulate(scenario, catalogs, *streams, options);
  findings.append(result.diagnostics());
  if (!result) return findings;
  return Result<SimulationResult>(std::move(*result), std::move(findings));
}

Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  const std::vector<RequestStream>& streams,
                                  const SimulationOptions& options) {
  std::vector<RequestStream> separated;
  if (!prefix_ids_lie_apart(streams)) {
    separated = streams;
    separate_prefix_ids(separated);
  }
  EventLoop loop;
  if (options.energy_cross_check) Platform::enable_energy_plugin();
  Rack rack(scenario, catalogs, separated.empty() ? streams : separated, options, loop);
  Diagnostics findings = rack.deploy_pools();
  if (findings.has_errors()) return findings;
  rack.run();
  last_cross_check = rack.cross_checked_energy();
  return Result<SimulationResult>(rack.result(), std::move(findings));
}

std::optional<Joules> cross_checked_accelerator_energy() { return last_cross_check; }

}  // namespace microdc
