// Several scenarios side by side, simulated with the same random numbers: what differs is due to
// what differs in them.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/economics/cents.hpp"
#include "sim/economics/ownership.hpp"
#include "sim/planning/compare/changes.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/workload/generators.hpp"

namespace microdc {

/// A checked scenario with what it is simulated from.
struct CompareInput {
  std::string name;  ///< unlike that of all others
  std::string file;
  std::string inputs_sha256;
  Scenario scenario;
  Catalogs catalogs;  ///< with the model cards that it names by file
  std::vector<RequestStream> streams;
};

struct CompareSettings {
  int jobs = 1;
  std::size_t samples = 0;  ///< draws of laws and figures, each the same for all scenarios
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(double share)> progress = {};
};

/// A line of a bill of materials.
struct ComparedPart {
  std::string label;
  double quantity = 0;
  std::string unit;
  Cents price;
};

struct ComparedRun {
  std::string name;
  std::string file;
  std::string inputs_sha256;
  Scenario scenario;
  /// By path as in result.json, and those that only comparisons have (figures.hpp).
  std::map<std::string, double> figures;
  std::vector<std::map<std::string, double>> draws;  ///< the same for each draw
  /// Levelised cost of a year by kind; empty: not known. `total` is exactly their sum.
  std::optional<std::array<Cents, cost_kinds>> per_year;
  Cents total_per_year;
  std::vector<ComparedPart> parts;
  std::vector<std::string> caveats, missing;
};

struct ScenarioComparison {
  std::vector<ComparedRun> runs;                  ///< the others are compared with the first
  std::vector<std::vector<InputChange>> changes;  ///< by run; none of the first
  bool interrupted = false;                       ///< then there is nothing else
  [[nodiscard]] const ComparedRun& first() const { return runs.front(); }
  [[nodiscard]] const std::string& currency() const { return first().scenario.economics.currency; }
};

/// Costs of a kind over those of the first: exactly adding up to the difference of the totals.
/// Empty if one of both is not known.
std::optional<std::array<Cents, cost_kinds>> cost_difference(const ComparedRun& first,
                                                             const ComparedRun& other);

/// Each run in a process of its own; the answer does not depend on `jobs`. At least two inputs with
/// one currency. Errors: a run that fails, with the name of its scenario.
Result<ScenarioComparison> compare_scenarios(const std::vector<CompareInput>& inputs,
                                             const CompareSettings& settings);

}  // namespace microdc
