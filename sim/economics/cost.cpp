#include "sim/economics/cost.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/economics/baselines.hpp"
#include "sim/economics/parts_list.hpp"
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

/// What the scenario's clouds ask for the tokens of this run.
std::optional<Money> cloud_cost(const Scenario& scenario, const SimulationResult& result,
                                MissingItems& missing) {
  std::optional<Money> total = Money(0);
  for (std::size_t i = 0; i < result.clouds.size(); ++i) {
    const CloudSpec& cloud = scenario.clouds.at(i);
    const CloudResult& use = result.clouds[i];
    if (use.requests == 0) continue;
    if (!cloud.input_price || !cloud.output_price) {
      missing.add(fmt::format("prices of cloud {} (scenario)", cloud.name));
      total.reset();
    }
    if (!total) continue;
    *total +=
        token_cost({*cloud.input_price, *cloud.output_price}, static_cast<double>(use.input_tokens),
                   static_cast<double>(use.output_tokens));
  }
  return total;
}

/// Fills what follows from time, amortisation, energy and counts.
void finish(PeriodCost& period, const std::optional<Money>& capex, double depreciation_years) {
  if (capex) {
    period.amortisation = *capex * (period.time.value() / (depreciation_years * seconds_per_year));
  }
  if (!period.amortisation || !period.energy || !period.clouds) return;
  period.total = *period.amortisation + *period.energy + *period.clouds;
  if (period.requests > 0) period.per_1000_requests = *period.total * (1000 / period.requests);
  if (period.output_tokens > 0) {
    period.per_million_output_tokens = *period.total * (1e6 / period.output_tokens);
  }
}

/// How many times the simulated energy so much time costs in which everything is on and idle.
std::optional<double> idle_energy_share(const SimulationResult& result, Seconds time) {
  const EnergyResult& energy = result.energy;
  if (!energy.it_idle || !energy.it || energy.it->value() <= 0) return std::nullopt;
  return *energy.it_idle * time / *energy.it;
}

bool replays_a_trace(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const WorkloadSpec& spec) { return spec.kind == "trace"; });
}

/// Whole days of a run that holds days of rest as well: those of a trace that lasts weeks, or, with
/// office days beside it, longer than one working week. Empty otherwise.
std::optional<double> calendar_days(const Scenario& scenario, double simulated) {
  constexpr double week = 7;
  constexpr double working_week = 5;
  if (!replays_a_trace(scenario)) return std::nullopt;
  const double days = std::round(simulated / seconds_per_day);
  const bool weeks = days >= week && std::fmod(days, week) == 0;
  if (weeks || (has_office_days(scenario) && days > working_week)) return days;
  return std::nullopt;
}

/// " (these had 9 requests, 50 are the mean)", if the days differ so much from the mean that what
/// is said of a year does; empty where other workloads than office days have no mean.
std::string unusual_days_text(const Scenario& scenario, std::int64_t offered, double days) {
  constexpr double usual = 0.05;
  double mean = 0;
  for (const WorkloadSpec& spec : scenario.workloads) {
    if (spec.kind != "office_day") return "";
    mean += static_cast<double>(spec.users) * spec.active_share * spec.prompts_per_active_user;
  }
  mean *= days;
  if (std::abs(static_cast<double>(offered) - mean) <= usual * mean) return "";
  return fmt::format(" (these had {} requests; {:.0f} are the mean)", offered, mean);
}

/// Repetitions of the simulated time in a year; what is left of the year is idle. `offered`: the
/// requests of the simulated time.
double repetitions(const Scenario& scenario, std::int64_t offered, RunCost& cost) {
  const double simulated = cost.simulated.time.value();
  if (const auto whole = calendar_days(scenario, simulated)) {
    const double repeats = days_per_year / *whole;
    cost.year_basis =
        fmt::format("{:.4g} times the {:g} simulated days: the trace has its own days of rest",
                    repeats, *whole);
    return repeats;
  }
  if (!has_office_days(scenario)) {
    cost.year_basis = "all year as in the simulated time";
    return seconds_per_year / simulated;
  }
  const double days = std::min(scenario.economics.working_days_per_year, days_per_year);
  // The last answers of an office day may end after midnight: it is still one day.
  const double simulated_days = std::max(1.0, std::round(simulated / seconds_per_day));
  cost.year_basis = fmt::format("{:g} working days like the simulated ones{}, idle on the others",
                                days, unusual_days_text(scenario, offered, simulated_days));
  return days / simulated_days;
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
  const double repeats = repetitions(scenario, result.counts.offered, cost);
  year.requests = cost.simulated.requests * repeats;
  year.input_tokens = cost.simulated.input_tokens * repeats;
  year.output_tokens = cost.simulated.output_tokens * repeats;
  if (cost.simulated.clouds) year.clouds = *cost.simulated.clouds * repeats;
  std::optional<double> factor = repeats;
  if (has_office_days(scenario) || calendar_days(scenario, cost.simulated.time.value())) {
    const Seconds idle_time = year.time - cost.simulated.time * repeats;
    const auto idle = idle_energy_share(result, std::max(Seconds(0), idle_time));
    factor = idle ? std::optional(repeats + *idle) : std::nullopt;
  }
  if (!factor) return year;
  if (cost.simulated.energy) year.energy = *cost.simulated.energy * *factor;
  if (cost.simulated.facility) year.facility = *cost.simulated.facility * *factor;
  if (cost.simulated.carbon_grams) year.carbon_grams = *cost.simulated.carbon_grams * *factor;
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

RunCost cost_of_run(const Scenario& scenario, const HardwareCatalog& hardware,
                    const SimulationResult& result) {
  const EconomicsSpec& economics = scenario.economics;
  RunCost cost{.currency = economics.currency};
  cost.depreciation_years = economics.depreciation_years;
  MissingItems missing;
  const PartsList servers = server_parts(scenario, hardware);
  if (servers.complete()) cost.capex = servers.total.money();
  cost.capex_from_scenario = economics.capex.has_value();
  missing.add(servers.missing);
  cost.simulated.time = Seconds(static_cast<double>(result.duration) * 1e-9);
  cost.simulated.requests = static_cast<double>(result.counts.completed);
  cost.simulated.input_tokens = static_cast<double>(result.counts.input_tokens);
  cost.simulated.output_tokens = static_cast<double>(result.counts.output_tokens);
  cost.simulated.facility = result.energy.facility;
  cost.simulated.carbon_grams = result.energy.carbon_grams;
  cost.simulated.energy = energy_cost(scenario, result, cost, missing);
  cost.simulated.clouds = cloud_cost(scenario, result, missing);
  finish(cost.simulated, cost.capex, economics.depreciation_years);
  cost.year = year_of(scenario, result, cost);
  finish(cost.year, cost.capex, economics.depreciation_years);
  const double users = users_of(scenario);
  if (cost.year.total && users > 0) cost.year_per_user = *cost.year.total * (1 / users);
  cost.missing = missing.take();
  return cost;
}

}  // namespace microdc
