// Evaluations that are done, in a file that only grows: an interrupted search goes on where it was.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/planning/plan/evaluation.hpp"

namespace microdc {

class EvaluationStore {
 public:
  /// Forgets everything with the process.
  EvaluationStore() = default;
  /// Reads what is there; a last line that an interruption cut short is left out. `inputs` is the
  /// digest of everything that an answer depends on: lines of other inputs are kept and ignored.
  /// Errors: the file cannot be read or written.
  static Result<EvaluationStore> open(const std::filesystem::path& file, std::string inputs);

  [[nodiscard]] const Evaluation* find(const std::string& key) const;
  /// Written to the file before it returns.
  void add(const std::string& key, const Evaluation& evaluation);
  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  std::string inputs_;
  std::map<std::string, Evaluation> known_;
  std::ofstream file_;
};

}  // namespace microdc
