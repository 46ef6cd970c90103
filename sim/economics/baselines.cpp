#include "sim/economics/baselines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "hwprofiles/base/thousands.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

constexpr double hours_per_year = seconds_per_year / seconds_per_hour;

/// Fills what follows from the amount of a year.
void finish(Baseline& baseline, double requests, double output_tokens) {
  if (requests > 0) baseline.per_1000_requests = baseline.per_year * (1000 / requests);
  if (output_tokens > 0) {
    baseline.per_million_output_tokens = baseline.per_year * (1e6 / output_tokens);
  }
}

/// Clouds of the scenario, or the reference offers as if it named them.
std::vector<CloudSpec> clouds_of(const Scenario& scenario, const EconomicsCatalog& catalog) {
  if (!scenario.clouds.empty()) return scenario.clouds;
  std::vector<CloudSpec> clouds;
  for (const CloudOffer& offer : catalog.offers) {
    if (!offer.reference) continue;
    CloudSpec& cloud = clouds.emplace_back();
    cloud.name = offer.name;
    cloud.offer = offer.name;
  }
  return clouds;
}

/// " and 19 % sales tax"; empty without.
std::string tax_text(double sales_tax) {
  return sales_tax > 0 ? fmt::format(" and {:g} % sales tax", 100 * sales_tax) : "";
}

Baseline cloud_baseline(const CloudSpec& cloud, const CloudOffer& offer, const TokenPrices& prices,
                        double sales_tax, const RunCost& cost) {
  Baseline baseline{.kind = Baseline::Kind::cloud_api, .name = cloud.name};
  baseline.label = fmt::format("cloud API, {} ({})", offer.name, offer.vendor);
  baseline.per_year =
      token_cost(prices, cost.year.input_tokens, cost.year.output_tokens) * (1 + sales_tax);
  baseline.jurisdiction = cloud.jurisdiction.empty() ? offer.jurisdiction : cloud.jurisdiction;
  baseline.operator_jurisdiction = cloud.operator_jurisdiction.empty()
                                       ? offer.operator_jurisdiction
                                       : cloud.operator_jurisdiction;
  baseline.basis =
      fmt::format("{:g} and {:g} {} per million prompt and answer tokens{}; nobody's time",
                  prices.input.value(), prices.output.value(), cost.currency, tax_text(sales_tax));
  baseline.source =
      cloud.input_price && cloud.output_price
          ? "the scenario"
          : fmt::format("{} ({})", offer.output_price->source, offer.output_price->date);
  finish(baseline, cost.year.requests, cost.year.output_tokens);
  return baseline;
}

/// Accelerators of all server groups, by name.
std::map<std::string, double> accelerators_of(const Scenario& scenario,
                                              const HardwareCatalog& hardware) {
  std::map<std::string, double> counts;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    if (server == nullptr || server->accelerators == 0) continue;
    const Accelerator* accelerator = hardware.accelerator(server->accelerator);
    counts[accelerator == nullptr ? server->accelerator : accelerator->name] +=
        static_cast<double>(placed.group->count * server->accelerators);
  }
  return counts;
}

struct Rent {
  double per_hour = 0;
  std::vector<std::string> what, names, sources;
  std::string jurisdiction, operator_jurisdiction;  ///< of the first
};

/// What all accelerators cost per hour; empty if nobody rents one of them out.
std::optional<Rent> rent_of(const std::map<std::string, double>& accelerators,
                            const EconomicsCatalog& catalog, double exchange_rate,
                            std::vector<std::string>& missing) {
  Rent rent;
  for (const auto& [name, count] : accelerators) {
    const GpuRental* rental = catalog.cheapest_rental(name);
    if (rental == nullptr) {
      missing.push_back(fmt::format("rent of {} (sim/economics/catalog/gpu_rentals.json)", name));
      continue;
    }
    rent.per_hour += count * rental->price_per_hour->value * exchange_rate;
    rent.what.push_back(fmt::format("{:g} x {}", count, name));
    rent.names.push_back(rental->name);
    rent.sources.push_back(fmt::format("{}: {} ({})", rental->provider,
                                       rental->price_per_hour->source,
                                       rental->price_per_hour->date));
    if (rent.names.size() > 1) continue;
    rent.jurisdiction = rental->jurisdiction;
    rent.operator_jurisdiction = rental->operator_jurisdiction;
  }
  if (rent.names.size() < accelerators.size()) return std::nullopt;
  return rent;
}

