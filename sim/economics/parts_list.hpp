// The bill of materials of a scenario: what has to be bought, at which price, and who says so.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/catalog.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/economics/cents.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

struct Part {
  enum class From { catalog, quote, scenario, owned };
  std::string item;   ///< name in a catalog, or "rack", "pdu", "ups", "switch", "installation"
  std::string label;  ///< for people
  std::string group;  ///< server group; empty: facility
  double quantity = 0;
  std::string unit;                ///< "kW"; empty: pieces
  Cents unit_price;                ///< without tax, in the scenario's currency
  Cents price;                     ///< quantity * unit_price, rounded
  std::optional<Cents> low, high;  ///< plausible range of the unit price
  From from = From::catalog;
  Provenance kind = Provenance::assumed;  ///< of a catalog's price
  std::string source;                     ///< who says so; of a quote the vendor
  std::string date;
  std::optional<Seconds> lead_time;  ///< of the quote, else of the catalog
  std::string lead_time_source;      ///< "quote", or the catalog's kind and source
};
/// "catalog", "quote", "scenario", "owned"
std::string_view name_of(Part::From from);
/// How sure the price is: "market" or "assumed" of a catalog, else "quote" or "scenario".
std::string price_kind(const Part& part);

struct PartsList {
  std::vector<Part> parts;
  Cents servers;    ///< sum of the parts of server groups
  Cents facility;   ///< sum of the others
  Cents sales_tax;  ///< on both
  Cents total;      ///< servers + facility + sales_tax
  Cents owned;      ///< what the owned servers would cost today, without tax
  /// Prices of owned servers that catalogs lack: `owned` leaves them out. Nothing to buy hangs on
  /// them.
  std::vector<std::string> owned_missing;
  std::optional<Seconds> lead_time;  ///< the longest that a quote or the catalog states
  std::vector<std::string> missing;  ///< prices that catalogs lack; the sums leave them out
  [[nodiscard]] bool complete() const { return missing.empty(); }
  [[nodiscard]] Cents equipment() const { return servers + facility; }
};

/// Parts of the server groups. A quote of the server type goes before the catalog's price of the
/// whole server, and that before the sum of chassis, CPUs and accelerators, for each of which a
/// quote goes before the catalog. Catalog prices are in USD and multiplied by
/// economics.exchange_rate. Servers that are owned are parts without a price; those of their parts
/// are in `owned`. economics.capex replaces all of them by one part.
PartsList server_parts(const Scenario& scenario, const HardwareCatalog& hardware);

/// With racks, power distribution, switches, UPS and installation, as far as they do not stand
/// already, or economics.facility_capex in their place, and sales tax.
PartsList parts_list(const Scenario& scenario, const HardwareCatalog& hardware,
                     const EconomicsCatalog& catalog);

/// Whether a rack stands already, with its power distribution and switch: it says so, or holds
/// owned servers.
bool stands(const RackSpec& rack);

/// What all servers draw at full load, by their data sheets. Empty if a figure is missing.
std::optional<Watts> rated_power(const Scenario& scenario, const HardwareCatalog& hardware);

}  // namespace microdc
