// What the recommended rack's requests would cost elsewhere: the baselines of `simulate`.
#pragma once

#include <optional>
#include <string>

#include "sim/economics/economics.hpp"
#include "sim/planning/plan/search.hpp"

namespace microdc {

/// Cost of ownership and baselines of a year like the evaluated week, as `simulate` computes them
/// for `chosen`, with what the law says of each. Empty if a year does not follow from the week.
std::optional<Economics> economics_of_week(const Evaluation& evaluation, const Scenario& chosen,
                                           const HardwareCatalog& hardware,
                                           const EconomicsCatalog& prices);

/// The cheapest way to have the requests answered elsewhere that costs less a year than the
/// recommended rack, that no law forbids, and whose offer is as good as needs.quality asks for.
/// Null: there is none. Speed and availability elsewhere are not judged.
const Baseline* cheaper_elsewhere(const Plan& plan, const Scenario& scenario,
                                  const EconomicsCatalog& prices);
/// The same as a sentence for the headline: "A lawful cloud (…) would cost 406 CAD a year; buy only
/// if …"; empty if there is none.
std::string cheaper_elsewhere_text(const Plan& plan, const Scenario& scenario,
                                   const EconomicsCatalog& prices);
/// What the amounts of the table rest on.
inline constexpr std::string_view elsewhere_note =
    "A year like the busiest week. How fast and how available others are is not judged.";

}  // namespace microdc
