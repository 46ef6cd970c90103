// What the simulation says that a measured run should have measured.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/planning/validate/run_case.hpp"

namespace microdc {

struct Prediction {
  std::map<std::string, double> values;  ///< by metric, in the unit of its column
  bool borrowed = false;                 ///< the device has no kernel measurements of its own
  std::vector<std::string> assumptions;
  std::string failure;  ///< why there are no values; empty if there are
};

/// Simulates the run in this process, once (SimGrid). `metrics` are the columns wanted.
Prediction predict(RunCase run, const Catalogs& catalogs, const std::vector<std::string>& metrics);

/// A prediction as text and back, exactly: to cross from a worker.
std::string to_message(const Prediction& prediction);
Prediction from_message(const std::string& message);

}  // namespace microdc
