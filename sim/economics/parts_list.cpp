#include "sim/economics/parts_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "hwprofiles/base/provenance.hpp"
#include "sim/platform/power.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

/// Adds parts to a list, priced by quotes and catalogs.
class Buyer {
 public:
  Buyer(const EconomicsSpec& economics, const HardwareCatalog& hardware, PartsList& list)
      : economics_(economics), hardware_(hardware), list_(list) {}

  void buy_group(const ServerGroupSpec& group) {
    const ServerType* server = hardware_.server(group.type);
    if (server == nullptr) {
      miss(fmt::format("price of {} (hardware catalog)", group.type));
      return;
    }
    if (group.owned > 0) keep(group, *server);
    if (group.count > group.owned) buy(group, *server, group.count - group.owned);
  }

  /// What is owned costs nothing; what it would cost today is what maintenance is a share of, as
  /// far as it has a price.
  void keep(const ServerGroupSpec& group, const ServerType& server) {
    PartsList today;
    Buyer(economics_, hardware_, today).buy(group, server, group.owned);
    list_.owned += today.servers;
    for (std::string& item : today.missing) add_once(list_.owned_missing, std::move(item));
    list_.parts.push_back({.item = server.name,
                           .label = server.label,
                           .group = group.name,
                           .quantity = static_cast<double>(group.owned),
                           .from = Part::From::owned,
                           .source = "the scenario"});
  }

  void buy(const ServerGroupSpec& group, const ServerType& type, std::int64_t servers) {
    const ServerType* server = &type;
    const auto count = static_cast<double>(servers);
    Part part{.item = server->name, .label = server->label, .group = group.name, .quantity = count};
    set_lead_time(part, server->lead_time);
    const Accelerator* accelerator = hardware_.accelerator(server->accelerator);
    if (server->price || quote_of(server->name) != nullptr) {
      if (accelerator != nullptr) set_lead_time(part, accelerator->lead_time);
      add(part, server->price, server->name);
      return;
    }
    part.label += " without processors";
    // A quote of this name would be for the whole server, which was looked at above.
    add_catalog(part, server->price_without_processors, server->name + " without processors");
    const Cpu* cpu = hardware_.cpu(server->cpu);
    add({.item = cpu == nullptr ? server->cpu : cpu->name,
         .label = cpu == nullptr ? server->cpu : cpu->label,
         .group = group.name,
         .quantity = count * static_cast<double>(server->sockets)},
        cpu == nullptr ? std::nullopt : cpu->price, server->cpu);
    if (server->accelerators == 0) return;
    part = {.item = accelerator == nullptr ? server->accelerator : accelerator->name,
            .label = accelerator == nullptr ? server->accelerator : accelerator->label,
            .group = group.name,
            .quantity = count * static_cast<double>(server->accelerators)};
    if (accelerator != nullptr) set_lead_time(part, accelerator->lead_time);
    add(std::move(part), accelerator == nullptr ? std::nullopt : accelerator->price,
        server->accelerator);
  }

  /// `of`: the item in words, for what is missing.
  void add_catalog(Part part, const std::optional<Figure>& price, const std::string& of) {
    if (!price) {
      miss(fmt::format("price of {} ({} catalog)", of,
                       part.group.empty() ? "economics" : "hardware"));
      return;
    }
    if (!price->currency.empty() && price->currency != "USD") {
      miss(fmt::format("price of {} in USD (the catalog has {})", of, price->currency));
      return;
    }
    const double level = part.group.empty() ? 1 : economics_.server_price_factor;
    const auto local = [&](double dollars) {
      return Cents::rounded(dollars * level * economics_.exchange_rate);
    };
    part.unit_price = local(price->value);
    if (price->low) part.low = local(*price->low);
    if (price->high) part.high = local(*price->high);
    part.kind = price->kind;
    part.source = price->source;
    if (level != 1) part.source += fmt::format("; × {:g} (economics.server_price_factor)", level);
    part.date = price->date;
    put(std::move(part));
  }

  void add_given(std::string item, std::string label, Money amount, std::string group) {
    Part part{.item = std::move(item), .label = std::move(label), .group = std::move(group)};
    part.quantity = 1;
    part.unit_price = Cents::rounded(amount);
    part.from = Part::From::scenario;
    part.source = "the scenario";
    put(std::move(part));
  }

  void miss(std::string item) { add_once(list_.missing, std::move(item)); }

