// Which figures of the catalogs an answer rests on, and who says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/profile.hpp"
#include "sim/economics/baselines.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// A figure as it was used, or a number of the scenario that states its range.
struct Assumption {
  std::string item;    ///< "NVIDIA L40S"
  std::string figure;  ///< "Price"
  std::string value;
  std::string range;  ///< "3 to 5"; empty: none is stated
  std::string kind;   ///< "measured", "datasheet", …, "scenario"
  std::string source;
  std::string date;
};

/// Servers, processors and links of the scenario's racks, what stands around them, salaries, offers
/// and rentals of `baselines` and of the scenario's clouds; numbers of the scenario with a range.
std::vector<Assumption> assumptions_of(const Scenario& scenario, const HardwareCatalog& hardware,
                                       const EconomicsCatalog& prices,
                                       const std::vector<Baseline>& baselines);

/// Who says a figure of the scenario (electricity price, PUE, carbon intensity, exchange rate) that
/// is the catalog's for the place of the organisation or of a site, as `new` writes it. `key`: name
/// of the field; `value` in base units. Only figure, kind, source and date are filled; empty: the
/// scenario has a figure of its own.
std::optional<Assumption> place_source(const Scenario& scenario, std::string_view key,
                                       double value);

/// "2024-06 to 2026-11": oldest and newest day of the figures that state one; empty: none does.
std::string dates_of(const std::vector<Assumption>& assumptions);

/// How well the laws of a device met measurements that took no part in their fit.
struct LawError {
  std::string device;
  std::string law;  ///< "gemm"; empty: the device was not measured
  std::int64_t laws = 0;
  std::int64_t points = 0;
  double median = 0;  ///< relative error, the median over its laws
  double p90 = 0;     ///< of 9 in 10 points at most, in the worst of them
  std::string sources;
};
/// For each device that runs models in the scenario.
std::vector<LawError> law_errors_of(const Scenario& scenario, const HardwareCatalog& hardware,
                                    const ProfileStore& profiles);

}  // namespace microdc
