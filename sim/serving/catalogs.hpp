// Everything the simulation looks up by name, loaded once.
#pragma once

#include <filesystem>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/figure_draw.hpp"
#include "hwprofiles/laws/profile.hpp"
#include "models/model_card.hpp"
#include "sim/serving/retrieval_catalog.hpp"
#include "sim/serving/serving_engine.hpp"

namespace microdc {

struct Scenario;

struct Catalogs {
  HardwareCatalog hardware;
  ProfileStore profiles;
  ModelCatalog models;
  EngineCatalog engines;
  RetrievalCatalog retrieval;
};

/// Draws the prices, powers and speeds of hardware and the overheads of engines and of retrieval from
/// their ranges, for one replication. What sizes a run (memory, bandwidths, peaks, links) stays: what is
/// uncertain about it is in the laws.
void draw_figures(Catalogs& catalogs, const FigureDraw& draw);
/// Those and the scenario's own.
void draw_figures(Scenario& scenario, Catalogs& catalogs, const FigureDraw& draw);

/// Loads all catalogs below `root` (data_root() for the program's own). `more` are folders with what a
/// user measured (`microdc calibrate -o`): accelerators/, cpus/, links/, servers/, profiles/,
/// engines/, each of which may be missing. Their profiles and engines go before the program's.
Result<Catalogs> load_catalogs(const std::filesystem::path& root,
                               const std::vector<std::filesystem::path>& more = {});

}  // namespace microdc
