#include "sim/planning/plan/store.hpp"

#include <utility>

namespace microdc {

Result<EvaluationStore> EvaluationStore::open(const std::filesystem::path& file,
                                              std::string inputs) {
  auto runs = RunStore::open(file, std::move(inputs));
  if (!runs) return runs.diagnostics();
  EvaluationStore store;
  store.runs_ = std::move(*runs);
  return store;
}

std::optional<Evaluation> EvaluationStore::find(const std::string& key) const {
  const std::string* line = runs_.find(key);
  return line == nullptr ? std::nullopt : evaluation_of_line(*line);
}

void EvaluationStore::add(const std::string& key, const Evaluation& evaluation) {
  runs_.add(key, to_line(evaluation));
}

}  // namespace microdc
