#include <fmt/format.h>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/policy/routing_curves.hpp"

namespace microdc::cli {
namespace {

template <class Item>
using Words = std::string (*)(const Item&);

template <class Item>
const Item& as_it_counts(const Item& item) {
  return item;
}
/// With what it has of the sectors that it is within.
Sector as_it_counts(Sector sector) {
  sector.pays_sales_tax = policy_catalog()->pays_sales_tax(sector.name);
  sector.data_classes = policy_catalog()->usual_data(sector.name);
  return sector;
}

/// A kind over one list of the catalog.
template <class Item>
CatalogKind kind_of(std::string_view name, std::string_view description,
                    std::vector<Item> PolicyCatalog::*items, Words<Item> words) {
  return {name, description,
          [items, words](const Catalogs&) {
            std::vector<CatalogItem> list;
            if (!policy_catalog()) return list;
            for (const Item& item : (*policy_catalog()).*items) {
              list.push_back({item.name, words(item)});
            }
            return list;
          },
          [items](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
            if (!policy_catalog()) return std::nullopt;
            for (const Item& item : (*policy_catalog()).*items) {
              if (item.name == wanted) return show_fields(describing(as_it_counts(item)));
            }
            return std::nullopt;
          }};
}

std::string regulation_words(const Regulation& rule) {
  std::string text =
      fmt::format("{} {}: {}; {}", rule.law, rule.article, rule.title, name_of(rule.strength));
  if (!rule.until.empty()) text += ", until " + rule.until;
  return text;
}
std::string jurisdiction_words(const Jurisdiction& item) {
  return item.within.empty() ? item.label
                             : fmt::format("{}, in {}", item.label, join_names(item.within));
}
std::string list_words(const PlaceList& item) {
  return fmt::format("{} ({} places)", item.label, item.members.size());
}
std::string class_words(const DataClass& item) {
  return item.synonyms.empty() ? item.label
                               : fmt::format("{}; also {}", item.label, join_names(item.synonyms));
}
std::string condition_words(const Condition& item) {
  const bool attested = item.held_by == Condition::Holder::operator_of_place;
  return (attested ? "operator: " : "") + item.label;
}
std::string sector_words(const Sector& item) { return item.label; }

CatalogKind curves_kind() {
  return {"routing_curves", "quality that routing by complexity keeps",
          [](const Catalogs&) {
            std::vector<CatalogItem> list;
            if (!routing_curves()) return list;
            for (const RoutingCurve& curve : *routing_curves()) {
              list.push_back({curve.name, curve.label});
            }
            return list;
          },
          [](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
            const RoutingCurve* curve = find_routing_curve(wanted);
            if (curve == nullptr) return std::nullopt;
            return show_fields(describing(*curve));
          }};
}

}  // namespace

std::vector<CatalogKind> policy_kinds() {
  return {kind_of("regulations", "rules on where data may be processed (planning aid, no advice)",
                  &PolicyCatalog::regulations, &regulation_words),
          kind_of("jurisdictions", "places whose law may bind, or where data may be",
                  &PolicyCatalog::jurisdictions, &jurisdiction_words),
          kind_of("place_lists", "places that rules accept by a decision", &PolicyCatalog::lists,
                  &list_words),
          kind_of("data_classes", "kinds of data that rules know", &PolicyCatalog::data_classes,
                  &class_words),
          kind_of("conditions", "what rules ask for: of organisations, and of operators",
                  &PolicyCatalog::conditions, &condition_words),
          kind_of("sectors", "what an organisation may be", &PolicyCatalog::sectors, &sector_words),
          curves_kind()};
}

}  // namespace microdc::cli
