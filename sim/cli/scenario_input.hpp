// How verbs read scenarios.
#pragma once

#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/cli/verb.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc::cli {

/// All that is known for checking scenarios: the catalogs and every registry. Refers to `catalogs`.
CheckContext check_context(const Catalogs& catalogs);

/// After the checks of a scenario: adds the model cards that it names by file to `catalogs`, fills
/// what clouds leave to their offers, and applies the rules on data. Errors: requests that may go
/// nowhere. Warnings: policies that are breached.
Diagnostics settle_scenario(Scenario& scenario, const std::string& file, Catalogs& catalogs);

/// Reads, checks and settles a scenario with the changes of --set and --seed.
Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               Catalogs& catalogs);

}  // namespace microdc::cli
