// What the rack costs, for people.
#include <fmt/format.h>

#include <algorithm>

#include "hwprofiles/base/provenance.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/report/assumptions.hpp"
#include "sim/report/lawful_baselines.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/parts_text.hpp"
#include "sim/report/table_parts.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// A sentence of the items; empty if there are none.
std::string sentence(const std::string& begin, const std::vector<std::string>& items,
                     const char* separator) {
  if (items.empty()) return "";
  return wrapped(fmt::format("{}{}.", begin, fmt::join(items, separator)), "  ", 2);
}

/// What is missing, and how prices among it are given.
std::string missing_section(const std::vector<std::string>& missing) {
  std::string text = sentence("Not known for want of: ", missing, "; ");
  const std::string remedy = price_remedy(missing);
  return remedy.empty() ? text : text + wrapped(remedy, "  ", 2);
}

/// How the amounts come about, a line each.
std::string basis_of(const Report& report) {
  const RunCost& cost = report.cost;
  std::string text;
  const auto add = [&](const std::string& line) { text += wrapped(line, "  ", 2); };
  if (cost.capex) {
    add(fmt::format("Amortisation: the servers over {} in equal parts, no residual value.",
                    years_text(cost.depreciation_years)));
  }
  std::vector<std::string> prices;
  const std::vector<SiteSpec>& sites = report.scenario.sites;
  for (const SiteSpec& site : sites) {
    if (!site.electricity_price) continue;
    std::string price = rounded_text(site.electricity_price->value() * joules_per_kwh) + " " +
                        cost.currency + "/kWh" + (sites.size() > 1 ? " at " + site.name : "");
    const auto known =
        place_source(report.scenario, "electricity_price", site.electricity_price->value());
    price += known ? fmt::format(" ({}: {})", known->kind, known->source) : " (the scenario)";
    prices.push_back(std::move(price));
  }
  if (!prices.empty()) add(fmt::format("Energy: {}.", fmt::join(prices, ", ")));
  if (!cost.year_basis.empty()) add("A year: " + cost.year_basis + ".");
  return text;
}

std::string servers_text(const Report& report) {
  const RunCost& cost = report.cost;
  if (!cost.capex) return not_known_text(cost.missing);
  const std::string amount = money_text(cost.capex->value(), cost.currency);
  if (cost.capex_from_scenario) return amount + ", given by the scenario";
  std::string prices =
      report.scenario.economics.quotes.empty() ? "catalog prices" : "quotes and catalog prices";
  const double level = report.scenario.economics.server_price_factor;
  if (level != 1) prices += fmt::format(" × {:g}", level);
  const double rate = report.scenario.economics.exchange_rate;
  if (cost.currency == "USD") return fmt::format("{}, {}", amount, prices);
  return fmt::format("{}, {} at {:g} {} per USD", amount, prices, rate, cost.currency);
}

std::string financing_text(const FinancingSpec& financing) {
  if (financing.kind == FinancingSpec::Kind::cash) return "paid in cash";
  std::string text = fmt::format("{} over {} at {:g} %",
                                 financing.kind == FinancingSpec::Kind::loan ? "loan" : "lease",
                                 years_text(financing.years), financing.interest * 100);
  if (financing.down_payment > 0) {
    text += fmt::format(" with {:g} % paid at once", financing.down_payment * 100);
  }
  return text;
}

Rows ownership_rows(const Ownership& ownership, const std::string& currency, double years) {
  const auto money = [&](Cents amount) { return money_text(amount.money().value(), currency); };
  Rows rows{{"", "over " + years_text(years), "at present value"}};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    if (ownership.costs[i] == Cents()) continue;
    rows.push_back({std::string(label_of(static_cast<CostKind>(i))), money(ownership.costs[i]),
                    money(ownership.present[i])});
  }
  rows.push_back({"total", money(ownership.total), money(ownership.net_present_cost)});
  return rows;
}

std::string levelised(const Economics& economics, const std::string& currency) {
  std::vector<std::pair<std::string, std::string>> rows;
  const OwnershipTotals& totals = economics.ownership->totals;
  const auto add = [&](const char* label, const std::optional<double>& amount) {
    if (amount) rows.emplace_back(label, money_text(*amount, currency));
  };
  add("a year, levelised", totals.per_year);
  add("per 1000 requests", totals.per_1000_requests);
  add("per million answer tokens", totals.per_million_output_tokens);
  if (economics.per_employee_month) {
    rows.emplace_back("per employee and month",
                      fmt::format("{} ({} employees)",
                                  money_text(economics.per_employee_month->value(), currency),
                                  count_text(economics.inputs.employees)));
  }
  return labelled(rows);
}

/// Of what nobody looks after, no amount: its staff was not counted.
std::string staff_text(const Baseline& baseline, const std::string& currency) {
  return baseline.kind == Baseline::Kind::rented
             ? money_text(baseline.staff_per_year.value(), currency)
             : "–";
}

