#include "sim/economics/catalog.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

struct OffersFile {
  std::string description;
  std::optional<Figure> ttft, tpot;
  std::vector<CloudOffer> offers;
};
struct RentalsFile {
  std::string description;
  std::vector<GpuRental> rentals;
};
struct SalariesFile {
  std::string description;
  std::vector<Salary> salaries;
};
struct FacilityFile {
  std::string description;
  FacilityCatalog facility;
};

void describe_text(FieldVisitor& v, std::string& description) {
  v.text({.name = "description", .label = "Description"}, description);
}
void describe(FieldVisitor& v, OffersFile& file) {
  describe_text(v, file.description);
  const auto latency = [&](std::string_view name, std::optional<Figure>& value) {
    v.figure({.name = name,
              .label = name,
              .dimension = Dimension::time,
              .min = 1e-6,
              .max = 3600,
              .required = true},
             value);
  };
  latency("ttft", file.ttft);
  latency("tpot", file.tpot);
  v.objects({.name = "offers", .label = "Offers", .required = true}, file.offers);
}
void describe(FieldVisitor& v, RentalsFile& file) {
  describe_text(v, file.description);
  v.objects({.name = "rentals", .label = "Rentals", .required = true}, file.rentals);
}
void describe(FieldVisitor& v, SalariesFile& file) {
  describe_text(v, file.description);
  v.objects({.name = "salaries", .label = "Salaries", .required = true}, file.salaries);
}
void describe(FieldVisitor& v, FacilityFile& file) {
  describe_text(v, file.description);
  describe(v, file.facility);
}

template <class File>
File read_file(const std::filesystem::path& folder, const char* name, Diagnostics& findings) {
  File content;
  const Result<Json> json = read_json_file(folder / name);
  findings.append(json.diagnostics());
  if (json) findings.append(read_fields(content, *json, (folder / name).string()));
  return content;
}

/// What the fields cannot say: names twice, prices in other currencies.
class Checker {
 public:
  Checker(std::string file, Diagnostics& findings) : file_(std::move(file)), findings_(findings) {}
  void name(const std::string& name) {
    if (names_.insert(name).second) return;
    findings_.add({.file = file_, .message = "this name is taken twice", .found = name});
  }
  void dollars(const std::string& of, const std::optional<Figure>& price) {
    if (!price || price->currency == "USD") return;
    findings_.add({.file = file_,
                   .message = fmt::format("the price of {} is not in USD", of),
                   .found = price->currency});
  }

 private:
  std::string file_;
  Diagnostics& findings_;
  std::set<std::string> names_;
};

void check(const EconomicsCatalog& catalog, Diagnostics& findings) {
  Checker offers("cloud_offers.json", findings);
  for (const CloudOffer& offer : catalog.offers) {
    offers.name(offer.name);
    for (const auto& price : {offer.input_price, offer.output_price, offer.cached_input_price}) {
      offers.dollars(offer.name, price);
    }
  }
  Checker rentals("gpu_rentals.json", findings);
  for (const GpuRental& rental : catalog.rentals) {
    rentals.name(rental.name);
    rentals.dollars(rental.name, rental.price_per_hour);
    rentals.dollars(rental.name, rental.spot_price_per_hour);
  }
  Checker salaries("salaries.json", findings);
  for (const Salary& salary : catalog.salaries) salaries.name(salary.name);
  Checker facility("facility.json", findings);
  const FacilityCatalog& own = catalog.facility;
  for (const auto& price : {own.rack, own.pdu, own.ups_per_kw, own.installation_per_rack}) {
    facility.dollars("the facility", price);
  }
  for (const NetworkSwitch& item : own.switches) {
    facility.name(item.link);
    facility.dollars(item.link, item.price);
  }
}

Result<EconomicsCatalog> load(const std::filesystem::path& folder) {
  Diagnostics findings;
  auto offers = read_file<OffersFile>(folder, "cloud_offers.json", findings);
  for (CloudOffer& offer : offers.offers) {
    if (!offer.ttft) offer.ttft = offers.ttft;
    if (!offer.tpot) offer.tpot = offers.tpot;
  }
  EconomicsCatalog catalog{
      .offers = std::move(offers.offers),
      .rentals = read_file<RentalsFile>(folder, "gpu_rentals.json", findings).rentals,
      .salaries = read_file<SalariesFile>(folder, "salaries.json", findings).salaries,
      .facility = read_file<FacilityFile>(folder, "facility.json", findings).facility};
  check(catalog, findings);
  if (findings.has_errors()) return findings;
  return catalog;
}

template <class Items, class Matches>
auto find(const Items& items, Matches matches) -> decltype(items.data()) {
  for (const auto& item : items) {
    if (matches(item)) return &item;
  }
  return nullptr;
}

}  // namespace

const CloudOffer* EconomicsCatalog::offer(std::string_view name) const {
  return find(offers, [&](const CloudOffer& offer) { return offer.name == name; });
}

std::vector<std::string> EconomicsCatalog::stated_attestations() const {
  std::vector<std::string> names;
  for (const CloudOffer& offer : offers) {
    for (const std::string& name : offer.attestations) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

const NetworkSwitch* EconomicsCatalog::network_switch(std::string_view link) const {
  return find(facility.switches, [&](const NetworkSwitch& item) { return item.link == link; });
}

const GpuRental* EconomicsCatalog::cheapest_rental(std::string_view accelerator) const {
  const GpuRental* cheapest = nullptr;
  for (const GpuRental& rental : rentals) {
    if (rental.accelerator != accelerator) continue;
    if (cheapest == nullptr || rental.price_per_hour->value < cheapest->price_per_hour->value) {
      cheapest = &rental;
    }
  }
  return cheapest;
}

const Salary* EconomicsCatalog::salary(std::string_view jurisdiction,
                                       std::string_view currency) const {
  const auto in_currency = [&](const Salary& item) { return item.salary->currency == currency; };
  const std::string_view country = jurisdiction.substr(0, jurisdiction.find('-'));
  for (const std::string_view wanted : {jurisdiction, country}) {
    const Salary* own = find(
        salaries, [&](const Salary& item) { return item.name == wanted && in_currency(item); });
    if (own != nullptr) return own;
  }
  return find(salaries, in_currency);
}

const Result<EconomicsCatalog>& economics_catalog() {
  static const Result<EconomicsCatalog> catalog = load(data_root() / "sim/economics/catalog");
  return catalog;
}

std::vector<std::string> cloud_offer_names() {
  std::vector<std::string> names;
  if (!economics_catalog()) return names;
  for (const CloudOffer& offer : economics_catalog()->offers) names.push_back(offer.name);
  return names;
}

void draw_figures(EconomicsCatalog& catalog, const FigureDraw& draw) {
  const auto draw_all = [&](auto& items, const std::string& folder) {
    for (auto& item : items) {
      draw_figures([&](FieldVisitor& v) { describe(v, item); }, folder + "/" + item.name, draw);
    }
  };
  draw_all(catalog.offers, "cloud_offers");
  draw_all(catalog.rentals, "gpu_rentals");
  draw_all(catalog.salaries, "salaries");
  draw_figures([&](FieldVisitor& v) { describe(v, catalog.facility); }, "facility", draw);
}

}  // namespace microdc
