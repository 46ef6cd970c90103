#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/report/measured/measured.hpp"
#include "sim/report/outputs/run_output.hpp"

namespace microdc::cli {

std::vector<CatalogKind> report_kinds() {
  return {plain_kind("outputs", "files that a simulation writes while it runs",
                     [](const Catalogs&) {
                       std::vector<CatalogItem> list;
                       for (const RunOutputKind& kind : run_output_kinds()) {
                         list.push_back({std::string(kind.name), std::string(kind.description)});
                       }
                       return list;
                     }),
          plain_kind(
              "measurements", "measurements that `simulate --measured` reads", [](const Catalogs&) {
                std::vector<CatalogItem> list;
                for (const MeasuredFormat& format : measured_formats()) {
                  list.push_back({std::string(format.name), std::string(format.description)});
                }
                return list;
              })};
}

}  // namespace microdc::cli
