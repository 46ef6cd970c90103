#include "support.hpp"

#include "hwprofiles/base/json_io.hpp"

namespace microdc::testing {

Scenario small_scenario() {
  Scenario scenario;
  scenario.name = "small";
  scenario.workloads.push_back({.name = "requests", .kind = "poisson"});
  ServerGroupSpec group{.name = "gpu", .type = "a100-1x", .count = 2};
  SiteSpec site{.name = "here", .racks = {{.name = "rack", .servers = {group}}}};
  site.pue = 1.5;
  site.electricity_price = MoneyPerJoule(0.20 / joules_per_kwh);
  scenario.sites.push_back(site);
  scenario.economics = {.currency = "EUR", .depreciation_years = 4};
  return scenario;
}

SimulationResult one_hour() {
  SimulationResult result;
  result.duration = 3600LL * 1'000'000'000;
  result.counts.completed = 2000;
  result.counts.input_tokens = 1'000'000;
  result.counts.output_tokens = 500'000;
  result.energy.accelerators = Joules(1 * joules_per_kwh);
  result.energy.it = Joules(2 * joules_per_kwh);
  result.energy.facility = Joules(3 * joules_per_kwh);
  result.energy.it_idle = Watts(1000);
  result.sites.push_back({"here", Joules(3 * joules_per_kwh)});
  return result;
}

const HardwareCatalog& hardware() {
  static const auto catalog = HardwareCatalog::load(data_root() / "hwprofiles/catalog");
  return *catalog;
}

}  // namespace microdc::testing
