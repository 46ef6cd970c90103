#include "sim/report/table_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string not_known(const std::vector<std::string>& missing) {
  return missing.empty() ? "not known" : fmt::format("not known ({})", missing.front());
}

template <class Text>
std::string known_or(const std::optional<double>& value, Text text,
                     const std::vector<std::string>& missing) {
  return value ? text(*value) : not_known(missing);
}

/// What runs the models, for people.
std::string devices_word(const SimulationResult& result) {
  const bool cpus = !result.replicas.empty() &&
                    std::all_of(result.replicas.begin(), result.replicas.end(),
                                [](const ReplicaResult& replica) { return replica.cpu_serves; });
  return cpus ? "CPUs" : "accelerators";
}

/// "servers × PUE 1.60"
std::string facility_text(const Scenario& scenario) {
  const double pue = scenario.sites.empty() ? 0 : scenario.sites.front().pue;
  const bool one = std::all_of(scenario.sites.begin(), scenario.sites.end(),
                               [&](const SiteSpec& site) { return site.pue == pue; });
  return one ? fmt::format("servers × PUE {}", rounded_text(pue)) : "servers × each site's PUE";
}

/// How the amounts come about, a line each.
std::string basis_of(const Report& report) {
  const RunCost& cost = report.cost;
  std::string text;
  const auto add = [&](const std::string& line) { text += wrapped(line, "  ", 2); };
  if (cost.capex) {
    add(fmt::format("Amortisation: the purchase over {:g} years in equal parts, no residual value.",
                    cost.depreciation_years));
  }
  std::vector<std::string> prices;
  const std::vector<SiteSpec>& sites = report.scenario.sites;
  for (const SiteSpec& site : sites) {
    if (!site.electricity_price) continue;
    prices.push_back(rounded_text(site.electricity_price->value() * joules_per_kwh) + " " +
                     cost.currency + "/kWh" + (sites.size() > 1 ? " at " + site.name : ""));
  }
  if (!prices.empty()) add(fmt::format("Energy: {}.", fmt::join(prices, ", ")));
  if (!cost.year_basis.empty()) add("A year: " + cost.year_basis + ".");
  return text;
}

std::string purchase_text(const Report& report) {
  const RunCost& cost = report.cost;
  if (!cost.capex) return not_known(cost.missing);
  const std::string amount = money_text(cost.capex->value(), cost.currency);
  if (cost.capex_from_scenario) return amount + ", given by the scenario";
  const double rate = report.scenario.economics.exchange_rate;
  if (cost.currency == "USD") return amount + ", catalog prices";
  return fmt::format("{}, catalog prices at {:g} {} per USD", amount, rate, cost.currency);
}

/// What is bought: a row per group of servers; with catalog prices if these make the purchase.
Pairs parts_of(const RunCost& cost) {
  Pairs rows{};
  for (const PurchasedServers& part : cost.purchase) {
    std::string price;
    if (!cost.capex_from_scenario && part.each) {
      const double each = part.each->value();
      price = money_text(each * static_cast<double>(part.count), cost.currency);
      if (part.count > 1) price += fmt::format(", {} each", money_text(each, cost.currency));
    } else if (!cost.capex_from_scenario) {
      price = "price not known";
    }
    rows.emplace_back(fmt::format("  {} × {}", count_text(part.count), part.server), price);
  }
  return rows;
}

std::string measured_value(const MeasuredMetric& metric, double value) {
  if (metric.path.starts_with("requests.")) return count_text(std::llround(value));
  if (metric.path.starts_with("latency.")) return duration_text(value);
  return rounded_text(value);
}

/// Of a prediction: "+12.3 %"; tenfold and more: "× 4,850".
std::string error_text(double error) {
  return error < 9 ? fmt::format("{:+.1f} %", error * 100)
                   : fmt::format("× {}", rounded_text(1 + error));
}

}  // namespace

std::string power_section(const Report& report, const Figures& figures) {
  const std::vector<std::string> missing = missing_of(report);
  const auto power = [&](const char* path) {
    return known_or(figures.value(path), power_text, missing);
  };
  const auto energy = [&](const char* path) {
    return known_or(figures.value(path), energy_text, missing);
  };
  const std::string devices = devices_word(report.result);
  Pairs rows{{"IT power, mean", power("power.mean_w")},
             {"IT power, highest", power("power.peak_w")},
             {"IT power, on but idle", power("power.idle_w")},
             {"energy, " + devices, energy("energy.accelerator_kwh")},
             {"energy, servers", energy("energy.it_kwh")},
             {"energy, facility", energy("energy.facility_kwh")}};
  if (figures.value("energy.facility_kwh")) {
    rows.back().second += fmt::format(" ({})", facility_text(report.scenario));
  }
  if (const auto joules = figures.value("energy.accelerator_j_per_output_token")) {
    rows.emplace_back(devices + " per answer token", rounded_text(*joules) + " J");
  }
  if (const auto carbon = figures.value("energy.carbon_kg")) {
    rows.emplace_back("carbon", rounded_text(*carbon) + " kg CO2e");
  }
  return "\nPower and energy\n" + labelled(rows);
}

std::string cost_section(const Report& report) {
  const RunCost& cost = report.cost;
  const auto money = [&](const std::optional<Money>& amount) {
    return amount ? money_text(amount->value(), cost.currency) : std::string("not known");
  };
  std::string text = "\nCost (purchase and energy only)\n";
  Pairs purchase{{"purchase", purchase_text(report)}};
  for (auto& row : parts_of(cost)) purchase.push_back(std::move(row));
  text += labelled(purchase);
  std::vector<std::vector<std::string>> rows{
      {"", "these " + duration_text(cost.simulated.time.value()), "a year"},
      {"amortisation", money(cost.simulated.amortisation), money(cost.year.amortisation)},
      {"energy", money(cost.simulated.energy), money(cost.year.energy)},
      {"total", money(cost.simulated.total), money(cost.year.total)},
      {"per 1000 requests", money(cost.simulated.per_1000_requests),
       money(cost.year.per_1000_requests)},
      {"per million answer tokens", money(cost.simulated.per_million_output_tokens),
       money(cost.year.per_million_output_tokens)}};
  if (cost.year_per_user) rows.push_back({"per user", "", money(cost.year_per_user)});
  text += aligned(rows);
  if (!cost.missing.empty() && !cost.year.total) {
    std::string wanted;
    for (const std::string& item : cost.missing) wanted += (wanted.empty() ? "" : "; ") + item;
    text += wrapped("Not known for want of: " + wanted + ".", "  ", 2);
  }
  return text + basis_of(report);
}

std::string measured_section(const MeasuredComparison& comparison,
                             const std::optional<Bands>& bands) {
  std::vector<std::vector<std::string>> rows{{"", "measured", "predicted", "error"}};
  if (bands) rows.front().insert(rows.front().end(), {"P10", "P90"});
  for (const ComparedMetric& metric : comparison.metrics) {
    const MeasuredMetric& measured = metric.measured;
    rows.push_back(
        {measured.path, measured_value(measured, measured.value),
         metric.predicted ? measured_value(measured, *metric.predicted) : "not predicted",
         metric.error ? error_text(*metric.error) : "–"});
    const Band* band = bands ? bands->find(measured.path) : nullptr;
    if (band == nullptr) continue;
    rows.back().push_back(measured_value(measured, band->p10));
    rows.back().push_back(measured_value(measured, band->p90));
  }
  return fmt::format("\nBeside the measurement in {} ({})\n", comparison.file, comparison.format) +
         aligned(rows);
}

}  // namespace microdc
