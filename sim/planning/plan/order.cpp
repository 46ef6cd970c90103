#include "sim/planning/plan/order.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

/// Nobody plans further ahead.
constexpr double longest_plan = 100;  // years

/// Years in which what grows by this factor a year has grown `growth` times; empty: never.
std::optional<double> years_until(double growth, double per_year) {
  if (per_year <= 1) return std::nullopt;
  const double years = std::max(0.0, std::log(growth) / std::log(per_year));
  return years <= longest_plan ? std::optional(years) : std::nullopt;
}

void set_outgrown(const ForecastSpec& forecast, double growth, Timetable& timetable) {
  timetable.outgrown = years_until(growth, forecast.demand_growth);
  const auto& range = forecast.demand_growth_range;
  timetable.outgrown_early = range ? years_until(growth, range->high) : timetable.outgrown;
  timetable.outgrown_late = range ? years_until(growth, range->low) : timetable.outgrown;
}

void set_delivery(const PartsList& list, Timetable& timetable) {
  std::vector<std::string> known, bought;
  for (const Part& part : list.parts) {
    if (part.from == Part::From::owned) continue;
    if (!part.group.empty()) bought.push_back(part.group);
    if (!part.lead_time) continue;
    known.push_back(part.group);
    if (timetable.delivery && *part.lead_time <= *timetable.delivery) continue;
    timetable.delivery = part.lead_time;
    timetable.slowest = part.label;
    timetable.delivery_source = part.lead_time_source;
  }
  for (const std::string& group : bought) {
    const auto in = [&](const std::vector<std::string>& list_of_groups) {
      return std::find(list_of_groups.begin(), list_of_groups.end(), group) != list_of_groups.end();
    };
    if (!in(known) && !in(timetable.unknown)) timetable.unknown.push_back(group);
  }
}

Timetable timetable_of(const Scenario& scenario, const PartsList& list,
                       std::optional<double> growth, const FacilityCatalog& facility) {
  Timetable timetable{.ordered = scenario.economics.purchase_date.empty()
                                     ? scenario.organisation.date
                                     : scenario.economics.purchase_date};
  if (growth) set_outgrown(scenario.forecast, *growth, timetable);
  if (list.equipment() == Cents()) return timetable;  // nothing to wait for
  set_delivery(list, timetable);
  if (facility.installation_time)
    timetable.installation = Seconds(facility.installation_time->value);
  if (timetable.delivery && timetable.installation && timetable.unknown.empty()) {
    const double days = (*timetable.delivery + *timetable.installation).value() / seconds_per_day;
    timetable.serves_from = day_after(timetable.ordered, std::ceil(days));
  }
  return timetable;
}

}  // namespace

std::string day_after(const std::string& day, double days) {
  int year = 0;
  unsigned month = 0, number = 0;
  if (std::sscanf(day.c_str(), "%4d-%2u-%2u", &year, &month, &number) != 3) return "";
  using namespace std::chrono;
  const year_month_day from{std::chrono::year(year), std::chrono::month(month),
                            std::chrono::day(number)};
  if (!from.ok()) return "";
  const year_month_day to(sys_days(from) + std::chrono::days(std::llround(days)));
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(to.year()),
                     static_cast<unsigned>(to.month()), static_cast<unsigned>(to.day()));
}

Order order_of(const Scenario& scenario, const Candidate& candidate, std::optional<double> growth,
               const HardwareCatalog& hardware, const EconomicsCatalog& prices) {
  const Scenario chosen = scenario_of(scenario, candidate);
  Order order{.parts = parts_list(chosen, hardware, prices),
              .full_load = rated_power(chosen, hardware)};
  for (const PlacedGroup& placed : server_groups(chosen)) order.servers_kept += placed.group->owned;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    order.servers_idle += placed.group->owned;
  }
  order.servers_idle -= order.servers_kept;
  order.timetable = timetable_of(scenario, order.parts, growth, prices.facility);
  return order;
}

}  // namespace microdc
