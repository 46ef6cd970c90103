#include "sim/scenario/model_files.hpp"

#include <fmt/format.h>

#include <set>

namespace microdc {

bool is_model_file(std::string_view model) { return model.ends_with(".json"); }

Diagnostics add_model_files(const Scenario& scenario, const std::filesystem::path& folder,
                            const std::string& file, ModelCatalog& models) {
  Diagnostics findings;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const std::string& model = scenario.pools[i].model;
    if (!is_model_file(model) || !seen.insert(model).second) continue;
    const std::filesystem::path path = folder / model;
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) {
      findings.append(models.add_card_file(model, path));
      continue;
    }
    findings.add({.file = file,
                  .place = fmt::format("/pools/{}/model", i),
                  .message = "there is no such file",
                  .found = fmt::format("\"{}\"", path.string()),
                  .allowed = "a name of the catalog, or the path of a model card",
                  .fix = "paths are relative to the folder of the scenario"});
  }
  return findings;
}

}  // namespace microdc
