#include "sim/cli/catalogs/catalogs.hpp"

namespace microdc::cli {

const std::vector<CatalogKind>& catalog_kinds() {
  static const std::vector<CatalogKind> all = [] {
    std::vector<CatalogKind> kinds;
    for (auto* make :
         {hardware_kinds, model_kinds, serving_kinds, workload_kinds_of_catalog, scenario_kinds,
          economics_kinds, policy_kinds, planning_kinds, report_kinds}) {
      for (CatalogKind& kind : make()) kinds.push_back(std::move(kind));
    }
    return kinds;
  }();
  return all;
}

}  // namespace microdc::cli
