#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/planning/validate/report.hpp"
#include "sim/planning/workers.hpp"

namespace microdc::cli {
namespace {

struct ValidateWords {
  std::string file;
  std::string requests;
  std::string models;
  std::string csv;
  std::int64_t jobs = 0;  ///< 0: all processors
};

Answer validate(const ValidateWords& words, const CommonOptions& common, std::ostream& progress) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  const auto conventions = load_conventions(data_root() / "sim/planning/catalog/validation.json");
  if (!conventions) return Answer::failure(conventions.diagnostics());
  ValidationOptions options{
      .measurements = words.file,
      .requests = words.requests,
      .model_dir = words.models,
      .seed = static_cast<std::uint64_t>(common.seed.value_or(1)),
      .jobs = words.jobs > 0 ? static_cast<int>(words.jobs) : available_processors()};
  std::size_t told = 0;
  options.progress = [&](std::size_t done, std::size_t of) {
    if (done * 20 / of == told) return;
    told = done * 20 / of;
    progress << fmt::format("validate: {} of {} rows\n", done, of) << std::flush;
  };
  const auto validation = validate_measurements(options, *catalogs, *conventions);
  if (!validation) return Answer::failure(validation.diagnostics());
  Answer answer;
  answer.findings = validation.diagnostics();
  for (const Override& change : common.changes) {
    if (change.path == "seed") continue;
    answer.findings.add({.severity = Severity::warning,
                         .place = "--set",
                         .message = "there is no scenario to change: every row makes its own",
                         .found = change.path});
  }
  answer.text = to_text(*validation);
  answer.json = json_text(to_json(*validation));
  const std::string csv = to_csv(*validation);
  if (!words.csv.empty()) answer.findings.append(write_file_atomically(words.csv, csv));
  answer.files["validation.json"] = answer.json;
  answer.files["validation.csv"] = csv;
  return answer;
}

RunVerb set_up_validate(OptionSet& options) {
  auto words = std::make_shared<ValidateWords>();
  options.text("MEASURED", words->file, "Table of measured runs (docs/validation.md)",
               {.required = true});
  options.text("--requests", words->requests, "Table of their requests, where published");
  options.text("--model-dir", words->models, "Folder of Hugging Face configs of further models");
  options.text("--csv", words->csv, "Write one line per row and metric into this file");
  options.whole_number("--jobs", words->jobs, {1, 4096},
                       "Simulations at once; all processors by default");
  return [words](const CommonOptions& common, std::ostream& progress) {
    return validate(*words, common, progress);
  };
}

}  // namespace

Verb validate_verb() {
  return {"validate", "Predict measured runs and say how wrong the predictions are",
          set_up_validate};
}

}  // namespace microdc::cli
