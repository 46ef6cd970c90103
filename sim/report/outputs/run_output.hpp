// Files that a simulation writes while it runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/observers.hpp"

namespace microdc {

struct OutputSettings {
  std::filesystem::path folder;
  Scenario scenario;
  std::int64_t steps_limit = 200000;  ///< records in steps.json
  std::int64_t timeline_limit = max_timeline_samples;  ///< SimulationOptions::sample_limit
  bool it_power_known = true;         ///< the catalog has all figures of the servers' power
};

/// An observer that writes one file. The file appears under its name when finish() succeeds;
/// before, and if the run fails, there is none.
class RunOutput : public SimulationObserver {
 public:
  void on_step_begin(const Replica&, const StepRecord&) override {}
  void on_step_end(const Replica&, const StepRecord&) override {}
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_request(const RequestRecord&) override {}
  void on_sample(const TimelineSample&) override {}

  /// Completes the file. Errors: it could not be written. Notes: what was left out.
  virtual Diagnostics finish() = 0;
};

/// A registered output (one file each in sim/report/outputs/).
struct RunOutputKind {
  std::string_view name;  ///< option of the command without "--"
  std::string_view file;  ///< in the output folder
  std::string_view description;
  /// Error: the file cannot be opened.
  std::function<Result<std::shared_ptr<RunOutput>>(const OutputSettings&)> make;
};
const std::vector<RunOutputKind>& run_output_kinds();

RunOutputKind requests_output();
RunOutputKind steps_output();
RunOutputKind timeline_output();

}  // namespace microdc
