#include "sim/planning/forecast/terms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "hwprofiles/base/units.hpp"
#include "sim/economics/baselines.hpp"
#include "sim/economics/ownership_inputs.hpp"
#include "sim/economics/parts_list.hpp"
#include "sim/policy/residency.hpp"

namespace microdc {
namespace {

std::vector<CloudSpec> clouds_of(const Scenario& scenario, const EconomicsCatalog& economics) {
  if (!scenario.clouds.empty()) return scenario.clouds;
  std::vector<CloudSpec> clouds;
  for (const CloudOffer& offer : economics.offers) {
    if (!offer.reference) continue;
    CloudSpec& cloud = clouds.emplace_back();
    cloud.name = offer.name;
    cloud.offer = offer.name;
  }
  return clouds;
}

/// Energy, requests and tokens of a year, as cost_of_run gives them.
RunCost year_like(const Scenario& scenario, const OperatingPoint& today) {
  RunCost cost{.currency = scenario.economics.currency};
  cost.year.requests = today.requests;
  cost.year.input_tokens = today.input_tokens;
  cost.year.output_tokens = today.output_tokens;
  if (today.energy_cost) cost.year.energy = Money(*today.energy_cost);
  if (today.energy) cost.year.facility = Joules(*today.energy * joules_per_kwh);
  if (today.carbon) cost.year.carbon_grams = *today.carbon * 1e6;
  if (today.cloud_cost) cost.year.clouds = Money(*today.cloud_cost);
  return cost;
}

/// Lawful clouds before those that something would open, these before forbidden ones; then by
/// price.
std::pair<int, double> rank(const CloudChoice& choice) {
  const auto& verdict = choice.verdict;
  const int barrier = !verdict || verdict->allowed ? 0 : verdict->forbidden() ? 2 : 1;
  return {barrier, choice.bill};
}

}  // namespace

std::optional<Verdict> verdict_on(const Scenario& scenario, const EconomicsCatalog& economics,
                                  const CloudSpec& cloud) {
  if (!policy_catalog()) return std::nullopt;
  const CloudOffer* offer = economics.offer(cloud.offer);
  const auto own_or = [](const std::string& own, const std::string& other) {
    return own.empty() ? other : own;
  };
  DataLocation location{.jurisdiction = cloud.jurisdiction,
                        .operator_jurisdiction = cloud.operator_jurisdiction,
                        .third_party = true,
                        .attestations = cloud.attestations};
  if (offer != nullptr) {
    location.jurisdiction = own_or(cloud.jurisdiction, offer->jurisdiction);
    location.operator_jurisdiction =
        own_or(cloud.operator_jurisdiction, offer->operator_jurisdiction);
    location.attestations.insert(location.attestations.end(), offer->attestations.begin(),
                                 offer->attestations.end());
  }
  return verdict_of_all(scenario, *policy_catalog(), location);
}

std::optional<CloudChoice> cheapest_cloud(const Scenario& scenario,
                                          const EconomicsCatalog& economics,
                                          const OperatingPoint& today, const CloudJudge& judge) {
  std::optional<CloudChoice> best;
  for (const CloudSpec& cloud : clouds_of(scenario, economics)) {
    const CloudOffer* offer = economics.offer(cloud.offer);
    const auto bill = bill_of(cloud, scenario, economics, today);
    if (offer == nullptr || !bill) continue;
    const auto& needed = scenario.needs.quality;
    if (needed && offer->quality && offer->quality->value < *needed) continue;
    CloudChoice choice{cloud, fmt::format("{} ({})", offer->name, offer->vendor), *bill,
                       judge ? judge(cloud) : std::nullopt};
    if (!best || rank(choice) < rank(*best)) best = std::move(choice);
  }
  return best;
}

std::optional<double> bill_of(const CloudSpec& cloud, const Scenario& scenario,
                              const EconomicsCatalog& economics, const OperatingPoint& today) {
  const auto prices = prices_of(cloud, economics, scenario.economics.exchange_rate);
  if (!prices) return std::nullopt;
  const double taxed = 1 + scenario.economics.sales_tax;
  return token_cost(*prices, today.input_tokens, today.output_tokens).value() * taxed;
}

Result<ForecastTerms> forecast_terms(const Scenario& scenario, const HardwareCatalog& hardware,
                                     const EconomicsCatalog& economics,
                                     const OperatingPoint& today) {
  const PartsList parts = parts_list(scenario, hardware, economics);
  const OwnershipInputs inputs =
      ownership_inputs(scenario, parts, economics, year_like(scenario, today));
  Diagnostics findings;
  for (const std::string& item : inputs.missing) {
    findings.add({.place = "/economics",
                  .message = "a forecast needs all costs, and one is not known",
                  .found = item,
                  .fix = "state it in the scenario"});
  }
  if (findings.has_errors()) return findings;
  const EconomicsSpec& spec = scenario.economics;
  return ForecastTerms{.years = static_cast<int>(scenario.forecast.years),
                       .attainment = scenario.needs.attainment,
                       .servers = parts.servers.money().value(),
                       .facility = parts.facility.money().value(),
                       .sales_tax = spec.sales_tax,
                       .financing = spec.financing,
                       .discount_rate = spec.discount_rate,
                       .residual_share = spec.residual_share,
                       .judged_years = spec.years,
                       .depreciation_years = spec.depreciation_years,
                       .maintenance_share = spec.operation.maintenance_share,
                       .staff = inputs.use.staff,
                       .support = inputs.use.support,
                       .space = inputs.use.space,
                       .carbon_price = spec.operation.carbon_price.value_or(Money(0)).value()};
}

}  // namespace microdc
