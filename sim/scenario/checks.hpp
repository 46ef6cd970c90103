// Rules across the fields of a scenario: names, references, layouts, capacity.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "models/model_card.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// The engine that serves on servers without accelerators where nobody chooses one.
inline constexpr const char* engine_for_cpus = "cpu-native";

/// What a serving engine does where a pool does not say otherwise.
struct EngineDefaults {
  double memory_share = 1;              ///< of accelerator memory that it uses
  bool low_precision_kv_cache = false;  ///< see precision_of in lookup.hpp
  bool for_cpus = false;                ///< its kernels are those of CPUs
};

/// What is known outside of the scenario. A rule whose knowledge is missing (null, empty) is not
/// applied, so that a scenario can be read without catalogs.
struct CheckContext {
  const HardwareCatalog* hardware = nullptr;
  const ModelCatalog* models = nullptr;
  // Registered names; empty: any name is accepted.
  std::vector<std::string> engines;
  std::vector<std::string> routers;
  std::vector<std::string> schedulers;
  std::vector<std::string> workload_kinds;
  std::vector<std::string> trace_formats;
  std::vector<std::string> length_tables;
  std::vector<std::string> day_profiles;
  std::vector<std::string> embedding_models;  ///< and their aliases
  std::vector<std::string> rerankers;         ///< and their aliases
  std::vector<std::string> indexes;
  std::vector<std::string> cloud_offers;
  std::vector<std::string> routing_curves;
  // Words of rules on data (sim/policy/catalog).
  std::vector<std::string> jurisdictions;
  std::vector<std::string> sectors;
  std::vector<std::string> data_classes;  ///< and their synonyms
  std::vector<std::string> conditions;    ///< of organisations and of operators
  /// What engines do by default, by name.
  std::map<std::string, EngineDefaults> engine_defaults;
  /// Folder of relative paths in the scenario; empty: the current one.
  std::filesystem::path folder;
};

/// The names under which a catalog has its items.
template <class Map>
std::vector<std::string> keys_of(const Map& map) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

/// Collects what one rule finds.
class RuleFindings {
 public:
  RuleFindings(std::string file, Diagnostics& findings)
      : file_(std::move(file)), findings_(findings) {}

  /// Adds the file name. `finding.place` is a JSON pointer.
  void add(Diagnostic finding);
  /// `word` is not among `known`: says so, with the nearest match.
  void unknown_name(std::string place, std::string message, const std::string& word,
                    const std::vector<std::string>& known);

 private:
  std::string file_;
  Diagnostics& findings_;
};

struct ScenarioRule {
  std::string_view name;
  std::string_view description;
  std::function<void(const Scenario&, const CheckContext&, RuleFindings&)> check;
};
/// All rules, in the order in which they are applied.
const std::vector<ScenarioRule>& scenario_rules();

/// Applies every rule; everything found is reported. `file` is for messages only.
Diagnostics check_scenario(const Scenario& scenario, const CheckContext& context,
                           const std::string& file = "");

/// Reads a document, applies overrides, checks every field and every rule, and reports all mistakes
/// of all of these in one pass. A rule is silent about places that are wrong already.
Result<Scenario> read_scenario(Json document, const std::string& file,
                               const std::vector<Override>& overrides, const CheckContext& context);
/// The same from a file; paths in the scenario are relative to its folder.
Result<Scenario> load_scenario(const std::filesystem::path& file,
                               const std::vector<Override>& overrides, const CheckContext& context);

}  // namespace microdc
