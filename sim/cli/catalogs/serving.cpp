#include "sim/cli/catalogs/catalogs.hpp"

namespace microdc::cli {

std::vector<CatalogKind> serving_kinds() {
  const CatalogKind engines{
      "engines", "serving engines",
      [](const Catalogs& catalogs) {
        std::vector<CatalogItem> list;
        for (const auto& [name, engine] : catalogs.engines.engines()) {
          list.push_back({name, engine.label});
        }
        return list;
      },
      [](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
        const ServingEngine* engine = catalogs.engines.find(wanted);
        if (engine == nullptr) return std::nullopt;
        return show_fields(describing(*engine));
      }};
  return {engines};
}

}  // namespace microdc::cli
