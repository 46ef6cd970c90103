// What a simulated period costs, and what a year of such days costs.
//
//   amortisation = capex / depreciation_years * simulated time   (straight line, no residual value)
//   energy       = sum over sites of facility energy * tariff
//   clouds       = sum over clouds of tokens * price per token
//   total        = amortisation + energy + clouds
//
// Servers, their energy and tokens bought elsewhere only; economics.hpp has the total cost of
// ownership.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"
#include "hwprofiles/catalog.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"

namespace microdc {

/// Cost over some time, in the scenario's currency. What cannot be known is empty.
struct PeriodCost {
  Seconds time;
  std::optional<Money> amortisation;
  std::optional<Money> energy;
  std::optional<Money> clouds;         ///< requests served elsewhere; 0 if there are no clouds
  std::optional<Money> total;          ///< amortisation + energy + clouds
  std::optional<Joules> facility;      ///< energy, with PUE
  std::optional<double> carbon_grams;  ///< CO2 equivalent of that energy
  double requests = 0;                 ///< completed
  double input_tokens = 0;
  double output_tokens = 0;
  std::optional<Money> per_1000_requests;          ///< total / requests
  std::optional<Money> per_million_output_tokens;  ///< total / output tokens
};

struct SiteEnergyCost {
  std::string site;
  std::optional<Money> energy;
};

struct RunCost {
  std::string currency;
  std::optional<Money> capex;        ///< of the servers (server_parts in parts_list.hpp)
  bool capex_from_scenario = false;  ///< economics.capex, not the sum of catalog prices
  double depreciation_years = 0;
  PeriodCost simulated;
  PeriodCost year;
  bool year_known = true;  ///< false: the run was cut short; requests and energy of `year` are void
  std::optional<Money> year_per_user;  ///< total of `year` / users of office days; empty without
  std::string year_basis;              ///< how the year follows from the simulated time, for people
  std::vector<SiteEnergyCost> sites;
  std::vector<std::string> missing;  ///< what the catalog or the scenario lacks, each named once
};

/// Costs of a run. A trace of whole weeks, or of more than five days beside office days, is
/// repeated over the calendar, its days rounded to whole ones. Else a year of a scenario with
/// office days has economics.working_days_per_year days like the simulated ones, and on all others
/// the rack is on and idle; other scenarios run all year as simulated. With several sites, idle
/// power is split by their share of the simulated energy.
RunCost cost_of_run(const Scenario& scenario, const HardwareCatalog& hardware,
                    const SimulationResult& result);

}  // namespace microdc
