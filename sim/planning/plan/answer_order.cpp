// The part of a plan's text for those who order: what, when, power and cooling.
#include <fmt/format.h>

#include "sim/planning/plan/answer.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/parts_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

std::string decimal_years_text(const std::optional<double>& years) {
  return years ? fmt::format("{:.1f} years", *years) : "never";
}

std::string growth_text(double per_year) { return fmt::format("{:+.0f} %", 100 * (per_year - 1)); }

std::string standing_text(std::int64_t servers) {
  return servers == 1 ? "1 server that stands already"
                      : fmt::format("{} servers that stand already", servers);
}

std::string power_to_order(const Order& order) {
  if (!order.full_load) return "not known";
  std::string text = fmt::format(
      "circuits for {} and as much cooling, the servers' full load by "
      "data sheet",
      power_text(order.full_load->value()));
  for (const Part& part : order.parts.parts) {
    if (part.item == "ups") text += fmt::format("; a UPS of {:g} kW", part.quantity);
  }
  return text;
}

}  // namespace

std::string delivery_text(const Timetable& timetable) {
  if (!timetable.installation) return "nothing has to be bought";
  std::string text;
  if (!timetable.ordered.empty()) text = fmt::format("ordered on {}, ", timetable.ordered);
  if (!timetable.delivery || !timetable.unknown.empty()) {
    return text + "when it is delivered is not known: no lead time in a quote or the catalog";
  }
  text += fmt::format("delivered after {} ({}; {}), installed {} later",
                      duration_text(timetable.delivery->value()), timetable.slowest,
                      timetable.delivery_source, duration_text(timetable.installation->value()));
  if (!timetable.serves_from.empty()) {
    text += fmt::format(": it serves from {}", timetable.serves_from);
  }
  return text;
}

std::string outgrown_text(const Timetable& timetable, bool at_least, const Scenario& scenario) {
  const ForecastSpec& forecast = scenario.forecast;
  if (!timetable.outgrown) {
    return fmt::format("not at {} of requests a year", growth_text(forecast.demand_growth));
  }
  std::string text =
      fmt::format("{} {} at {} of requests a year", at_least ? "not within" : "in",
                  decimal_years_text(timetable.outgrown), growth_text(forecast.demand_growth));
  const std::string day =
      day_after(timetable.ordered, *timetable.outgrown * seconds_per_year / seconds_per_day);
  if (!day.empty()) text += fmt::format(", {}", day.substr(0, 7));
  if (const auto& range = forecast.demand_growth_range) {
    text += fmt::format("; {} at {}, {} at {}", decimal_years_text(timetable.outgrown_early),
                        growth_text(range->high), decimal_years_text(timetable.outgrown_late),
                        growth_text(range->low));
  }
  return text;
}

std::string order_section(const Plan& plan, const Scenario& scenario) {
  if (!plan.order) return "";
  const Order& order = *plan.order;
  std::vector<std::pair<std::string, std::string>> rows{{"when", delivery_text(order.timetable)}};
  if (plan.growth) {
    rows.emplace_back("outgrown", outgrown_text(order.timetable, plan.growth_open, scenario));
  }
  rows.emplace_back("power", power_to_order(order));
  if (order.servers_kept > 0) {
    rows.emplace_back("kept", standing_text(order.servers_kept));
  }
  if (order.servers_idle > 0) {
    rows.emplace_back("left over", standing_text(order.servers_idle) +
                                       "; what a sale would bring is not counted");
  }
  return "\nWhat to order\n" + labelled(rows) + parts_text(order.parts, scenario.economics);
}

}  // namespace microdc
