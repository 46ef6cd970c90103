#include "sim/planning/validate/validate.hpp"

#include <algorithm>
#include <cmath>

#include "sim/planning/validate/prediction.hpp"
#include "sim/planning/workers.hpp"

namespace microdc {
namespace {

std::vector<std::string> metrics_of(const MeasuredRun& run) {
  std::vector<std::string> metrics;
  for (const MeasuredValue& value : run.measured) metrics.push_back(value.metric);
  return metrics;
}

class Collector {
 public:
  Collector(const Conventions& conventions, Validation& into)
      : conventions_(conventions), into_(into) {}

  void skip(const MeasuredRun& run, const std::string& reason) {
    const auto found = std::find_if(into_.skipped.begin(), into_.skipped.end(),
                                    [&](const SkippedRows& s) { return s.reason == reason; });
    SkippedRows& rows = found == into_.skipped.end() ? into_.skipped.emplace_back() : *found;
    rows.reason = reason;
    rows.row_ids.push_back(run.row_id);
  }

  void add(const MeasuredRun& run, const std::string& arch, const Prediction& prediction) {
    ++into_.scored_rows;
    for (const std::string& assumption : prediction.assumptions) ++into_.assumptions[assumption];
    for (const MeasuredValue& value : run.measured) {
      const auto predicted = prediction.values.find(value.metric);
      if (predicted == prediction.values.end()) continue;
      Comparison c{.row_id = run.row_id,
                   .gpu = run.gpu,
                   .model = run.model,
                   .source = run.source,
                   .engine = run.engine,
                   .arch = arch,
                   .metric = value.metric,
                   .measured = value.value,
                   .predicted = predicted->second};
      set_band(c, prediction.borrowed);
      into_.comparisons.push_back(std::move(c));
    }
  }

 private:
  void set_band(Comparison& c, bool borrowed) const {
    std::string kind(metric_class(c.metric));
    if (is_tail(c.metric)) kind += "_tail";
    const ResidualBand* band = conventions_.band(kind, c.arch);
    const double wider = borrowed ? conventions_.borrowed_band_factor->value : 1;
    c.p10 = c.predicted * (band != nullptr ? std::pow(std::min(1.0, band->low), wider) : 1);
    c.p90 = c.predicted * (band != nullptr ? std::pow(std::max(1.0, band->high), wider) : 1);
  }

  const Conventions& conventions_;
  Validation& into_;
};

/// Group of models whose errors are alike: as the row says, else by the model's card.
std::string arch_of(const MeasuredRun& run, const Catalogs& catalogs) {
  if (!run.arch.empty()) return run.arch;
  const ModelCard* card = find_model(catalogs.models, run.model);
  if (card == nullptr) return "";
  if (card->recurrent) return "hybrid";
  return card->moe ? "moe" : "dense";
}

}  // namespace

Result<Validation> validate_measurements(const ValidationOptions& options, Catalogs& catalogs,
                                         const Conventions& conventions) {
  Diagnostics findings;
  const auto table = CsvTable::read(options.measurements);
  findings.append(table.diagnostics());
  if (!table) return findings;
  const auto runs = read_measured_runs(*table, options.measurements.string());
  findings.append(runs.diagnostics());
  MeasuredRequests requests;
  if (!options.requests.empty()) {
    auto read = read_measured_requests(options.requests);
    findings.append(read.diagnostics());
    if (read) requests = std::move(*read);
  }
  if (!options.model_dir.empty()) {
    findings.append(catalogs.models.add_hugging_face_folder(options.model_dir));
  }
  if (findings.has_errors()) return findings;

  const auto task = [&](std::size_t i) -> std::string {
    const MeasuredRun& run = (*runs)[i];
    auto made = make_case(run, catalogs, conventions, requests, options.seed);
    if (const auto* skip = std::get_if<Skip>(&made)) return "skip " + skip->reason;
    return to_message(predict(std::move(std::get<RunCase>(made)), catalogs, metrics_of(run)));
  };
  const auto answers = run_in_workers(
      runs->size(), options.jobs, task, {.progress = [&](std::size_t done) {
        if (options.progress) options.progress(done, runs->size());
      }});

  Validation validation{.rows = runs->size()};
  Collector collector(conventions, validation);
  for (std::size_t i = 0; i < runs->size(); ++i) {
    const MeasuredRun& run = (*runs)[i];
    const WorkerAnswer& answer = answers[i];
    if (!answer.finished) {
      collector.skip(run, answer.text);
    } else if (answer.text.starts_with("skip ")) {
      collector.skip(run, answer.text.substr(5));
    } else {
      const Prediction prediction = from_message(answer.text);
      if (!prediction.failure.empty()) {
        collector.skip(run, prediction.failure);
      } else {
        collector.add(run, arch_of(run, catalogs), prediction);
      }
    }
  }
  std::stable_sort(validation.skipped.begin(), validation.skipped.end(),
                   [](const SkippedRows& a, const SkippedRows& b) {
                     return a.row_ids.size() > b.row_ids.size();
                   });
  validation.groups = score_groups(validation.comparisons);
  validation.overall = overall_errors(validation.groups);
  return Result<Validation>(std::move(validation), std::move(findings));
}

}  // namespace microdc
