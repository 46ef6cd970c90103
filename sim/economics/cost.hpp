// What a simulated period costs, and what a year of such days costs.
//
//   amortisation = capex / depreciation_years * simulated time   (straight line, no residual value)
//   energy       = sum over sites of facility energy * tariff
//   total        = amortisation + energy
//
// Only what the scenario holds is counted: no staff, maintenance, floor space or interest.
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
  std::optional<Money> total;  ///< amortisation + energy
  double requests = 0;         ///< completed
  double output_tokens = 0;
  std::optional<Money> per_1000_requests;          ///< total / requests
  std::optional<Money> per_million_output_tokens;  ///< total / output tokens
};

struct SiteEnergyCost {
  std::string site;
  std::optional<Money> energy;
};

/// Servers of one group.
struct PurchasedServers {
  std::string server;  ///< type
  std::int64_t count = 0;
  std::optional<Money> each;  ///< catalog price in the scenario's currency
};

struct RunCost {
  std::string currency;
  std::optional<Money> capex;
  std::vector<PurchasedServers> purchase;  ///< what is bought, whoever states the price
  bool capex_from_scenario = false;        ///< economics.capex, not the sum of catalog prices
  double depreciation_years = 0;
  PeriodCost simulated;
  PeriodCost year;
  bool year_known = true;  ///< false: the run was cut short; requests and energy of `year` are void
  std::optional<Money> year_per_user;  ///< total of `year` / users of office days; empty without
  std::string year_basis;              ///< how the year follows from the simulated time, for people
  std::vector<SiteEnergyCost> sites;
  std::vector<std::string> missing;  ///< what the catalog or the scenario lacks, each named once
};

/// Purchase price of everything in the scenario's racks, in its currency.
struct Capex {
  std::optional<Money> amount;
  std::vector<PurchasedServers> servers;  ///< by group, in the order of the file
  std::vector<std::string> missing;
};
/// Catalog prices are in US dollars and are multiplied by economics.exchange_rate. A server whose
/// catalog entry has no price of the whole costs its chassis, CPUs and accelerators.
Capex catalog_capex(const Scenario& scenario, const HardwareCatalog& hardware);

/// Costs of a run. A year of a scenario with office days has economics.working_days_per_year days
/// like the simulated ones, and on all others the rack is on and idle; other scenarios run all year
/// as simulated. With several sites, idle power is split by their share of the simulated energy.
RunCost cost_of_run(const Scenario& scenario, const HardwareCatalog& hardware,
                    const SimulationResult& result);

}  // namespace microdc
