// Whether what the rack is compared with would be lawful.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sim/economics/baselines.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Fills Baseline::lawful, and what is missing if it is not, of those that somebody else would run:
/// whether the data of every workload may be processed there, with the attestations of the
/// scenario's cloud or of the offer. Stays empty if no law binds the organisation.
void judge_baselines(const Scenario& scenario, const PolicyCatalog& rules,
                     const EconomicsCatalog& catalog, std::vector<Baseline>& baselines);

/// What would make those lawful that are not as described, with the labels of those it would, in
/// the order of the baselines.
std::vector<std::pair<std::string, std::vector<std::string>>> open_needs(
    const std::vector<Baseline>& baselines);

}  // namespace microdc
