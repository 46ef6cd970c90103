#include "sim/economics/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

constexpr double days_per_year = seconds_per_year / seconds_per_day;

/// Names each missing item once, in the order of finding.
class MissingItems {
 public:
  void add(std::string item) {
    if (std::find(items_.begin(), items_.end(), item) == items_.end()) {
      items_.push_back(std::move(item));
    }
  }
  void add(const std::vector<std::string>& items) {
    for (const std::string& item : items) add(item);
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(items_); }

 private:
  std::vector<std::string> items_;
};

/// Whether the figure is an amount of US dollars; says what is missing if not.
bool in_dollars(const std::optional<Figure>& figure, const std::string& of, MissingItems& missing) {
  if (!figure) {
    missing.add(fmt::format("price of {} (hardware catalog)", of));
    return false;
  }
  if (!figure->currency.empty() && figure->currency != "USD") {
    missing.add(fmt::format("price of {} in USD (the catalog has {})", of, figure->currency));
    return false;
  }
  return true;
}

/// Price of one server [USD].
std::optional<double> server_price(const HardwareCatalog& hardware, const ServerType& server,
                                   MissingItems& missing) {
  if (server.price) {
    if (!in_dollars(server.price, server.name, missing)) return std::nullopt;
    return server.price->value;
  }
  bool known =
      in_dollars(server.price_without_processors, server.name + " without processors", missing);
  const Cpu* cpu = hardware.cpu(server.cpu);
  known = in_dollars(cpu == nullptr ? std::nullopt : cpu->price, server.cpu, missing) && known;
  if (server.accelerators > 0) {
    const Accelerator* accelerator = hardware.accelerator(server.accelerator);
    known = in_dollars(accelerator == nullptr ? std::nullopt : accelerator->price,
                       server.accelerator, missing) &&
            known;
  }
  if (!known) return std::nullopt;
  return catalog_price(hardware, server)->value();
}

/// Energy of all sites; empty if one site's is not known.
std::optional<Money> energy_cost(const Scenario& scenario, const SimulationResult& result,
                                 RunCost& cost, MissingItems& missing) {
  std::optional<Money> total = Money(0);
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const SiteSpec& site = scenario.sites[i];
    SiteEnergyCost& own = cost.sites.emplace_back(SiteEnergyCost{site.name, std::nullopt});
    const bool metered = i < result.sites.size() && result.sites[i].facility.has_value();
    if (!metered && result.energy.missing.empty()) {
      missing.add(fmt::format("energy of site {}", site.name));
    }
    if (!site.electricity_price) {
      missing.add(fmt::format("electricity price of site {} (scenario)", site.name));
    }
    if (metered && site.electricity_price) {
      own.energy = *result.sites[i].facility * *site.electricity_price;
    }
    total = total && own.energy ? std::optional(*total + *own.energy) : std::nullopt;
  }
  return total;
}

/// Fills what follows from time, amortisation, energy and counts.
void finish(PeriodCost& period, const std::optional<Money>& capex, double depreciation_years) {
  if (capex) {
    period.amortisation = *capex * (period.time.value() / (depreciation_years * seconds_per_year));
  }
  if (!period.amortisation || !period.energy) return;
  period.total = *period.amortisation + *period.energy;
  if (period.requests > 0) period.per_1000_requests = *period.total * (1000 / period.requests);
  if (period.output_tokens > 0) {
    period.per_million_output_tokens = *period.total * (1e6 / period.output_tokens);
  }
}

/// Energy cost of one second in which everything is on and idle.
std::optional<MoneyPerSecond> idle_cost(const RunCost& cost, const SimulationResult& result) {
  const EnergyResult& energy = result.energy;
  if (!cost.simulated.energy || !energy.it_idle || !energy.it || energy.it->value() <= 0) {
    return std::nullopt;
  }
  return *energy.it_idle * (*cost.simulated.energy / *energy.it);
}

