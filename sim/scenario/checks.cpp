#include "sim/scenario/checks.hpp"

#include <fmt/format.h>

#include "sim/scenario/rules/rules.hpp"

namespace microdc {

void RuleFindings::add(Diagnostic finding) {
  finding.file = file_;
  findings_.add(std::move(finding));
}

namespace {

/// 'did you mean "bank"?', or the names that hold the word; empty if none is near.
std::string guess_text(const std::string& word, const std::vector<std::string>& known) {
  if (const auto near = nearest_match(word, known)) {
    return fmt::format("did you mean \"{}\"?", *near);
  }
  std::vector<std::string> holding;
  for (const std::string& name : known) {
    if (word.size() > 3 && name.find(word) != std::string::npos) holding.push_back(name);
  }
  if (holding.empty()) return "";
  return fmt::format("did you mean {}{}?", holding.size() > 1 ? "one of " : "",
                     join_names(holding, 6));
}

}  // namespace

void RuleFindings::unknown_name(std::string place, std::string message, const std::string& word,
                                const std::vector<std::string>& known) {
  // A list that people can read as a whole is not cut.
  constexpr std::size_t readable = 40;
  const std::string all =
      known.size() <= readable ? join_names(known, readable) : join_names(known);
  add({.place = std::move(place),
       .message = std::move(message),
       .found = fmt::format("\"{}\"", word),
       .allowed = known.empty() ? "nothing is defined" : all,
       .fix = guess_text(word, known)});
}

namespace {

using Rules = std::vector<ScenarioRule>;

/// What is named is there, once.
Rules names_and_references_rules() {
  return {
      {"something-everywhere", "there are workloads, sites, racks, servers and pools",
       rules::something_everywhere},
      {"names-given", "everything that can be referred to has a name", rules::names_given},
      {"names-unique",
       "no two pools or clouds, server groups, sites, racks, workloads or knowledge bases share a "
       "name",
       rules::names_unique},
      {"workload-pools-exist", "the pool of each workload exists and takes requests",
       rules::workload_pools_exist},
      {"pool-models-exist", "the model of each pool is in the catalog", rules::pool_models_exist},
      {"pool-servers-exist", "the server group of each pool exists", rules::pool_servers_exist},
      {"server-types-exist", "the type of each server group is in the catalog",
       rules::server_types_exist},
      {"links-exist", "the links of sites and racks are in the catalog", rules::links_exist},
      {"registered-names-exist", "engines, routers, schedulers and workload kinds are registered",
       rules::registered_names_exist},
      {"engines-suit-servers",
       "engines whose kernels are those of accelerators serve on some (a warning)",
       rules::engines_suit_servers},
      {"knowledge-bases-exist", "workloads look documents up in knowledge bases that are there",
       rules::knowledge_bases_exist},
      {"knowledge-base-parts-exist",
       "models, index and server group of each knowledge base are known",
       rules::knowledge_base_parts_exist},
      {"number-formats-exist", "weights and caches have known number formats",
       rules::number_formats_exist},
      {"prefill-decode-paired", "each prefill pool has a decode pool of the same model",
       rules::prefill_decode_paired},
      {"cloud-places-known", "jurisdictions and attestations of clouds are defined",
       rules::cloud_places_known},
      {"complexity-targets-exist", "routing by complexity has two targets, a curve and a workload",
       rules::complexity_targets_exist},
      {"spill-target-exists", "requests spill to somewhere else", rules::spill_target_exists},
  };
}

/// Whose data, and what requests are like.
Rules law_and_workloads_rules() {
  return {
      {"policy-words-known", "jurisdictions, sectors, data classes and conditions are defined",
       rules::policy_words_known},
      {"policy-has-a-jurisdiction", "what only rules on data use comes with a law that binds",
       rules::policy_has_a_jurisdiction},
      {"parts-have-an-effect", "what a scenario says is computed", rules::parts_without_effect},
      {"generators-complete", "each workload says what its kind needs", rules::generators_complete},
      {"lengths-consistent", "lengths lie between their limits and tables exist",
       rules::lengths_consistent},
      {"lengths-fit-context", "the mean request fits the model's context",
       rules::lengths_fit_context},
      {"trace-files-exist", "trace files can be found", rules::trace_files_exist},
      {"targets-consistent", "latency targets do not contradict each other",
       rules::targets_consistent},
  };
}

/// Prices and how they are paid.
Rules money_rules() {
  return {
      {"currency-is-a-code", "the currency is a three-letter code", rules::currency_is_a_code},
      {"purchase-date-is-a-day", "the day of the order is a date", rules::purchase_date_is_a_day},
      {"quotes-name-items", "quotes are for items of the catalog, each with one quote",
       rules::quotes_name_items},
      {"quotes-used", "each quote sets the price of something here (a warning)",
       rules::quotes_used},
      {"financing-consistent", "down payment and residual value suit the kind of financing",
       rules::financing_consistent},
      {"cloud-offers-exist", "the offer of each cloud is in the catalog",
       rules::cloud_offers_exist},
  };
}

/// What fits where.
Rules layouts_and_memory_rules() {
  return {
      {"layouts-valid", "the parallel layout suits the model", rules::layouts_valid},
      {"tensor-parallel-within-server", "tensor parallel ranks share a server",
       rules::tensor_parallel_within_server},
      {"devices-suffice", "each server group has enough accelerators for its pools",
       rules::devices_suffice},
      {"devices-used", "pools use all accelerators (a warning)", rules::devices_used},
      {"owned-servers-are-there", "no more servers of a group are owned than stand there",
       rules::owned_servers_are_there},
      {"weights-fit-memory", "weights and one request's KV cache fit into memory",
       rules::weights_fit_memory},
      {"kv-cache-fits-memory", "a KV cache size that is given fits beside the weights",
       rules::kv_cache_fits_memory},
  };
}

}  // namespace

const std::vector<ScenarioRule>& scenario_rules() {
  static const Rules all = [] {
    Rules rules;
    for (const Rules& part : {names_and_references_rules(), law_and_workloads_rules(),
                              money_rules(), layouts_and_memory_rules()}) {
      rules.insert(rules.end(), part.begin(), part.end());
    }
    return rules;
  }();
  return all;
}

Diagnostics check_scenario(const Scenario& scenario, const CheckContext& context,
                           const std::string& file) {
  Diagnostics findings;
  RuleFindings collector(file, findings);
  for (const ScenarioRule& rule : scenario_rules()) rule.check(scenario, context, collector);
  return findings;
}

}  // namespace microdc
