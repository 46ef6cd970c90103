#include <fmt/format.h>

#include "sim/cli/catalogs/catalogs.hpp"

namespace microdc::cli {
namespace {

/// A kind over one of the catalog's maps and its look-up.
template <class Item>
CatalogKind hardware_kind(std::string_view name, std::string_view description,
                          const std::map<std::string, Item>& (HardwareCatalog::*items)() const,
                          const Item* (HardwareCatalog::*find)(std::string_view) const) {
  return {name, description,
          [items](const Catalogs& catalogs) {
            std::vector<CatalogItem> list;
            for (const auto& [key, item] : (catalogs.hardware.*items)()) {
              list.push_back({key, item.label});
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
