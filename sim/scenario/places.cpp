#include "sim/scenario/places.hpp"

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {

void describe(FieldVisitor& v, Place& place) {
  v.text({.name = "name", .label = "Code", .required = true}, place.name);
  v.text({.name = "label", .label = "Place", .required = true}, place.label);
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

}  // namespace microdc
