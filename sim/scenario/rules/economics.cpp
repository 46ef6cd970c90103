#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {
namespace {

/// The catalog's name of a server type, accelerator or CPU; empty if there is none.
std::string catalog_name(const HardwareCatalog& hardware, const std::string& word) {
  if (const ServerType* server = hardware.server(word)) return server->name;
  if (const Accelerator* accelerator = hardware.accelerator(word)) return accelerator->name;
  if (const Cpu* cpu = hardware.cpu(word)) return cpu->name;
  return "";
}

std::vector<std::string> catalog_names(const HardwareCatalog& hardware) {
  std::vector<std::string> names;
  for (const auto& [name, item] : hardware.servers()) names.push_back(name);
  for (const auto& [name, item] : hardware.accelerators()) names.push_back(name);
  for (const auto& [name, item] : hardware.cpus()) names.push_back(name);
  return names;
}

bool quoted(const Scenario& scenario, const HardwareCatalog& hardware, const std::string& item) {
  return std::any_of(
      scenario.economics.quotes.begin(), scenario.economics.quotes.end(),
      [&](const QuoteSpec& quote) { return catalog_name(hardware, quote.item) == item; });
}

/// Whether the price of some server of the scenario is made from this item's.
bool is_bought(const Scenario& scenario, const HardwareCatalog& hardware, const std::string& item) {
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    if (server == nullptr) continue;
    if (server->name == item) return true;
    if (server->price || quoted(scenario, hardware, server->name)) continue;
    if (catalog_name(hardware, server->cpu) == item) return true;
    if (server->accelerators > 0 && catalog_name(hardware, server->accelerator) == item)
      return true;
  }
  return false;
}

bool is_date(const std::string& text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (text[i] < '0' || text[i] > '9') return false;
  }
  const int month = std::stoi(text.substr(5, 2));
  const int day = std::stoi(text.substr(8, 2));
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

}  // namespace

void purchase_date_is_a_day(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  const std::string& day = scenario.economics.purchase_date;
  if (day.empty() || is_date(day)) return;
  findings.add({.place = "/economics/purchase_date",
                .message = "this is not a date",
                .found = fmt::format("\"{}\"", day),
                .allowed = "YYYY-MM-DD"});
}

void quotes_name_items(const Scenario& scenario, const CheckContext& context,
                       RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  const HardwareCatalog& hardware = *context.hardware;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < scenario.economics.quotes.size(); ++i) {
    const QuoteSpec& quote = scenario.economics.quotes[i];
    const std::string place = fmt::format("/economics/quotes/{}", i);
    const std::string item = catalog_name(hardware, quote.item);
    if (!quote.date.empty() && !is_date(quote.date)) {
      findings.add({.place = place + "/date",
                    .message = "this is not a date",
                    .found = fmt::format("\"{}\"", quote.date),
                    .allowed = "YYYY-MM-DD"});
    }
    if (item.empty()) {
      findings.unknown_name(place + "/item",
                            "no server type, accelerator or CPU of the catalog has this name",
                            quote.item, catalog_names(hardware));
      continue;
    }
    if (const auto [first, fresh] = seen.emplace(item, i); !fresh) {
      findings.add({.place = place + "/item",
                    .message = "this item has a quote already",
                    .found = fmt::format("\"{}\", as in /economics/quotes/{}", item, first->second),
                    .fix = "keep the one that you would accept"});
    }
  }
}

void quotes_used(const Scenario& scenario, const CheckContext& context, RuleFindings& findings) {
  if (context.hardware == nullptr) return;
  for (std::size_t i = 0; i < scenario.economics.quotes.size(); ++i) {
    const std::string& word = scenario.economics.quotes[i].item;
    const std::string item = catalog_name(*context.hardware, word);
    if (item.empty()) continue;
    Diagnostic finding{.severity = Severity::warning,
                       .place = fmt::format("/economics/quotes/{}/item", i),
                       .found = fmt::format("\"{}\"", word)};
    if (scenario.economics.capex) {
      finding.message = "this quote is not used: /economics/capex replaces all prices of servers";
      finding.fix = "remove one of them";
    } else if (!is_bought(scenario, *context.hardware, item)) {
      finding.message = "this quote is not used: the price of no server here is made from it";
      finding.fix =
          "quote a type of /sites/…/servers, or a processor of one that is priced by parts";
    } else {
      continue;
    }
    findings.add(std::move(finding));
  }
}

void financing_consistent(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  const EconomicsSpec& economics = scenario.economics;
  const FinancingSpec& financing = economics.financing;
  if (financing.kind == FinancingSpec::Kind::cash) {
    if (financing.down_payment == 0) return;
    findings.add({.place = "/economics/financing/down_payment",
                  .message = "a purchase in cash is paid at once and has no down payment",
                  .found = fmt::format("{:g}", financing.down_payment),
                  .fix = "set \"kind\" to \"loan\" or \"lease\", or remove \"down_payment\""});
    return;
  }
  if (financing.kind == FinancingSpec::Kind::loan) return;
  const double left =
      std::max(0.0, 1 - (1 - economics.residual_share) * financing.years / economics.years);
  if (financing.down_payment + left <= 1) return;
  findings.add({.place = "/economics/financing/down_payment",
                .message = "down payment and residual value pay more than the price of the lease",
                .found = fmt::format("{:g} and, after {:g} years, {:.2g} of the price",
                                     financing.down_payment, financing.years, left),
                .fix = "lower \"down_payment\" or /economics/residual_share"});
}

void cloud_offers_exist(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  const std::vector<std::string>& known = context.cloud_offers;
  if (known.empty()) return;
  for (std::size_t i = 0; i < scenario.clouds.size(); ++i) {
    const std::string& offer = scenario.clouds[i].offer;
    if (std::find(known.begin(), known.end(), offer) != known.end()) continue;
    findings.unknown_name(fmt::format("/clouds/{}/offer", i), "this offer is not in the catalog",
                          offer, known);
  }
}

}  // namespace microdc::rules