std::string lawfulness(const std::vector<Baseline>& baselines) {
  std::vector<std::string> forbidden;
  bool unchecked = false;
  for (const Baseline& baseline : baselines) {
    if (baseline.operator_jurisdiction.empty()) continue;
    if (!baseline.lawful) unchecked = true;
    if (baseline.lawful != false) continue;
    if (baseline.forbidden) forbidden.push_back(baseline.label);
  }
  std::string text = sentence("Forbidden for this data: ", forbidden, "; ");
  for (const auto& [needed, labels] : open_needs(baselines)) {
    text += sentence("Not lawful for this data as described: ",
                     {fmt::format("{}; needed: {}", fmt::join(labels, "; "), needed)}, "");
  }
  if (unchecked) {
    text += wrapped(
        "Whether the law lets the organisation's data go to a cloud was not checked for the "
        "amounts "
        "above.",
        "  ", 2);
  }
  return text;
}

}  // namespace

std::string cost_section(const Report& report) {
  const RunCost& cost = report.cost;
  const auto money = [&](const std::optional<Money>& amount) {
    return amount ? money_text(amount->value(), cost.currency) : std::string("not known");
  };
  const bool clouds = !report.result.clouds.empty();
  std::string text =
      clouds ? "\nCost (servers, energy and clouds only)\n" : "\nCost (servers and energy only)\n";
  text += labelled({{"servers", servers_text(report)}});
  Rows rows{{"", "these " + duration_text(cost.simulated.time.value()), "a year"}};
  const auto add = [&](const char* label, std::optional<Money> PeriodCost::*amount) {
    rows.push_back({label, money(cost.simulated.*amount), money(cost.year.*amount)});
  };
  add("amortisation", &PeriodCost::amortisation);
  add("energy", &PeriodCost::energy);
  if (clouds) add("clouds", &PeriodCost::clouds);
  add("total", &PeriodCost::total);
  add("per 1000 requests", &PeriodCost::per_1000_requests);
  add("per million answer tokens", &PeriodCost::per_million_output_tokens);
  if (cost.year_per_user) rows.push_back({"per user", "", money(cost.year_per_user)});
  text += aligned(rows);
  if (!cost.year.total) text += missing_section(cost.missing);
  return text + basis_of(report);
}

std::string parts_section(const Report& report) {
  const PartsList& list = report.economics.parts;
  if (list.parts.empty()) return "";
  return fmt::format("\nParts list [{}]\n", report.scenario.economics.currency) +
         parts_text(list, report.scenario.economics);
}

std::string ownership_section(const Report& report) {
  const Economics& economics = report.economics;
  const EconomicsSpec& spec = report.scenario.economics;
  std::string text =
      fmt::format("\nTotal cost of ownership over {} ({}; discounted at {:g} %)\n",
                  years_text(spec.years), financing_text(spec.financing), spec.discount_rate * 100);
  if (!economics.ownership) {
    return text + missing_section(economics.inputs.missing);
  }
  text += aligned(ownership_rows(*economics.ownership, spec.currency, spec.years));
  text += levelised(economics, spec.currency);
  for (const CostBasis& basis : economics.inputs.basis) {
    text += wrapped(fmt::format("{}: {} ({}).", label_of(basis.kind), basis.text, basis.source),
                    "  ", 2);
  }
  return text + sentence("Not counted: ", economics.inputs.not_counted, ", ");
}

std::string baselines_section(const Economics& economics, const std::string& currency) {
  const BaselineList& list = economics.baselines;
  if (list.baselines.empty()) return "";
  const auto money = [&](const std::optional<Money>& amount) {
    return amount ? money_text(amount->value(), currency) : std::string("–");
  };
  Rows rows{{"", "a year", "of it staff", "per 1000 requests"}};
  const auto& ownership = economics.ownership;
  if (ownership) {
    const std::optional<double> unit = ownership->totals.per_1000_requests;
    rows.push_back({"this rack", money_text(ownership->totals.per_year, currency),
                    money_text(staff_per_year(*ownership), currency),
                    unit ? money_text(*unit, currency) : "–"});
  } else {
    rows.push_back({"this rack", "not known", "–", "–"});
  }
  std::vector<std::string> undone;
  for (const Baseline& baseline : list.baselines) {
    rows.push_back({cut(baseline.label, 54), money(baseline.per_year),
                    staff_text(baseline, currency), money(baseline.per_1000_requests)});
    if (baseline.requests_undone >= 1) {
      undone.push_back(fmt::format("{} leaves {} requests a year undone", baseline.label,
                                   rounded_text(baseline.requests_undone)));
    }
  }
  return "\nThe same requests elsewhere\n" + aligned(rows) +
         wrapped(baseline_staff_text(list), "  ", 2) + sentence("", undone, "; ") +
         lawfulness(list.baselines);
}

}  // namespace microdc
