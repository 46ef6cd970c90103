#include "sim/cli/scenario_input.hpp"

#include "sim/economics/catalog.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/scheduler.hpp"
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

CheckContext check_context(const Catalogs& catalogs) {
  CheckContext context;
  context.hardware = &catalogs.hardware;
  context.models = &catalogs.models;
  context.engines = catalogs.engines.names();
  for (const auto& [name, engine] : catalogs.engines.engines()) {
    context.engine_defaults[name] = {.memory_share = engine.memory_utilization,
                                     .low_precision_kv_cache = engine.low_precision_kv_cache};
  }
  context.routers = names_of(router_kinds());
  context.schedulers = names_of(scheduler_kinds());
  context.workload_kinds = names_of(workload_kinds());
  context.trace_formats = names_of(trace_formats());
  context.length_tables = length_table_names();
  context.day_profiles = day_profile_names();
  context.cloud_offers = cloud_offer_names();
  return context;
}

Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               const Catalogs& catalogs) {
  return microdc::load_scenario(file, options.changes, check_context(catalogs));
}

}  // namespace microdc::cli
