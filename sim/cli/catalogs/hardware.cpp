#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"
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

std::string error_text(const std::optional<ErrorSummary>& error) {
  if (!error) return "–";
  return fmt::format("{} / {}", share_text(error->median), share_text(error->p90));
}

std::vector<std::string> law_row(const FittedLaw& law) {
  return {std::string(law_kind_names()[static_cast<std::size_t>(law.kind)]),
          law.kernel_source,
          law.group > 0 ? fmt::format("{} ranks", law.group) : std::string(name_of(law.format)),
          count_text(law.points),
          error_text(law.in_sample),
          error_text(law.held_out)};
}

/// "launch 1.09e-06 s ± 33 %"
std::string parameters_text(const FittedLaw& law) {
  std::vector<std::string> parts;
  for (const LawParameter& parameter : law.parameters) {
    std::string text = fmt::format("{} {:.3g}", parameter.name, parameter.value);
    if (parameter.unit != "1") text += " " + parameter.unit;
    if (parameter.log_sd > 0) text += fmt::format(" ± {:.0f} %", 100 * parameter.log_sd);
    parts.push_back(std::move(text));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// Fields by fields a profile would be hundreds of lines; --json has them.
ShownItem shown_profile(const DeviceProfile& profile) {
  std::vector<std::vector<std::string>> laws{
      {"", "kernels of", "format", "points", "error on fitted points", "on points left out"}};
  std::string parameters;
  std::set<std::string> sources;
  for (const FittedLaw& law : profile.laws) {
    laws.push_back(law_row(law));
    if (!law.source.empty()) sources.insert(law.source);
    parameters += wrapped(fmt::format("{}, {}, {}: {}", laws.back()[0], laws.back()[1],
                                      laws.back()[2], parameters_text(law)),
                          "  ", 4);
  }
  std::string text = labelled({{"device", profile.device},
                               {"note", profile.note},
                               {"sources", fmt::format("{}", fmt::join(sources, "; "))}});
  text += "\nLaws; errors: median / 9 in 10 within\n" + aligned(laws) +
          "\nParameters, with the standard deviation of their fit\n" + parameters;
  if (!profile.variants.empty()) {
    text += fmt::format("\n{} choices of kernel variants: --json\n", profile.variants.size());
  }
  return {std::move(text), show_fields(describing(profile)).json};
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
            return shown_profile(*profile);
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
