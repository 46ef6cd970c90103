// What a recommendation means for those who order it: bill of materials, power, dates.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/economics/catalog.hpp"
#include "sim/economics/parts_list.hpp"
#include "sim/planning/plan/candidate.hpp"

namespace microdc {

/// When it stands and how long it suffices. Days are "2026-11-27".
struct Timetable {
  std::string ordered;               ///< economics.purchase_date, else organisation.date; or empty
  std::optional<Seconds> delivery;   ///< longest lead time that is known of what is bought
  std::string slowest;               ///< the part with it
  std::string delivery_source;       ///< who says so
  std::vector<std::string> unknown;  ///< servers whose lead time nobody states
  std::optional<Seconds> installation;  ///< empty: nothing is bought
  std::string serves_from;              ///< empty: no day of order, or delivery is not known
  /// Years from the order until demand has grown to what the rack carries: at the scenario's
  /// growth, at the high and the low end of its range. Empty: never.
  std::optional<double> outgrown, outgrown_early, outgrown_late;
};

struct Order {
  PartsList parts;
  std::int64_t servers_kept = 0;   ///< owned, and part of the rack
  std::int64_t servers_idle = 0;   ///< owned, and of no use for it
  std::optional<Watts> full_load;  ///< of all servers by data sheet: circuits, and heat to remove
  Timetable timetable;
};

/// `growth`: load that the rack carries, as a multiple of today's; empty: not known. Dates are
/// empty where the scenario states no day.
Order order_of(const Scenario& scenario, const Candidate& candidate, std::optional<double> growth,
               const HardwareCatalog& hardware, const EconomicsCatalog& prices);

/// The day so many days after another; empty if `day` is none.
std::string day_after(const std::string& day, double days);

}  // namespace microdc
