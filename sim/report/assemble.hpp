// From the result of a simulation to everything that an answer is made from.
#pragma once

#include "sim/economics/catalog.hpp"
#include "sim/report/report.hpp"

namespace microdc {

/// Audits the placements by the program's own rules, adds up costs, puts baselines beside them.
/// Without digest, bands and comparison with a measurement. Errors: those of audit_residency.
Result<Report> report_of(const Scenario& scenario, SimulationResult result,
                         const HardwareCatalog& hardware, const EconomicsCatalog& prices);

}  // namespace microdc
