// Evaluations that are done, on a RunStore: an interrupted search goes on where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/planning/plan/evaluation.hpp"
#include "sim/planning/run_store.hpp"

namespace microdc {

class EvaluationStore {
 public:
  /// Forgets everything with the process.
  EvaluationStore() = default;
  /// As RunStore::open.
  static Result<EvaluationStore> open(const std::filesystem::path& file, std::string inputs);

  [[nodiscard]] std::optional<Evaluation> find(const std::string& key) const;
  /// Written to the file before it returns.
  void add(const std::string& key, const Evaluation& evaluation);
  [[nodiscard]] std::size_t size() const { return runs_.size(); }

 private:
  RunStore runs_;
};

}  // namespace microdc
