#include "sim/serving/simulation.hpp"

#include "sim/scenario/lookup.hpp"
#include "sim/serving/rack.hpp"
#include "sim/workload/retrieval_prompts.hpp"

namespace microdc {
namespace {

std::optional<Joules> last_cross_check;

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
  return {std::move(streams), std::move(findings)};
}

Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  const SimulationOptions& options) {
  auto streams = make_streams(scenario, options.base_folder);
  Diagnostics findings = streams.diagnostics();
  if (!streams) return findings;
  auto result = simulate(scenario, catalogs, std::move(*streams), options);
  findings.append(result.diagnostics());
  if (!result) return findings;
  return Result<SimulationResult>(std::move(*result), std::move(findings));
}

Result<SimulationResult> simulate(const Scenario& scenario, const Catalogs& catalogs,
                                  std::vector<RequestStream> streams,
                                  const SimulationOptions& options) {
  EventLoop loop;
  if (options.energy_cross_check) Platform::enable_energy_plugin();
  Rack rack(scenario, catalogs, std::move(streams), options, loop);
  Diagnostics findings = rack.deploy_pools();
  if (findings.has_errors()) return findings;
  rack.run();
  last_cross_check = rack.cross_checked_energy();
  return Result<SimulationResult>(rack.result(), std::move(findings));
}

std::optional<Joules> cross_checked_accelerator_energy() { return last_cross_check; }

}  // namespace microdc