Baseline rented_baseline(const Rent& rent, double hours, const char* when,
                         const OwnershipInputs& inputs, const RunCost& cost) {
  const double attendance = inputs.use.staff + inputs.use.support;
  const double sales_tax = inputs.terms.sales_tax;
  Baseline baseline{.kind = Baseline::Kind::rented};
  baseline.name = fmt::format("{}", fmt::join(rent.names, " + "));
  baseline.label = fmt::format("rented {}, {}", fmt::join(rent.what, " + "), when);
  baseline.per_year = Money(rent.per_hour * hours * (1 + sales_tax) + attendance);
  baseline.staff_per_year = Money(attendance);
  baseline.jurisdiction = rent.jurisdiction;
  baseline.operator_jurisdiction = rent.operator_jurisdiction;
  baseline.basis = fmt::format(
      "{:.4g} {} an hour for {} hours a year{}, and {} for the staff and support of the rack",
      rent.per_hour, cost.currency, whole_text(hours), tax_text(sales_tax),
      attendance > 0 ? whole_text(attendance) + " " + cost.currency : "nothing");
  baseline.source = fmt::format("{}", fmt::join(rent.sources, "; "));
  finish(baseline, cost.year.requests, cost.year.output_tokens);
  return baseline;
}

void add_rented(const Scenario& scenario, const HardwareCatalog& hardware,
                const EconomicsCatalog& catalog, const RunCost& cost, const OwnershipInputs& inputs,
                BaselineList& list) {
  const auto accelerators = accelerators_of(scenario, hardware);
  if (accelerators.empty()) return;
  const auto rent = rent_of(accelerators, catalog, scenario.economics.exchange_rate, list.missing);
  if (!rent) return;
  list.baselines.push_back(rented_baseline(*rent, hours_per_year, "all year", inputs, cost));
  if (!has_office_days(scenario) || !catalog.facility.office_hours) return;
  const double hours =
      scenario.economics.working_days_per_year * catalog.facility.office_hours->value;
  list.baselines.push_back(rented_baseline(*rent, hours, "in office hours", inputs, cost));
}

}  // namespace

std::string_view name_of(Baseline::Kind kind) {
  constexpr std::array<std::string_view, 4> names{"cloud_api", "rented", "rack", "nothing"};
  return names[static_cast<std::size_t>(kind)];
}

std::optional<TokenPrices> prices_of(const CloudSpec& cloud, const EconomicsCatalog& catalog,
                                     double exchange_rate) {
  const CloudOffer* offer = catalog.offer(cloud.offer);
  if (offer == nullptr) return std::nullopt;
  TokenPrices prices{Money(offer->input_price->value * exchange_rate),
                     Money(offer->output_price->value * exchange_rate)};
  if (cloud.input_price) prices.input = *cloud.input_price;
  if (cloud.output_price) prices.output = *cloud.output_price;
  return prices;
}

Money token_cost(const TokenPrices& prices, double input_tokens, double output_tokens) {
  return prices.input * (input_tokens / 1e6) + prices.output * (output_tokens / 1e6);
}

BaselineList baselines(const Scenario& scenario, const HardwareCatalog& hardware,
                       const EconomicsCatalog& catalog, const RunCost& cost,
                       const OwnershipInputs& inputs) {
  BaselineList list;
  if (!cost.year_known) {
    list.missing.push_back(cost.year_basis);
    return list;
  }
  for (const CloudSpec& cloud : clouds_of(scenario, catalog)) {
    const CloudOffer* offer = catalog.offer(cloud.offer);
    const auto prices = prices_of(cloud, catalog, scenario.economics.exchange_rate);
    if (offer == nullptr || !prices) {
      list.missing.push_back(
          fmt::format("offer {} (sim/economics/catalog/cloud_offers.json)", cloud.offer));
      continue;
    }
    list.baselines.push_back(
        cloud_baseline(cloud, *offer, *prices, scenario.economics.sales_tax, cost));
  }
  add_rented(scenario, hardware, catalog, cost, inputs, list);
  Baseline nothing{.kind = Baseline::Kind::nothing, .name = "nothing", .label = "do nothing"};
  nothing.requests_undone = cost.year.requests;
  nothing.basis = whole_text(cost.year.requests) + " requests a year stay undone";
  list.baselines.push_back(std::move(nothing));
  return list;
}

std::string baseline_staff_text(const BaselineList& list) {
  const bool rented =
      std::any_of(list.baselines.begin(), list.baselines.end(),
                  [](const Baseline& baseline) { return baseline.kind == Baseline::Kind::rented; });
  return std::string(rented ? "Rented accelerators need the staff of the rack; of" : "Of") +
         " a cloud API nobody's time is counted.";
}

Baseline rack_baseline(std::string name, std::string label, const OwnershipTotals& totals,
                       double served, double wanted) {
  Baseline baseline{
      .kind = Baseline::Kind::rack, .name = std::move(name), .label = std::move(label)};
  baseline.per_year = Money(totals.per_year);
  if (totals.per_1000_requests) baseline.per_1000_requests = Money(*totals.per_1000_requests);
  if (totals.per_million_output_tokens) {
    baseline.per_million_output_tokens = Money(*totals.per_million_output_tokens);
  }
  baseline.requests_undone = std::max(0.0, wanted - served);
  baseline.basis = "levelised total cost of ownership";
  return baseline;
}

}  // namespace microdc
