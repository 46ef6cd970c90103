// Clouds that a scenario uses, with what it leaves to their offers.
#pragma once

#include "sim/economics/catalog.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Fills what the scenario's clouds leave open from their offers: jurisdictions, latencies, prices
/// (in the scenario's currency); attestations of the offer are added. A cloud whose offer is not in
/// the catalog stays as it is.
void fill_from_offers(Scenario& scenario, const EconomicsCatalog& catalog);

}  // namespace microdc
