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
  std::string name;   ///< "DE", "CA-ON"
  std::string label;  ///< "Germany"
  std::string currency;
  std::optional<Figure> electricity_price;  ///< [currency/J]
  std::optional<Figure> carbon_intensity;   ///< [g/J]
  std::optional<Figure> pue;
  std::optional<Figure> exchange_rate;  ///< this currency per USD
};
void describe(FieldVisitor& visitor, Place& place);

/// Reads the catalog. Errors: file missing or wrong.
Result<std::vector<Place>> load_places(const std::filesystem::path& file);

}  // namespace microdc