 private:
  /// The longer one counts.
  static void set_lead_time(Part& part, const std::optional<Figure>& figure) {
    if (!figure || (part.lead_time && part.lead_time->value() >= figure->value)) return;
    part.lead_time = Seconds(figure->value);
    part.lead_time_source = fmt::format("{}: {}", name_of(figure->kind), figure->source);
  }

  static void add_once(std::vector<std::string>& items, std::string item) {
    if (std::find(items.begin(), items.end(), item) == items.end()) {
      items.push_back(std::move(item));
    }
  }

  void add(Part part, const std::optional<Figure>& price, const std::string& of) {
    const QuoteSpec* quote = quote_of(part.item);
    if (quote == nullptr) {
      add_catalog(std::move(part), price, of);
      return;
    }
    part.unit_price = Cents::rounded(quote->price);
    part.from = Part::From::quote;
    part.kind = Provenance::market;
    part.source = quote->vendor.empty() ? "a vendor" : quote->vendor;
    part.date = quote->date;
    if (quote->lead_time) {
      part.lead_time = quote->lead_time;
      part.lead_time_source = "quote: " + part.source;
    }
    put(std::move(part));
  }

  void put(Part part) {
    part.price = Cents::rounded(part.unit_price.money() * part.quantity);
    (part.group.empty() ? list_.facility : list_.servers) += part.price;
    if (part.lead_time) {
      list_.lead_time = std::max(list_.lead_time.value_or(Seconds(0)), *part.lead_time);
    }
    list_.parts.push_back(std::move(part));
  }

  /// The quote of a catalog item, whichever alias it uses.
  [[nodiscard]] const QuoteSpec* quote_of(const std::string& item) const {
    for (const QuoteSpec& quote : economics_.quotes) {
      if (quote.item == item || catalog_name(quote.item) == item) return &quote;
    }
    return nullptr;
  }
  [[nodiscard]] std::string catalog_name(const std::string& word) const {
    if (const ServerType* server = hardware_.server(word)) return server->name;
    if (const Accelerator* accelerator = hardware_.accelerator(word)) return accelerator->name;
    if (const Cpu* cpu = hardware_.cpu(word)) return cpu->name;
    return word;
  }

  const EconomicsSpec& economics_;
  const HardwareCatalog& hardware_;
  PartsList& list_;
};

/// Racks that hold a rack's servers, at least one; of these, those that stand already.
struct RacksNeeded {
  std::int64_t all = 1, standing = 0;
};

RacksNeeded racks_needed(const RackSpec& rack, const HardwareCatalog& hardware,
                         std::int64_t height) {
  std::int64_t units = 0, owned = 0;
  for (const ServerGroupSpec& group : rack.servers) {
    const ServerType* server = hardware.server(group.type);
    if (server == nullptr) continue;
    units += group.count * server->rack_units;
    owned += std::min(group.owned, group.count) * server->rack_units;
  }
  const auto racks = [height](std::int64_t size) { return (size + height - 1) / height; };
  const std::int64_t all = std::max<std::int64_t>(1, racks(units));
  return {all, std::max<std::int64_t>(stands(rack) ? 1 : 0, racks(owned))};
}

bool all_owned(const RackSpec& rack) {
  return std::all_of(rack.servers.begin(), rack.servers.end(),
                     [](const ServerGroupSpec& group) { return group.owned >= group.count; });
}

/// Full load of a site's servers, all of them or those that are owned.
std::optional<Watts> load_of(SiteSpec site, bool owned, const HardwareCatalog& hardware) {
  for (RackSpec& rack : site.racks) {
    for (ServerGroupSpec& group : rack.servers) {
      if (owned) group.count = group.owned;
    }
  }
  Scenario alone;
  alone.sites = {std::move(site)};
  return rated_power(alone, hardware);
}

/// Full load of the servers at each site times `reserve`, less the UPS that stands there or, if
/// that is more, what the owned servers take: they are taken to have one.
std::optional<Watts> ups_to_buy(const Scenario& scenario, const HardwareCatalog& hardware,
                                double reserve) {
  Watts total;
  for (const SiteSpec& site : scenario.sites) {
    const auto all = load_of(site, false, hardware);
    const auto owned = load_of(site, true, hardware);
    if (!all || !owned) return std::nullopt;
    const Watts there = std::max(site.room.ups.value_or(Watts(0)), *owned * reserve);
    total += std::max(Watts(0), *all * reserve - there);
  }
  return total;
}

