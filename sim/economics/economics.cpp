#include "sim/economics/economics.hpp"

namespace microdc {

Economics economics_of(const Scenario& scenario, const HardwareCatalog& hardware,
                       const EconomicsCatalog& catalog, const RunCost& cost) {
  Economics result;
  result.parts = parts_list(scenario, hardware, catalog);
  result.inputs = ownership_inputs(scenario, result.parts, catalog, cost);
  result.baselines = baselines(scenario, hardware, catalog, cost, result.inputs);
  if (!result.inputs.complete()) return result;
  result.ownership = ownership(result.inputs.terms, {&result.inputs.use, 1});
  if (result.inputs.employees > 0) {
    result.per_employee_month = Money(result.ownership->totals.per_year) /
                                (12 * static_cast<double>(result.inputs.employees));
  }
  return result;
}

}  // namespace microdc
