// What `microdc simulate` was asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/cli/verb.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/workload/generators.hpp"

namespace microdc::cli {

struct SimulateWords {
  std::string scenario;
  std::string trace;
  std::string trace_format;
  std::string workload;  ///< that the trace replaces; empty: the first
  std::string measured;
  std::string timeline;
  bool requests = false;
  bool steps = false;
  std::optional<std::int64_t> steps_limit;  ///< empty: 200,000
  std::int64_t samples = 0;
  std::int64_t jobs = 0;  ///< 0: one per processor
  bool single_steps = false;
  bool quiet = false;

  /// Of relative paths in the scenario.
  [[nodiscard]] std::filesystem::path base_folder() const {
    return std::filesystem::path(scenario).parent_path();
  }
};

/// Reads and checks the scenario, with the trace of --trace in place of a workload and then the
/// changes of --set and --seed. Model cards that the scenario names by file are added to
/// `catalogs`.
Result<Scenario> prepare_scenario(const SimulateWords& words, const CommonOptions& common,
                                  Catalogs& catalogs);

/// Which workload --trace replaced, and which others run beside it and for how long. Nothing
/// without --trace.
Diagnostics replaced_workload(const SimulateWords& words, const Scenario& scenario,
                              const std::vector<RequestStream>& streams);

}  // namespace microdc::cli
