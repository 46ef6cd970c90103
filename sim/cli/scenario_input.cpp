#include "sim/cli/scenario_input.hpp"

#include "sim/economics/catalog.hpp"
#include "sim/economics/clouds.hpp"
#include "sim/policy/residency.hpp"
#include "sim/policy/routing_curves.hpp"
#include "sim/scenario/model_files.hpp"
#include "sim/serving/index.hpp"
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

/// The words of rules on data; none if the catalog cannot be read.
void add_policy_words(CheckContext& context) {
  if (routing_curves()) context.routing_curves = names_of(*routing_curves());
  if (!policy_catalog()) return;
  const PolicyCatalog& catalog = *policy_catalog();
  context.jurisdictions = names_of(catalog.jurisdictions);
  context.sectors = names_of(catalog.sectors);
  context.conditions = names_of(catalog.conditions);
  for (const DataClass& item : catalog.data_classes) {
    context.data_classes.push_back(item.name);
    context.data_classes.insert(context.data_classes.end(), item.synonyms.begin(),
                                item.synonyms.end());
  }
}

/// Names and aliases of the models for a task.
std::vector<std::string> models_for(RetrievalModel::Task task, const RetrievalCatalog& catalog) {
  std::vector<std::string> names = catalog.names(task);
  for (const RetrievalModel& model : catalog.models) {
    if (model.task != task) continue;
    names.insert(names.end(), model.aliases.begin(), model.aliases.end());
  }
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
                                     .low_precision_kv_cache = engine.low_precision_kv_cache,
                                     .for_cpus = engine.for_cpus};
  }
  context.routers = names_of(router_kinds());
  context.schedulers = names_of(scheduler_kinds());
  context.workload_kinds = names_of(workload_kinds());
  context.trace_formats = names_of(trace_formats());
  context.length_tables = length_table_names();
  context.day_profiles = day_profile_names();
  using Task = RetrievalModel::Task;
  context.embedding_models = models_for(Task::embedding, catalogs.retrieval);
  context.rerankers = models_for(Task::reranking, catalogs.retrieval);
  context.indexes = names_of(index_kinds());
  context.cloud_offers = cloud_offer_names();
  add_policy_words(context);
  return context;
}

Diagnostics settle_scenario(Scenario& scenario, const std::string& file, Catalogs& catalogs) {
  // Read a second time, as the checks keep their cards to themselves; what there is to say was
  // said.
  add_model_files(scenario, std::filesystem::path(file).parent_path(), file, catalogs.models);
  Diagnostics findings = economics_catalog().diagnostics();
  findings.append(policy_catalog().diagnostics());
  findings.append(routing_curves().diagnostics());
  if (findings.has_errors()) return findings;
  fill_from_offers(scenario, *economics_catalog());
  const auto residency = residency_of(scenario, *policy_catalog());
  for (Diagnostic finding : residency.diagnostics().items()) {
    finding.file = file;
    findings.add(std::move(finding));
  }
  return findings;
}

Result<Scenario> load_scenario(const std::string& file, const CommonOptions& options,
                               Catalogs& catalogs) {
  auto scenario = microdc::load_scenario(file, options.changes, check_context(catalogs));
  if (!scenario) return scenario;
  Diagnostics findings = scenario.diagnostics();
  findings.append(settle_scenario(*scenario, file, catalogs));
  if (findings.has_errors()) return findings;
  return {std::move(*scenario), std::move(findings)};
}

}  // namespace microdc::cli
