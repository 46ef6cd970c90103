// What the total cost of ownership of a scenario is computed from, and where each figure is from.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/economics/catalog.hpp"
#include "sim/economics/cost.hpp"
#include "sim/economics/ownership.hpp"
#include "sim/economics/parts_list.hpp"

namespace microdc {

/// How one yearly cost comes about.
struct CostBasis {
  CostKind kind = CostKind::energy;
  std::string text;    ///< "0.25 full-time equivalents at 95,000 EUR"
  std::string source;  ///< who says so; "the scenario"
};

struct OwnershipInputs {
  PurchaseTerms terms;
  YearOfUse use;                         ///< every year alike
  std::int64_t employees = 0;            ///< 0: not known
  std::vector<CostBasis> basis;          ///< of each cost that is counted
  std::vector<std::string> not_counted;  ///< what the scenario leaves open, in words
  std::vector<std::string> missing;      ///< without which there is no total
  [[nodiscard]] bool complete() const { return missing.empty(); }
};

/// `cost` gives energy, carbon, requests and tokens of a year. Without organisation.employees, the
/// largest number of users of a workload counts.
OwnershipInputs ownership_inputs(const Scenario& scenario, const PartsList& parts,
                                 const EconomicsCatalog& catalog, const RunCost& cost);

}  // namespace microdc
