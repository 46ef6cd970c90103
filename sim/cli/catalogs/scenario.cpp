#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/scenario/places.hpp"

namespace microdc::cli {

namespace {

std::vector<Place> places() {
  auto loaded = load_places(data_root() / "sim/scenario/catalog/places.json");
  return loaded ? std::move(*loaded) : std::vector<Place>{};
}

}  // namespace

std::vector<CatalogKind> scenario_kinds() {
  const CatalogKind all_places{
      "places", "what a new scenario assumes about countries and regions",
      [](const Catalogs&) {
        std::vector<CatalogItem> list;
        for (const Place& place : places()) list.push_back({place.name, place.label});
        return list;
      },
      [](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
        for (const Place& place : places()) {
          if (place.name == wanted) return show_fields(describing(place));
        }
        return std::nullopt;
      }};
  return {all_places,
          plain_kind("rules", "what `check` checks across the fields of a scenario",
                     [](const Catalogs&) {
                       std::vector<CatalogItem> list;
                       for (const ScenarioRule& rule : scenario_rules()) {
                         list.push_back({std::string(rule.name), std::string(rule.description)});
                       }
                       return list;
                     })};
}

}  // namespace microdc::cli
