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

/// Fills what clouds leave to their offers, and applies the rules on data. Errors: requests that
/// may go nowhere. Warnings: policies that are breached.
Diagnostics settle_clouds_and_law(Scenario& scenario, const std::string& file);

/// Reads and checks a scenario with the changes of --set and --seed.
Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               const Catalogs& catalogs);

}  // namespace microdc::cli
