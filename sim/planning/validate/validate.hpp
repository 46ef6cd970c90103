// Predicts every run of a table of measurements and says how wrong the predictions are.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/planning/validate/run_case.hpp"
#include "sim/planning/validate/score.hpp"

namespace microdc {

struct ValidationOptions {
  std::filesystem::path measurements;
  std::filesystem::path requests;   ///< empty: none
  std::filesystem::path model_dir;  ///< folder of Hugging Face configs; empty: none
  std::uint64_t seed = 1;
  int jobs = 1;
  std::function<void(std::size_t done, std::size_t of)> progress;
};

struct SkippedRows {
  std::string reason;
  std::vector<std::string> row_ids;
};

struct Validation {
  std::size_t rows = 0;
  std::size_t scored_rows = 0;
  std::vector<SkippedRows> skipped;     ///< most frequent first
  std::vector<Comparison> comparisons;  ///< in order of rows, then of columns
  std::vector<ScoredGroup> groups;
  std::map<std::string, double> overall;
  std::map<std::string, std::size_t> assumptions;  ///< rows by assumption
};

/// Errors: files that cannot be read, a table that is none. Rows that cannot be predicted are no
/// errors; they are listed with the reason. `catalogs` receive the models of model_dir.
Result<Validation> validate_measurements(const ValidationOptions& options, Catalogs& catalogs,
                                         const Conventions& conventions);

}  // namespace microdc
