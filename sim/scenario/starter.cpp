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
  chat.users = answers.employees;
  if (answers.prompts_per_day) {
    chat.prompts_per_active_user =
        *answers.prompts_per_day / (static_cast<double>(chat.users) * chat.active_share);
  }
  chat.input = {.kind = LengthSpec::Kind::table, .table = "azure2023_conv_input"};
  chat.output = {.kind = LengthSpec::Kind::table, .table = "azure2023_conv_output"};
  scenario.workloads = {chat};

  SiteSpec site;
  site.name = answers.place.name;
  site.racks = {{.name = "rack-1", .servers = {{.name = "servers"}}}};
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
  scenario.economics.currency = answers.place.currency;
  if (answers.place.exchange_rate) {
    scenario.economics.exchange_rate = answers.place.exchange_rate->value;
    scenario.economics.exchange_rate_range = range_of(*answers.place.exchange_rate);
  }
  return scenario;
}

/// Sets the server and the smallest tensor parallel size that passes all rules, with as many
/// replicas as the server holds. False if none does.
bool settle_on(const ServerType& server, const CheckContext& context, Scenario& scenario) {
  ServerGroupSpec& group = scenario.sites.front().racks.front().servers.front();
  group.type = server.name;
  const auto devices = serving_devices(*context.hardware, group);
  if (!devices) return false;
  PoolSpec& pool = scenario.pools.front();
  if (server.accelerators == 0) pool.engine = "cpu-native";
  for (std::int64_t tp = 1; tp <= devices->count; tp *= 2) {
    pool.tp = tp;
    pool.replicas = devices->count / tp;
    if (!check_scenario(scenario, context).has_errors()) return true;
  }
  return false;
}

struct Offer {
  const ServerType* server;
  Money price;  ///< in USD
};

/// Servers with a known price, those with accelerators first, then by price.
std::vector<Offer> offers(const HardwareCatalog& catalog) {
  std::vector<Offer> all;
  for (const auto& [name, server] : catalog.servers()) {
    if (const auto price = catalog_price(catalog, server)) all.push_back({&server, *price});
  }
  std::stable_sort(all.begin(), all.end(), [](const Offer& a, const Offer& b) {
    const bool a_cpu_only = a.server->accelerators == 0;
    const bool b_cpu_only = b.server->accelerators == 0;
    return a_cpu_only != b_cpu_only ? b_cpu_only : a.price < b.price;
  });
  return all;
}

/// Of all serving devices together: what paces the decoding of answers. Zero if the catalog lacks it.
BytesPerSecond memory_bandwidth(const ServerType& server, const HardwareCatalog& catalog) {
  const Accelerator* gpu = catalog.accelerator(server.accelerator);
  const Cpu* cpu = catalog.cpu(server.cpu);
  const std::int64_t devices = gpu != nullptr ? server.accelerators : server.sockets;
  std::optional<Figure> bandwidth;
  if (gpu != nullptr) bandwidth = gpu->memory_bandwidth;
  else if (cpu != nullptr) bandwidth = cpu->memory_bandwidth;
  return BytesPerSecond(bandwidth ? static_cast<double>(devices) * bandwidth->value : 0);
}

}  // namespace

Result<Scenario> starter_scenario(const StarterAnswers& answers, const CheckContext& context) {
  Scenario scenario = without_hardware(answers);
  if (context.models->find(answers.model) == nullptr) {
    Diagnostics findings;
    RuleFindings collector("", findings);
    std::vector<std::string> known;
    for (const auto& [name, card] : context.models->cards()) known.push_back(name);
    collector.unknown_name("", "this model is not in the catalog", answers.model, known);
    return findings;
  }
  std::optional<Offer> too_expensive;
  std::optional<Scenario> best;
  bool best_is_cpu_only = false;
  BytesPerSecond best_bandwidth;
  for (const Offer& offer : offers(*context.hardware)) {
    const bool cpu_only = offer.server->accelerators == 0;
    if (best && cpu_only != best_is_cpu_only) break;  // accelerators come first
    Scenario attempt = scenario;
    if (!settle_on(*offer.server, context, attempt)) continue;
    if (!answers.budget) return attempt;
    if (offer.price * scenario.economics.exchange_rate > *answers.budget) {
      if (!too_expensive || offer.price < too_expensive->price) too_expensive = offer;
      continue;
    }
    const BytesPerSecond bandwidth = memory_bandwidth(*offer.server, *context.hardware);
    if (best && bandwidth <= best_bandwidth) continue;
    best = std::move(attempt);
    best_bandwidth = bandwidth;
    best_is_cpu_only = cpu_only;
  }
  if (best) return *best;
  Diagnostic error{.problem = Problem::infeasible,
                   .message = fmt::format("no server of the catalog holds \"{}\"{}", answers.model,
                                          answers.budget ? " within the budget" : "")};
  if (too_expensive) {
    const double price = too_expensive->price.value() * scenario.economics.exchange_rate;
    error.found = fmt::format("the nearest miss is \"{}\" for {:.0f} {}",
                              too_expensive->server->name, price, scenario.economics.currency);
    error.fix = "raise the budget or choose a smaller model";
  } else {
    error.fix = "choose a smaller model, or write a scenario with several servers and \"pp\"";
  }
  return error;
}

}  // namespace microdc
