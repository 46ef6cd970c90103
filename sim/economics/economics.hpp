// All that a scenario and a year of its use say about money.
#pragma once

#include <optional>

#include "sim/economics/baselines.hpp"
#include "sim/economics/ownership_inputs.hpp"
#include "sim/economics/parts_list.hpp"

namespace microdc {

struct Economics {
  PartsList parts;
  OwnershipInputs inputs;
  std::optional<Ownership> ownership;       ///< empty: something is missing
  std::optional<Money> per_employee_month;  ///< levelised
  BaselineList baselines;
};

Economics economics_of(const Scenario& scenario, const HardwareCatalog& hardware,
                       const EconomicsCatalog& catalog, const RunCost& cost);

}  // namespace microdc
