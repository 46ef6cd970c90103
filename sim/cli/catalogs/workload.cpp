#include <fmt/format.h>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/workload/catalog.hpp"
#include "sim/workload/generators.hpp"
#include "sim/workload/trace_read.hpp"

namespace microdc::cli {
namespace {

std::vector<CatalogItem> length_tables() {
  std::vector<CatalogItem> list;
  if (!workload_catalog()) return list;
  for (const QuantileTable& table : workload_catalog()->lengths) {
    list.push_back({table.name, fmt::format("mean {} tokens; {}", table.mean, table.source)});
  }
  return list;
}

std::vector<CatalogItem> day_profiles() {
  std::vector<CatalogItem> list;
  if (!workload_catalog()) return list;
  for (const DayProfile& profile : workload_catalog()->day_profiles) {
    list.push_back({profile.name, fmt::format("{}; {}", profile.description, profile.source)});
  }
  return list;
}

}  // namespace

std::vector<CatalogKind> workload_kinds_of_catalog() {
  return {plain_kind("workloads", "kinds of workload: generators and traces",
                     [](const Catalogs&) { return registry_items(workload_kinds()); }),
          plain_kind("trace-formats", "formats of traces that can be read",
                     [](const Catalogs&) { return registry_items(trace_formats()); }),
          plain_kind("lengths", "tables of measured prompt and answer lengths",
                     [](const Catalogs&) { return length_tables(); }),
          plain_kind("day-profiles", "hour weights of a day",
                     [](const Catalogs&) { return day_profiles(); })};
}

}  // namespace microdc::cli
