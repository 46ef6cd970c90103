#include <fmt/format.h>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/economics/catalog.hpp"

namespace microdc::cli {
namespace {

/// A kind over one list of the catalog; `describe_item` puts an item into a few words.
template <class Item, class Words>
CatalogKind kind_of(std::string_view name, std::string_view description,
                    std::vector<Item> EconomicsCatalog::*items, Words words) {
  return {name, description,
          [items, words](const Catalogs&) {
            std::vector<CatalogItem> list;
            if (!economics_catalog()) return list;
            for (const Item& item : (*economics_catalog()).*items) {
              list.push_back({item.name, words(item)});
            }
            return list;
          },
          [items](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
            if (!economics_catalog()) return std::nullopt;
            for (const Item& item : (*economics_catalog()).*items) {
              if (item.name == wanted) return show_fields(describing(item));
            }
            return std::nullopt;
          }};
}

std::string offer_words(const CloudOffer& offer) {
  return fmt::format("{}: {:g} and {:g} USD per million prompt and answer tokens", offer.vendor,
                     offer.input_price->value, offer.output_price->value);
}

std::string rental_words(const GpuRental& rental) {
  return fmt::format("{}, {}: {:g} USD per hour", rental.provider, rental.region,
                     rental.price_per_hour->value);
}

std::string salary_words(const Salary& salary) {
  return fmt::format("{}: {:g} {} a year", salary.label, salary.salary->value,
                     salary.salary->currency);
}

CatalogKind facility_kind() {
  return {
      "facility", "prices of what a rack needs around its servers",
      [](const Catalogs&) {
        return std::vector<CatalogItem>{{"facility", "rack, power, UPS, switches, installation"}};
      },
      [](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
        if (wanted != "facility" || !economics_catalog()) return std::nullopt;
        return show_fields(describing(economics_catalog()->facility));
      }};
}

}  // namespace

std::vector<CatalogKind> economics_kinds() {
  return {kind_of("cloud_offers", "models behind an API, with prices per token",
                  &EconomicsCatalog::offers, offer_words),
          kind_of("gpu_rentals", "accelerators that can be rented by the hour",
                  &EconomicsCatalog::rentals, rental_words),
          kind_of("salaries", "what people cost who look after a rack", &EconomicsCatalog::salaries,
                  salary_words),
          facility_kind()};
}

}  // namespace microdc::cli
