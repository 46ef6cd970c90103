// What can be bought beside servers: sim/economics/catalog/*.json, each figure with its source.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/laws/figure_draw.hpp"

namespace microdc {

/// A model behind somebody's API.
struct CloudOffer {
  std::string name;
  std::string vendor;
  std::string jurisdiction;               ///< where it computes
  std::string operator_jurisdiction;      ///< whose courts reach the vendor
  std::vector<std::string> attestations;  ///< "bsi_c5_type2"
  bool reference = false;                 ///< shown beside every answer
  std::optional<Figure> input_price;      ///< per million prompt tokens
  std::optional<Figure> output_price;     ///< per million answer tokens
  std::optional<Figure> cached_input_price;
  std::optional<Figure> quality;     ///< MMLU [0..100]
  std::optional<Figure> ttft, tpot;  ///< medians [s]; those of all offers if it states none
};

/// An accelerator with its share of a host, by the hour.
struct GpuRental {
  std::string name;
  std::string provider;
  std::string accelerator;  ///< in hwprofiles/catalog/accelerators
  std::string region;
  std::string jurisdiction;
  std::string operator_jurisdiction;
  std::optional<Figure> price_per_hour;
  std::optional<Figure> spot_price_per_hour;
};

/// What one full-time equivalent costs per year, with overheads.
struct Salary {
  std::string name;  ///< jurisdiction
  std::string label;
  std::optional<Figure> salary;
};

struct NetworkSwitch {
  std::string link;  ///< RackSpec::switch_link
  std::optional<Figure> price;
};

/// What a rack needs around its servers.
struct FacilityCatalog {
  std::optional<Figure> rack;
  std::int64_t rack_height = 42;  ///< [rack units]
  std::optional<Figure> pdu;
  std::int64_t pdus_per_rack = 2;
  std::optional<Figure> ups_per_kw;
  std::optional<Figure> ups_reserve;  ///< rating over the servers' power at full load
  std::optional<Figure> installation_per_rack;
  std::optional<Figure> installation_time;  ///< [s] from delivery until it serves
  std::optional<Figure> office_hours;       ///< of a working day, for rented machines
  std::vector<NetworkSwitch> switches;
};

struct EconomicsCatalog {
  std::vector<CloudOffer> offers;
  std::vector<GpuRental> rentals;
  std::vector<Salary> salaries;
  FacilityCatalog facility;

  /// Null if there is none of this name.
  [[nodiscard]] const CloudOffer* offer(std::string_view name) const;
  /// What at least one offer attests, each once.
  [[nodiscard]] std::vector<std::string> stated_attestations() const;
  [[nodiscard]] const NetworkSwitch* network_switch(std::string_view link) const;
  /// The cheapest rental of an accelerator; null if nobody rents it out.
  [[nodiscard]] const GpuRental* cheapest_rental(std::string_view accelerator) const;
  /// That of the jurisdiction ("CA-ON") or of what contains it ("CA") if it is in this currency,
  /// else the first in it. Null if there is none.
  [[nodiscard]] const Salary* salary(std::string_view jurisdiction,
                                     std::string_view currency) const;
};

void describe(FieldVisitor& visitor, CloudOffer& offer);
void describe(FieldVisitor& visitor, GpuRental& rental);
void describe(FieldVisitor& visitor, Salary& salary);
void describe(FieldVisitor& visitor, NetworkSwitch& network_switch);
void describe(FieldVisitor& visitor, FacilityCatalog& facility);

/// The catalog in data_root(), read once per process. Errors: files missing or wrong, a name twice,
/// a price in another currency than USD (salaries may have any).
const Result<EconomicsCatalog>& economics_catalog();

/// Names of the offers; empty if the catalog cannot be read.
std::vector<std::string> cloud_offer_names();

/// Draws every price from its range, for one replication.
void draw_figures(EconomicsCatalog& catalog, const FigureDraw& draw);

}  // namespace microdc
