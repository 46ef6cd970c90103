// What a starter scenario assumes about a country or region: sim/scenario/catalog/places.json.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"

namespace microdc {

struct Place {
  std::string name;                ///< "DE", "CA-ON"
  std::string label;               ///< "Germany"
  std::vector<std::string> names;  ///< in other languages, and of its cities
  std::string currency;
  std::optional<Figure> electricity_price;  ///< [currency/J]
  std::optional<Figure> carbon_intensity;   ///< [g/J]
  std::optional<Figure> pue;
  std::optional<Figure> exchange_rate;  ///< this currency per USD
  /// Standard rates on equipment, shares of the price. Value added tax is deducted by those whose
  /// own sales bear it, retail sales tax by nobody.
  std::optional<Figure> value_added_tax, retail_sales_tax;
};
void describe(FieldVisitor& visitor, Place& place);

/// The sales tax that stays with a buyer who deducts value added tax, or does not; empty: the
/// catalog has no rate of this place.
std::optional<double> sales_tax_of(const Place& place, bool deducts);

/// Reads the catalog. Errors: file missing or wrong.
Result<std::vector<Place>> load_places(const std::filesystem::path& file);

/// The catalog of the program, read once per process; empty if it cannot be read.
const std::vector<Place>& places_catalog();

/// The place that people mean by its code, by the name of its country or region in any language
/// that the catalog knows, or by a city, alone or with what it lies in ("Munich, Germany"). Accents
/// and case do not count. Errors: none; a country of which only regions are there. They list all
/// places, or the regions, and what the word is nearest to.
Result<Place> find_place(const std::vector<Place>& places, const std::string& wanted);

}  // namespace microdc
