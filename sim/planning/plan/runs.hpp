// Simulations of candidates over a week: in workers, each once, remembered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/planning/plan/evaluation.hpp"
#include "sim/planning/plan/store.hpp"

namespace microdc {

struct PlanSettings;

/// One simulation to do.
struct WeekRun {
  const Candidate* candidate = nullptr;
  const Demand* demand = nullptr;
  std::string variant;  ///< part of the key: growth, draw, sources
  std::optional<std::uint64_t> draw = {};
  DrawSources sources = {};
  bool to_its_end = false;  ///< see evaluate()
  [[nodiscard]] bool draws_workload() const { return draw && sources.workload; }
  [[nodiscard]] std::string key() const;
};

class WeekRuns {
 public:
  WeekRuns(const Catalogs& catalogs, EvaluationStore& store, const PlanSettings& settings)
      : catalogs_(catalogs), store_(store), settings_(settings) {}

  /// So many simulations are expected in all; for the progress.
  void expect(std::size_t runs) { expected_ = static_cast<double>(runs); }
  /// The answers of all runs, in their order; what the store knows is not simulated again. Empty if
  /// interrupted or if a worker died.
  std::vector<Evaluation> evaluate(const std::vector<WeekRun>& runs, const std::string& stage);
  [[nodiscard]] bool interrupted() const;
  /// How the first worker died; empty if none did. It counts as an interruption.
  [[nodiscard]] const std::string& death() const { return death_; }
  /// How many of these the store knows.
  [[nodiscard]] std::size_t known(const std::vector<WeekRun>& runs) const;
  /// Runs that the store knew.
  [[nodiscard]] std::size_t remembered() const { return remembered_; }

 private:
  const Catalogs& catalogs_;
  EvaluationStore& store_;
  const PlanSettings& settings_;
  double expected_ = 1;
  std::size_t done_ = 0;
  std::size_t remembered_ = 0;
  std::string death_;
};

}  // namespace microdc