void buy_facility(const Scenario& scenario, const HardwareCatalog& hardware,
                  const EconomicsCatalog& catalog, Buyer& buyer) {
  const FacilityCatalog& facility = catalog.facility;
  double racks = 0, installations = 0;
  std::map<std::string, double> switches;
  for (const SiteSpec& site : scenario.sites) {
    for (const RackSpec& rack : site.racks) {
      const RacksNeeded needed = racks_needed(rack, hardware, facility.rack_height);
      const auto count = static_cast<double>(needed.all);
      const auto bought = static_cast<double>(needed.all - needed.standing);
      racks += bought;
      switches[rack.switch_link] += bought;
      if (bought > 0 || !all_owned(rack)) installations += count;
    }
  }
  const auto add = [&](const char* item, std::string label, double quantity, const char* unit,
                       const std::optional<Figure>& price) {
    if (quantity <= 0) return;
    Part part{.item = item, .label = std::move(label), .quantity = quantity, .unit = unit};
    const std::string of = part.label;
    buyer.add_catalog(std::move(part), price, of);
  };
  add("rack", "rack", racks, "", facility.rack);
  add("pdu", "power distribution unit", racks * static_cast<double>(facility.pdus_per_rack), "",
      facility.pdu);
  for (const auto& [link, count] : switches) {
    const NetworkSwitch* found = catalog.network_switch(link);
    add("switch", "switch " + link, count, "", found == nullptr ? std::nullopt : found->price);
  }
  const double reserve = facility.ups_reserve ? facility.ups_reserve->value : 1;
  if (const std::optional<Watts> power = ups_to_buy(scenario, hardware, reserve)) {
    add("ups", "UPS", std::ceil(power->value() / 100) / 10, "kW", facility.ups_per_kw);
  } else {
    buyer.miss("power of the servers at full load, for the UPS (hardware catalog)");
  }
  add("installation", "installation", installations, "", facility.installation_per_rack);
}

void buy_servers(const Scenario& scenario, Buyer& buyer) {
  if (scenario.economics.capex) {
    buyer.add_given("servers", "servers, as the scenario says", *scenario.economics.capex,
                    "all servers");
    return;
  }
  for (const PlacedGroup& placed : server_groups(scenario)) buyer.buy_group(*placed.group);
}

}  // namespace

std::string_view name_of(Part::From from) {
  constexpr std::array<std::string_view, 4> names{"catalog", "quote", "scenario", "owned"};
  return names[static_cast<std::size_t>(from)];
}

std::string price_kind(const Part& part) {
  return std::string(part.from == Part::From::catalog ? name_of(part.kind) : name_of(part.from));
}

PartsList server_parts(const Scenario& scenario, const HardwareCatalog& hardware) {
  PartsList list;
  Buyer buyer(scenario.economics, hardware, list);
  buy_servers(scenario, buyer);
  list.total = list.servers;
  return list;
}

PartsList parts_list(const Scenario& scenario, const HardwareCatalog& hardware,
                     const EconomicsCatalog& catalog) {
  PartsList list;
  Buyer buyer(scenario.economics, hardware, list);
  buy_servers(scenario, buyer);
  if (scenario.economics.facility_capex) {
    buyer.add_given("facility", "facility, as the scenario says",
                    *scenario.economics.facility_capex, "");
  } else {
    buy_facility(scenario, hardware, catalog, buyer);
  }
  list.sales_tax = Cents::rounded(list.equipment().money() * scenario.economics.sales_tax);
  list.total = list.equipment() + list.sales_tax;
  return list;
}

bool stands(const RackSpec& rack) {
  return rack.owned || std::any_of(rack.servers.begin(), rack.servers.end(),
                                   [](const ServerGroupSpec& group) { return group.owned > 0; });
}

std::optional<Watts> rated_power(const Scenario& scenario, const HardwareCatalog& hardware) {
  Watts total;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    if (server == nullptr) return std::nullopt;
    const ServerPowerModel model = make_server_power(*server, hardware, server->accelerators == 0);
    if (!model.missing.empty()) return std::nullopt;
    total += (model.processors_full + model.base + model.fan_full) / model.psu_efficiency *
             static_cast<double>(placed.group->count);
  }
  return total;
}

}  // namespace microdc
