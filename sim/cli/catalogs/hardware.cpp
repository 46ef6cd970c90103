#include <fmt/format.h>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/report/number_text.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc::cli {
namespace {

/// What else a line of the list says.
template <class Item>
std::string more_about(const Item&, const HardwareCatalog&) {
  return "";
}
/// ": 192 GB on accelerators, about 30,600 USD"
std::string more_about(const ServerType& server, const HardwareCatalog& catalog) {
  std::vector<std::string> parts;
  const Accelerator* gpu = catalog.accelerator(server.accelerator);
  if (gpu != nullptr && gpu->memory) {
    const double bytes = gpu->memory->value * static_cast<double>(server.accelerators);
    parts.push_back(fmt::format("{:.0f} GB on accelerators", bytes / 1e9));
  } else if (server.memory) {
    parts.push_back(fmt::format("{:.0f} GB of host memory", server.memory->value / 1e9));
  }
  const auto price = catalog_price(catalog, server);
  parts.push_back(price ? "about " + money_text(price->value(), "USD") : "price not known");
  return fmt::format(": {}", fmt::join(parts, ", "));
}

/// A kind over one of the catalog's maps and its look-up.
template <class Item>
CatalogKind hardware_kind(std::string_view name, std::string_view description,
                          const std::map<std::string, Item>& (HardwareCatalog::*items)() const,
                          const Item* (HardwareCatalog::*find)(std::string_view) const) {
  return {name, description,
          [items](const Catalogs& catalogs) {
            std::vector<CatalogItem> list;
            for (const auto& [key, item] : (catalogs.hardware.*items)()) {
              list.push_back({key, item.label + more_about(item, catalogs.hardware)});
            }
            return list;
          },
          [find](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
            const Item* item = (catalogs.hardware.*find)(wanted);
            if (item == nullptr) return std::nullopt;
            return show_fields(describing(*item));
          }};
}

CatalogKind profiles_kind() {
  return {"profiles", "laws fitted to measured devices",
          [](const Catalogs& catalogs) {
            std::vector<CatalogItem> list;
            for (const auto& [device, profile] : catalogs.profiles.profiles()) {
              list.push_back({device, fmt::format("{} law{}", profile.laws.size(),
                                                  profile.laws.size() == 1 ? "" : "s")});
            }
            return list;
          },
          [](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
            const Accelerator* accelerator = catalogs.hardware.accelerator(wanted);
            const DeviceProfile* profile =
                catalogs.profiles.profile(accelerator == nullptr ? wanted : accelerator->name);
            if (profile == nullptr) return std::nullopt;
            return show_fields(describing(*profile));
          }};
}

}  // namespace

std::vector<CatalogKind> hardware_kinds() {
  return {hardware_kind<Accelerator>("accelerators", "GPUs and other devices that run models",
                                     &HardwareCatalog::accelerators, &HardwareCatalog::accelerator),
          hardware_kind<Cpu>("cpus", "CPU sockets", &HardwareCatalog::cpus, &HardwareCatalog::cpu),
          hardware_kind<LinkType>("links", "connections between devices, servers and sites",
                                  &HardwareCatalog::links, &HardwareCatalog::link),
          hardware_kind<ServerType>("servers", "servers that can be bought",
                                    &HardwareCatalog::servers, &HardwareCatalog::server),
          profiles_kind()};
}

}  // namespace microdc::cli
