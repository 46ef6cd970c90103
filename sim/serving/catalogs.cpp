#include "sim/serving/catalogs.hpp"

namespace microdc {

Result<Catalogs> load_catalogs(const std::filesystem::path& root) {
  auto hardware = HardwareCatalog::load(root / "hwprofiles/catalog");
  auto profiles = ProfileStore::load(root / "hwprofiles/catalog/profiles");
  auto models = ModelCatalog::load(root / "models/catalog");
  auto engines = EngineCatalog::load(root / "sim/serving/catalog/engines");
  Diagnostics findings;
  findings.append(hardware.diagnostics());
  findings.append(profiles.diagnostics());
  findings.append(models.diagnostics());
  findings.append(engines.diagnostics());
  if (!hardware || !profiles || !models || !engines) return findings;
  return Result<Catalogs>(Catalogs{std::move(*hardware), std::move(*profiles), std::move(*models),
                                   std::move(*engines)},
                          std::move(findings));
}

void draw_figures(Catalogs& catalogs, const FigureDraw& draw) {
  const auto visit = [&](const std::string& key, const FieldVisitor::Describe& item) {
    draw_figures(item, key, draw);
  };
  catalogs.hardware.visit_items(visit);
  catalogs.engines.visit_items(visit);
}

}  // namespace microdc
