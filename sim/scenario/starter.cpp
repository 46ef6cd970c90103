#include "sim/scenario/starter.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

std::optional<Range> range_of(const Figure& figure) {
  if (!figure.low || !figure.high) return std::nullopt;
  return Range{*figure.low, *figure.high};
}

/// Everything but the server and the layout.
Scenario without_hardware(const StarterAnswers& answers) {
  Scenario scenario;
  scenario.name = answers.name;
  scenario.description =
      fmt::format("An office of {} people in {}", answers.employees, answers.place.label);
  WorkloadSpec chat;
  chat.name = "chat";
  chat.kind = "office_day";
  chat.data_classes = answers.data_classes;
  chat.users = answers.employees;
  if (answers.prompts_per_day) {
    chat.prompts_per_active_user =
        *answers.prompts_per_day / (static_cast<double>(chat.users) * chat.active_share);
  }
  chat.input = {.kind = LengthSpec::Kind::table, .table = "azure2023_conv_input"};
  chat.output = {.kind = LengthSpec::Kind::table, .table = "azure2023_conv_output"};
  scenario.workloads = {chat};

  scenario.organisation.jurisdiction = answers.place.name;
  scenario.organisation.sector = answers.sector;
  scenario.organisation.conditions = answers.conditions;
  scenario.organisation.employees = answers.employees;

  SiteSpec site;
  site.name = answers.place.name;
  // The default switch, of 100 Gbit/s, costs more than a small server.
  site.racks = {
      {.name = "rack-1", .switch_link = "ethernet-25g", .servers = {{.name = "servers"}}}};
  if (answers.place.pue) {
    site.pue = answers.place.pue->value;
    site.pue_range = range_of(*answers.place.pue);
  }
  if (answers.place.electricity_price) {
    site.electricity_price = MoneyPerJoule(answers.place.electricity_price->value);
    site.electricity_price_range = range_of(*answers.place.electricity_price);
  }
  if (answers.place.carbon_intensity) {
    site.carbon_intensity = answers.place.carbon_intensity->value;
    site.carbon_intensity_range = range_of(*answers.place.carbon_intensity);
  }
  scenario.sites = {site};
  scenario.pools = {{.name = "chat", .model = answers.model, .servers = "servers"}};
  scenario.slo = {.ttft = Seconds(2), .tpot = Seconds(0.1)};
  scenario.needs.budget = answers.budget;
  scenario.economics.currency = answers.place.currency;
  if (answers.place.exchange_rate) {
    scenario.economics.exchange_rate = answers.place.exchange_rate->value;
    scenario.economics.exchange_rate_range = range_of(*answers.place.exchange_rate);
  }
  scenario.economics.sales_tax =
      sales_tax_of(answers.place, answers.deducts_tax).value_or(scenario.economics.sales_tax);
  return scenario;
}

}  // namespace

Result<Scenario> starter_frame(const StarterAnswers& answers, const CheckContext& context) {
  if (context.models->find(answers.model) != nullptr) return without_hardware(answers);
  Diagnostics findings;
  RuleFindings collector("", findings);
  std::vector<std::string> known;
  for (const auto& [name, card] : context.models->cards()) known.push_back(name);
  collector.unknown_name("", "this model is not in the catalog", answers.model, known);
  return findings;
}

std::vector<StarterOffer> starter_offers(const HardwareCatalog& catalog) {
  std::vector<StarterOffer> all;
  for (const auto& [name, server] : catalog.servers()) {
    if (const auto price = catalog_price(catalog, server)) all.push_back({&server, *price});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const StarterOffer& a, const StarterOffer& b) { return a.price < b.price; });
  return all;
}

std::vector<Scenario> starter_layouts(const Scenario& frame, const ServerType& server,
                                      const CheckContext& context) {
  std::vector<Scenario> layouts;
  Scenario scenario = frame;
  ServerGroupSpec& group = scenario.sites.front().racks.front().servers.front();
  group.type = server.name;
  const auto devices = serving_devices(*context.hardware, group);
  if (!devices) return layouts;
  PoolSpec& pool = scenario.pools.front();
  if (server.accelerators == 0) pool.engine = engine_for_cpus;
  for (std::int64_t tp = 1; tp <= devices->count; tp *= 2) {
    pool.tp = tp;
    pool.replicas = devices->count / tp;
    if (!check_scenario(scenario, context).has_errors()) layouts.push_back(scenario);
  }
  return layouts;
}

}  // namespace microdc
