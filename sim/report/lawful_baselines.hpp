// Whether what the rack is compared with would be lawful.
#pragma once

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

}  // namespace microdc
