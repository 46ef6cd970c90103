#include "sim/serving/catalogs.hpp"

#include "sim/scenario/scenario.hpp"

namespace microdc {
namespace {

/// A folder that does not exist was reported with the hardware.
Diagnostics merge_measured(const std::filesystem::path& folder, ProfileStore& profiles,
                           EngineCatalog& engines) {
  Diagnostics findings;
  if (std::filesystem::exists(folder / "profiles")) {
    const auto measured = ProfileStore::load(folder / "profiles");
    findings.append(measured.diagnostics());
    if (measured) profiles.merge(*measured);
  }
  if (std::filesystem::exists(folder / "engines")) {
    const auto corrected = EngineCatalog::load(folder / "engines");
    findings.append(corrected.diagnostics());
    if (corrected) engines.merge(*corrected);
  }
  return findings;
}

}  // namespace

Result<Catalogs> load_catalogs(const std::filesystem::path& root,
                               const std::vector<std::filesystem::path>& more) {
  auto hardware = HardwareCatalog::load(root / "hwprofiles/catalog", more);
  auto profiles = ProfileStore::load(root / "hwprofiles/catalog/profiles");
  auto models = ModelCatalog::load(root / "models/catalog");
  auto engines = EngineCatalog::load(root / "sim/serving/catalog/engines");
  auto retrieval = RetrievalCatalog::load(root / "sim/serving/catalog/retrieval.json");
  Diagnostics findings;
  findings.append(hardware.diagnostics());
  findings.append(profiles.diagnostics());
  findings.append(models.diagnostics());
  findings.append(engines.diagnostics());
  findings.append(retrieval.diagnostics());
  if (profiles && engines) {
    for (const auto& folder : more) findings.append(merge_measured(folder, *profiles, *engines));
  }
  if (findings.has_errors()) return findings;
  if (!hardware || !profiles || !models || !engines || !retrieval) return findings;
  return Result<Catalogs>(Catalogs{std::move(*hardware), std::move(*profiles), std::move(*models),
                                   std::move(*engines), std::move(*retrieval)},
                          std::move(findings));
}

void draw_figures(Catalogs& catalogs, const FigureDraw& draw) {
  catalogs.hardware.visit_items([&](const std::string& key, const FieldVisitor::Describe& item) {
    draw_figures(item, key, draw);
  });
  // What adds to an engine's steps is host work of one software on one machine: slow or fast
  // together.
  catalogs.engines.visit_items([&](const std::string& key, const FieldVisitor::Describe& item) {
    draw_figures(item, key, draw, Luck::shared);
  });
  catalogs.retrieval.visit_items([&](const std::string& key, const FieldVisitor::Describe& item) {
    draw_figures(item, key, draw);
  });
}

void draw_figures(Scenario& scenario, Catalogs& catalogs, const FigureDraw& draw) {
  draw_figures([&](FieldVisitor& v) { describe(v, scenario); }, "scenario", draw);
  draw_figures(catalogs, draw);
}

}  // namespace microdc
