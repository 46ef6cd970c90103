#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/scheduler.hpp"

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
  return {engines,
          plain_kind("routers", "how the gateway chooses a replica",
                     [](const Catalogs&) { return registry_items(router_kinds()); }),
          plain_kind("schedulers", "the order in which waiting requests enter a batch",
                     [](const Catalogs&) { return registry_items(scheduler_kinds()); })};
}

}  // namespace microdc::cli
