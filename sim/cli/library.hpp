// Everything that is known when a verb starts: catalogs and registries.
#pragma once

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "models/model_card.hpp"
#include "sim/cli/verb.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/serving/serving_engine.hpp"

namespace microdc::cli {

struct Library {
  HardwareCatalog hardware;
  ModelCatalog models;
  EngineCatalog engines;

  /// For checking scenarios; refers to this catalogs.
  [[nodiscard]] CheckContext check_context() const;
};

/// Loads the catalogs below data_root(). Errors: catalogs missing or wrong.
Result<Catalogs> load_catalogs(data_root());

/// Reads and checks a scenario with the changes of --set and --seed.
Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               const Catalogs& catalogs);

}  // namespace microdc::cli
