#include "sim/cli/scenario_input.hpp"

#include "hwprofiles/base/json_io.hpp"
#include "sim/workload/catalog.hpp"
#include "sim/workload/generators.hpp"
#include "sim/workload/trace_read.hpp"

namespace microdc::cli {
namespace {

template <class Registry>
std::vector<std::string> names_of(const Registry& registry) {
  std::vector<std::string> names;
  for (const auto& entry : registry) names.push_back(entry.name);
  return names;
}

}  // namespace

CheckContext Library::check_context() const {
  CheckContext context;
  context.hardware = &hardware;
  context.models = &models;
  context.engines = engines.names();
  for (const auto& [name, engine] : engines.engines()) {
    context.engine_memory_share[name] = engine.memory_utilization;
  }
  context.workload_kinds = names_of(workload_kinds());
  context.trace_formats = names_of(trace_formats());
  context.length_tables = length_table_names();
  context.day_profiles = day_profile_names();
  return context;
}

Result<Catalogs> load_catalogs(data_root()) {
  const std::filesystem::path root = data_root();
  Library catalogs;
  Diagnostics findings;
  const auto take = [&findings](auto loaded, auto& into) {
    findings.append(loaded.diagnostics());
    if (loaded) into = std::move(*loaded);
  };
  take(HardwareCatalog::load(root / "hwprofiles/catalog"), catalogs.hardware);
  take(ModelCatalog::load(root / "models/catalog"), catalogs.models);
  take(EngineCatalog::load(root / "sim/serving/catalog/engines"), catalogs.engines);
  if (!workload_catalog()) findings.append(workload_catalog().diagnostics());
  if (findings.has_errors()) return findings;
  return {std::move(catalogs), std::move(findings)};
}

Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               const Catalogs& catalogs) {
  return microdc::load_scenario(file, options.changes, check_context(catalogs));
}

}  // namespace microdc::cli