/// Repetitions of the simulated time in a year; what is left of the year is idle.
double repetitions(const Scenario& scenario, RunCost& cost) {
  const double simulated = cost.simulated.time.value();
  if (!has_office_days(scenario)) {
    cost.year_basis = "all year as in the simulated time";
    return seconds_per_year / simulated;
  }
  const double days = std::min(scenario.economics.working_days_per_year, days_per_year);
  cost.year_basis =
      fmt::format("{:g} working days like the simulated ones, idle on the others", days);
  // The last answers of an office day may end after midnight: it is still one day.
  return days / std::max(1.0, std::round(simulated / seconds_per_day));
}

/// Whether the run is a piece of a year that can be repeated: not cut short, and whole days of an
/// office.
bool stands_for_a_year(const Scenario& scenario, const SimulationResult& result) {
  const double duration = static_cast<double>(result.duration) * 1e-9;
  if (result.interrupted || result.counts.unfinished > 0 || duration <= 0) return false;
  return !has_office_days(scenario) || duration > 0.99 * seconds_per_day;
}

PeriodCost year_of(const Scenario& scenario, const SimulationResult& result, RunCost& cost) {
  PeriodCost year{.time = Seconds(seconds_per_year)};
  cost.year_known = stands_for_a_year(scenario, result);
  if (!cost.year_known) {
    cost.year_basis = "energy and requests of a year do not follow from a part of a day";
    return year;
  }
  const double repeats = repetitions(scenario, cost);
  year.requests = cost.simulated.requests * repeats;
  year.output_tokens = cost.simulated.output_tokens * repeats;
  if (!cost.simulated.energy) return year;
  year.energy = *cost.simulated.energy * repeats;
  if (!has_office_days(scenario)) return year;
  const std::optional<MoneyPerSecond> idle = idle_cost(cost, result);
  const Seconds idle_time = year.time - cost.simulated.time * repeats;
  if (idle)
    *year.energy += *idle * std::max(Seconds(0), idle_time);
  else
    year.energy.reset();
  return year;
}

/// Of all office days; workloads of one office may share their users, so the largest counts.
double users_of(const Scenario& scenario) {
  std::int64_t users = 0;
  for (const WorkloadSpec& spec : scenario.workloads) {
    if (spec.kind == "office_day") users = std::max(users, spec.users);
  }
  return static_cast<double>(users);
}

}  // namespace

Capex catalog_capex(const Scenario& scenario, const HardwareCatalog& hardware) {
  MissingItems missing;
  Capex capex;
  double dollars = 0;
  bool known = true;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    std::optional<double> price;
    if (server == nullptr)
      missing.add(fmt::format("price of {} (hardware catalog)", placed.group->type));
    else
      price = server_price(hardware, *server, missing);
    known = known && price;
    dollars += static_cast<double>(placed.group->count) * price.value_or(0);
    PurchasedServers& own = capex.servers.emplace_back();
    own.server = placed.group->type;
    own.count = placed.group->count;
    if (price) own.each = Money(*price * scenario.economics.exchange_rate);
  }
  if (known) capex.amount = Money(dollars * scenario.economics.exchange_rate);
  capex.missing = missing.take();
  return capex;
}

RunCost cost_of_run(const Scenario& scenario, const HardwareCatalog& hardware,
                    const SimulationResult& result) {
  const EconomicsSpec& economics = scenario.economics;
  RunCost cost{.currency = economics.currency};
  cost.depreciation_years = economics.depreciation_years;
  MissingItems missing;
  Capex capex = catalog_capex(scenario, hardware);
  cost.purchase = std::move(capex.servers);
  if (economics.capex) {
    cost.capex = economics.capex;
    cost.capex_from_scenario = true;
  } else {
    cost.capex = capex.amount;
    missing.add(capex.missing);
  }
  cost.simulated.time = Seconds(static_cast<double>(result.duration) * 1e-9);
  cost.simulated.requests = static_cast<double>(result.counts.completed);
  cost.simulated.output_tokens = static_cast<double>(result.counts.output_tokens);
  cost.simulated.energy = energy_cost(scenario, result, cost, missing);
  finish(cost.simulated, cost.capex, economics.depreciation_years);
  cost.year = year_of(scenario, result, cost);
  finish(cost.year, cost.capex, economics.depreciation_years);
  const double users = users_of(scenario);
  if (cost.year.total && users > 0) cost.year_per_user = *cost.year.total * (1 / users);
  cost.missing = missing.take();
  return cost;
}

}  // namespace microdc
