#include "sim/report/assemble.hpp"

#include "hwprofiles/base/json_io.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/report/lawful_baselines.hpp"

namespace microdc {

Result<Report> report_of(const Scenario& scenario, SimulationResult result,
                         const HardwareCatalog& hardware, const EconomicsCatalog& prices) {
  Report report{.scenario = scenario, .result = std::move(result)};
  auto audit = audit_residency(scenario, report.result, data_root() / "sim/policy/catalog");
  if (!audit) return audit.diagnostics();
  report.residency = std::move(*audit);
  report.routing = routing_outcome(scenario, report.result);
  report.cost = cost_of_run(scenario, hardware, report.result);
  report.economics = economics_of(scenario, hardware, prices, report.cost);
  judge_baselines(scenario, *policy_catalog(), prices, report.economics.baselines.baselines);
  report.unused_devices = unused_devices(scenario, hardware);
  return {std::move(report), audit.diagnostics()};
}

}  // namespace microdc
