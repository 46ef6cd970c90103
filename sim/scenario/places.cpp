#include "sim/scenario/places.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"

namespace microdc {

void describe(FieldVisitor& v, Place& place) {
  v.text({.name = "name", .label = "Code", .required = true}, place.name);
  v.text({.name = "label", .label = "Place", .required = true}, place.label);
  v.texts({.name = "names", .label = "Also known as, and cities"}, place.names);
  v.text({.name = "currency", .label = "Currency", .required = true}, place.currency);
  v.figure({.name = "electricity_price",
            .label = "Electricity price",
            .dimension = Dimension::money_per_energy,
            .min = 0},
           place.electricity_price);
  v.figure({.name = "carbon_intensity",
            .label = "Carbon intensity",
            .dimension = Dimension::carbon_intensity,
            .min = 0},
           place.carbon_intensity);
  v.figure({.name = "pue", .label = "PUE of a server room", .min = 1}, place.pue);
  v.figure({.name = "exchange_rate", .label = "Currency per USD", .min = 1e-6},
           place.exchange_rate);
  v.figure({.name = "value_added_tax", .label = "Value added tax", .min = 0, .max = 1},
           place.value_added_tax);
  v.figure({.name = "retail_sales_tax", .label = "Sales tax nobody deducts", .min = 0, .max = 1},
           place.retail_sales_tax);
}

std::optional<double> sales_tax_of(const Place& place, bool deducts) {
  if (!place.value_added_tax && !place.retail_sales_tax) return std::nullopt;
  const auto rate = [](const std::optional<Figure>& tax) { return tax ? tax->value : 0; };
  return rate(place.retail_sales_tax) + (deducts ? 0 : rate(place.value_added_tax));
}

namespace {
struct PlacesFile {
  std::string description;
  std::vector<Place> places;
};

void describe(FieldVisitor& v, PlacesFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "places", .label = "Places", .required = true}, file.places);
}
}  // namespace

Result<std::vector<Place>> load_places(const std::filesystem::path& file) {
  const Result<Json> json = read_json_file(file);
  if (!json) return json.diagnostics();
  PlacesFile content;
  const Diagnostics findings = read_fields(content, *json, file.string());
  if (findings.has_errors()) return findings;
  return std::move(content.places);
}

const std::vector<Place>& places_catalog() {
  static const std::vector<Place> places = [] {
    auto loaded = load_places(data_root() / "sim/scenario/catalog/places.json");
    return loaded ? std::move(*loaded) : std::vector<Place>{};
  }();
  return places;
}

namespace {

/// "Ontario" and "Canada" of "Ontario, Canada"; of a country the second is empty.
std::pair<std::string, std::string> parted(const std::string& label) {
  const std::size_t comma = label.find(',');
  if (comma == std::string::npos) return {label, ""};
  return {label.substr(0, comma), label.substr(comma + 1)};
}

/// Every word that means a place, as compared.
std::vector<std::string> keys_of(const Place& place) {
  std::vector<std::string> keys{spoken_key(place.name), spoken_key(place.label),
                                spoken_key(parted(place.label).first)};
  for (const std::string& name : place.names) keys.push_back(spoken_key(name));
  return keys;
}

const Place* place_called(const std::vector<Place>& places, const std::string& wanted) {
  const std::string key = spoken_key(wanted);
  for (const Place& place : places) {
    const std::vector<std::string> keys = keys_of(place);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return &place;
  }
  return nullptr;
}

bool lies_in(const Place& place, const std::string& country) {
  const std::string region = parted(place.label).second;
  const std::string code = place.name.substr(0, place.name.find('-'));
  const std::string key = spoken_key(country);
  return !region.empty() && (spoken_key(region) == key || spoken_key(code) == key);
}

/// The place of a region's code without its country, "ON" of "CA-ON"; null if there are several.
const Place* place_of_region(const std::vector<Place>& places, const std::string& code) {
  const Place* found = nullptr;
  for (const Place& place : places) {
    const std::size_t dash = place.name.find('-');
    if (dash == std::string::npos) continue;
    if (spoken_key(place.name.substr(dash + 1)) != spoken_key(code)) continue;
    if (found != nullptr) return nullptr;
    found = &place;
  }
  return found;
}

/// "Toronto, Canada", "Springfield, Ohio", "Ottawa, ON, Canada": the word behind the first decides,
/// the first may say more.
const Place* place_within(const std::vector<Place>& places, const std::string& wanted) {
  const auto [city, around] = parted(wanted);
  if (around.empty()) return nullptr;
  const Place* narrow = place_called(places, city);
  const Place* wide = place_called(places, around);
  if (wide == nullptr) wide = place_of_region(places, around);
  if (wide == nullptr) wide = place_within(places, around);
  if (narrow == nullptr && wide == nullptr) narrow = place_of_region(places, city);
  if (narrow != nullptr && lies_in(*narrow, wide != nullptr ? wide->label : around)) return narrow;
  return wide;
}

/// "CA-BC (British Columbia, Canada)"
std::string named_text(const Place& place) {
  return fmt::format("{} ({})", place.name, place.label);
}

Diagnostic unknown_place(const std::vector<Place>& places, const std::string& wanted) {
  std::vector<std::string> all, near, regions;
  const std::string key = spoken_key(wanted);
  for (const Place& place : places) {
    all.push_back(named_text(place));
    if (nearest_match(key, keys_of(place))) near.push_back(named_text(place));
    if (lies_in(place, wanted)) regions.push_back(named_text(place));
  }
  Diagnostic error{
      .place = "--where",
      .message = "this place is not known",
      .found = fmt::format("\"{}\"", wanted),
      .allowed = join_names(all, all.size()) + ", or one of their cities",
      .fix = "choose one nearby and change its prices and jurisdiction in the scenario"};
  if (!regions.empty()) {
    error.message = "law and prices of this country are known by region only";
    error.allowed = join_names(regions, regions.size());
    error.fix = "choose one of them";
  } else if (!near.empty()) {
    error.fix = fmt::format("did you mean {}?", fmt::join(near, " or "));
  }
  return error;
}

}  // namespace

Result<Place> find_place(const std::vector<Place>& places, const std::string& wanted) {
  const Place* found = place_called(places, wanted);
  if (found == nullptr) found = place_within(places, wanted);
  if (found == nullptr) return unknown_place(places, wanted);
  return *found;
}

}  // namespace microdc
