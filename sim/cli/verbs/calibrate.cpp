#include "sim/cli/verbs/calibrate/calibrate.hpp"

#include <memory>

#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

struct CalibrateWords {
  MeasureWords measure;
  ImportWords import;
  ImportWords table;  ///< of --from
  std::string from;
};

void add_table_options(OptionSet& options, ImportWords& words) {
  options.texts("--only", words.options.devices, "Only this device of the table; may be repeated",
                {.value_name = "DEVICE ..."});
  options.text("--source", words.options.source, "What the table is, for the record");
  options.text("--date", words.options.date, "Date of the measurements");
}

void add_measure_options(OptionSet& options, MeasureWords& words) {
  options.text("--device", words.device,
               "Measure this device of this machine: cpu, cuda:0, cuda:1, …",
               {.value_name = "DEVICE"});
  options.flag("--quick", words.quick, "One pass over fewer points, with wider intervals");
  options.flag("--resume", words.resume, "Go on with results that are there; without, too");
  options.text("--limit", words.limit, "Time for measuring, e.g. \"10 min\"",
               {.value_name = "TIME"});
  options.text("--tiles", words.tiles,
               "Also try the CUDA GEMM kernel in these tiles, compiled now: 128x192x64-4,… "
               "(docs/calibrate.md)",
               {.value_name = "LIST"});
  options.flag("--quiet", words.quiet, "No progress on stderr");
}

OptionSet& add_import(OptionSet& options, ImportWords& words) {
  OptionSet& part = options.part("import", "Fit what others measured: kernels or whole runs",
                                 OptionSet::Choice::optional);
  part.texts("FILE", words.files,
             "Results of this command, tables of kernels (docs/calibrate.md), Vidur's mlp.csv and "
             "attention.csv, JSON of nvbench; or JSON of `vllm bench serve` or AIPerf",
             {.required = true});
  part.text("--on", words.on, "Device of the catalog, where files do not name it",
            {.value_name = "DEVICE"});
  part.text("--engine", words.engine, "Whose kernels they are, instead of the files' word");
  part.text("--scenario", words.scenario, "Scenario of whole runs, to correct its engine by them");
  add_table_options(part, words);
  return part;
}

/// "CPU" and "CUDA:0" are read as "cpu" and "cuda:0".
Answer measure_named(MeasureWords words, const CommonOptions& common, std::ostream& progress) {
  for (char& c : words.device) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return measure(words, common, progress);
}

Answer nothing_to_do(const CalibrateWords& words) {
  Diagnostics findings;
  const bool both = !words.from.empty();
  findings.add({.message = both ? "--device and --from exclude each other"
                                : "there is nothing to calibrate from",
                .allowed = "--device cpu, --device cuda:0, or import FILE",
                .fix = "`microdc calibrate --help` explains them"});
  return Answer::failure(findings);
}

RunVerb set_up_calibrate(OptionSet& options) {
  auto words = std::make_shared<CalibrateWords>();
  add_measure_options(options, words->measure);
  options.text("--from", words->from, "The same as import with one table of kernels",
               {.value_name = "FILE"});
  add_table_options(options, words->table);
  const OptionSet& import = add_import(options, words->import);
  return [words, &import](const CommonOptions& common, std::ostream& progress) {
    if (import.chosen()) return import_measurements(words->import, common, progress);
    if (words->from.empty() == words->measure.device.empty()) return nothing_to_do(*words);
    if (!words->measure.device.empty()) {
      return measure_named(words->measure, common, progress);
    }
    words->table.files = {words->from};
    return import_measurements(words->table, common, progress);
  };
}

}  // namespace

Verb calibrate_verb() {
  return {"calibrate", "Measure this machine, or fit measured kernels, and write device profiles",
          set_up_calibrate};
}

}  // namespace microdc::cli
