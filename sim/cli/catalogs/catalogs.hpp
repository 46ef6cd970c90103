// What `list` and `show` know about: one CatalogKind per kind of thing, all in catalogs.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/fields.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc::cli {

struct CatalogItem {
  std::string name;
  std::string description;
};

/// One item in full, for people and as a JSON document.
struct ShownItem {
  std::string text;
  std::string json;
};

struct CatalogKind {
  std::string_view name;
  std::string_view description;
  std::function<std::vector<CatalogItem>(const Catalogs&)> list;
  /// Nullopt if there is no such item. Accepts aliases where the catalog has them.
  std::function<std::optional<ShownItem>(const Catalogs&, const std::string& name)> show;
};

const std::vector<CatalogKind>& catalog_kinds();

// hardware.cpp, models.cpp, serving.cpp, workload.cpp, scenario.cpp, economics.cpp, planning.cpp,
// report.cpp
std::vector<CatalogKind> hardware_kinds();
std::vector<CatalogKind> model_kinds();
std::vector<CatalogKind> serving_kinds();
std::vector<CatalogKind> workload_kinds_of_catalog();
std::vector<CatalogKind> scenario_kinds();
std::vector<CatalogKind> economics_kinds();
std::vector<CatalogKind> policy_kinds();
std::vector<CatalogKind> planning_kinds();
std::vector<CatalogKind> report_kinds();

/// Everything that a described struct holds, one line a field, figures with their sources.
ShownItem show_fields(const FieldVisitor::Describe& describe_object);
/// The name and description of a registered item.
ShownItem show_entry(const CatalogItem& item);
/// The items of a registry whose entries have a name and a description.
template <class Registry>
std::vector<CatalogItem> registry_items(const Registry& registry) {
  std::vector<CatalogItem> items;
  for (const auto& entry : registry) items.push_back({entry.name, entry.description});
  return items;
}
/// A kind whose items are nothing but a name and a description.
CatalogKind plain_kind(std::string_view name, std::string_view description,
                       std::function<std::vector<CatalogItem>(const Catalogs&)> list);

}  // namespace microdc::cli
