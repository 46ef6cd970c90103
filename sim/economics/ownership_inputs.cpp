#include "sim/economics/ownership_inputs.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "hwprofiles/base/thousands.hpp"

namespace microdc {
namespace {

const char* const from_scenario = "the scenario";
const char* const by_default = "default";

std::int64_t employees_of(const Scenario& scenario) {
  if (scenario.organisation.employees > 0) return scenario.organisation.employees;
  std::int64_t most = 0;
  for (const WorkloadSpec& workload : scenario.workloads) most = std::max(most, workload.users);
  return most;
}

std::string jurisdiction_of(const Scenario& scenario) {
  if (!scenario.organisation.jurisdiction.empty()) return scenario.organisation.jurisdiction;
  return scenario.sites.empty() ? "" : scenario.sites.front().jurisdiction;
}

class Collector {
 public:
  Collector(const Scenario& scenario, const EconomicsCatalog& catalog, OwnershipInputs& inputs)
      : scenario_(scenario),
        operation_(scenario.economics.operation),
        catalog_(catalog),
        inputs_(inputs) {}

  void energy(const RunCost& cost) {
    if (!cost.year.energy || !cost.year.facility) {
      inputs_.missing.push_back(cost.year_known ? "cost of a year's energy" : cost.year_basis);
      return;
    }
    inputs_.use.energy = cost.year.energy->value();
    inputs_.basis.push_back(
        {CostKind::energy,
         whole_text(cost.year.facility->value() / joules_per_kwh) + " kWh of the facility a year",
         "the simulation; tariffs and PUE of the scenario"});
  }

  void staff() {
    if (operation_.staff == 0) {
      inputs_.not_counted.emplace_back("staff");
      return;
    }
    std::optional<double> salary;
    std::string source = from_scenario;
    if (operation_.salary) {
      salary = operation_.salary->value();
    } else if (const Salary* found = catalog_.salary(jurisdiction_of(scenario_), currency())) {
      salary = found->salary->value;
      source = fmt::format("{}, {}", found->label, found->salary->source);
    }
    if (!salary) {
      inputs_.missing.push_back(
          fmt::format("salary in {} (economics/operation/salary)", currency()));
      return;
    }
    inputs_.use.staff = operation_.staff * *salary;
    inputs_.basis.push_back({CostKind::staff,
                             fmt::format("{:g} full-time equivalents at {} {}", operation_.staff,
                                         whole_text(*salary), currency()),
                             source});
  }

  void maintenance(const PartsList& parts) {
    if (operation_.maintenance_share == 0) return;
    if (!parts.owned_missing.empty()) {
      inputs_.not_counted.push_back(
          fmt::format("maintenance of owned servers, as far as it is a share of the {}",
                      fmt::join(parts.owned_missing, ", ")));
    }
    const bool owned = parts.owned != Cents();
    inputs_.use.maintenance =
        (parts.equipment() + parts.owned).money().value() * operation_.maintenance_share * taxed();
    inputs_.basis.push_back(
        {CostKind::maintenance,
         fmt::format("{:g} % of the purchase without tax{}{}", operation_.maintenance_share * 100,
                     owned ? ", and of what the owned servers would cost today" : "", tax_text()),
         operation_.maintenance_share == OperationSpec{}.maintenance_share ? by_default
                                                                           : from_scenario});
  }

  void given(CostKind kind, const std::optional<Money>& amount, double& place, const char* words) {
    if (!amount) {
      inputs_.not_counted.emplace_back(words);
      return;
    }
    place = amount->value();
    inputs_.basis.push_back({kind, words, from_scenario});
  }

  void carbon(const RunCost& cost) {
    if (!operation_.carbon_price) {
      inputs_.not_counted.emplace_back("carbon");
      return;
    }
    if (!cost.year.carbon_grams) {
      if (cost.year_known)
        inputs_.missing.emplace_back("carbon intensity of every site (scenario)");
      return;
    }
    const double tonnes = *cost.year.carbon_grams / 1e6;
    inputs_.use.carbon = tonnes * operation_.carbon_price->value();
    inputs_.basis.push_back({CostKind::carbon,
                             fmt::format("{:.3g} t CO2e a year at {:g} {} per tonne", tonnes,
                                         operation_.carbon_price->value(), currency()),
                             from_scenario});
  }

  void clouds(const RunCost& cost) {
    if (scenario_.clouds.empty() || !cost.year_known) return;
    if (!cost.year.clouds) {
      inputs_.missing.emplace_back("prices of the clouds (scenario)");
      return;
    }
    inputs_.use.cloud = cost.year.clouds->value() * taxed();
    inputs_.basis.push_back({CostKind::cloud,
                             "tokens of the requests that went to clouds" + tax_text(),
                             "the simulation; prices of the offers or the scenario"});
  }

 private:
  /// What a price becomes with the sales tax that is not reclaimed.
  [[nodiscard]] double taxed() const { return 1 + scenario_.economics.sales_tax; }
  [[nodiscard]] std::string tax_text() const {
    const double tax = scenario_.economics.sales_tax;
    return tax > 0 ? fmt::format(", and {:g} % sales tax", 100 * tax) : "";
  }
  [[nodiscard]] const std::string& currency() const { return scenario_.economics.currency; }

  const Scenario& scenario_;
  const OperationSpec& operation_;
  const EconomicsCatalog& catalog_;
  OwnershipInputs& inputs_;
};

}  // namespace

OwnershipInputs ownership_inputs(const Scenario& scenario, const PartsList& parts,
                                 const EconomicsCatalog& catalog, const RunCost& cost) {
  const EconomicsSpec& economics = scenario.economics;
  OwnershipInputs inputs;
  inputs.terms = {.equipment = parts.equipment().money().value(),
                  .sales_tax = economics.sales_tax,
                  .financing = economics.financing,
                  .years = economics.years,
                  .discount_rate = economics.discount_rate,
                  .residual_share = economics.residual_share,
                  .depreciation_years = economics.depreciation_years};
  inputs.missing = parts.missing;
  inputs.employees = employees_of(scenario);
  inputs.use.requests = cost.year_known ? cost.year.requests : 0;
  inputs.use.output_tokens = cost.year_known ? cost.year.output_tokens : 0;
  Collector collector(scenario, catalog, inputs);
  collector.energy(cost);
  collector.staff();
  collector.maintenance(parts);
  collector.given(CostKind::support, economics.operation.support, inputs.use.support,
                  "software and support contracts");
  collector.given(CostKind::space, economics.operation.space, inputs.use.space, "floor space");
  collector.carbon(cost);
  collector.clouds(cost);
  return inputs;
}

}  // namespace microdc
