#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/cli/worker_options.hpp"
#include "sim/planning/sensitivity/answer.hpp"
#include "sim/report/inputs_digest.hpp"

namespace microdc::cli {
namespace {

struct SensitivityWords {
  std::string scenario;
  std::vector<std::string> figures;
  std::vector<std::string> sweeps;
  std::vector<std::string> variables;
  std::int64_t samples = 0;
  WorkerWords workers;
};

const std::vector<std::string> default_figures{"cost.ownership.per_year", "latency.ttft_s.p95"};

/// Paths of --sweep are those of --set; so are their mistakes.
Diagnostics of_sweep(const Diagnostics& findings) {
  Diagnostics renamed;
  for (Diagnostic finding : findings.items()) {
    const std::string set = "--set ";
    if (finding.place.starts_with(set)) finding.place.replace(0, set.size(), "--sweep ");
    renamed.add(std::move(finding));
  }
  return renamed;
}

Answer tornado_answer(const Result<Tornado>& tornado, const Scenario& scenario,
                      const std::string& digest) {
  if (!tornado) return Answer::failure(tornado.diagnostics());
  Answer answer;
  answer.text = tornado_text(*tornado, scenario);
  answer.json = json_text(tornado_json(*tornado, scenario, digest));
  answer.files["sensitivity.csv"] = tornado_csv(*tornado);
  if (tornado->interrupted) answer.exit_code = exit_interrupted;
  return answer;
}

Answer sweep_answer(const Result<Sweep>& sweep, const Scenario& scenario,
                    const std::string& digest) {
  if (!sweep) return Answer::failure(of_sweep(sweep.diagnostics()));
  Answer answer;
  answer.text = sweep_text(*sweep);
  answer.json = json_text(sweep_json(*sweep, scenario, digest));
  answer.files["sensitivity.csv"] = sweep_csv(*sweep);
  if (sweep->interrupted) answer.exit_code = exit_interrupted;
  return answer;
}

Answer sensitivity(const SensitivityWords& words, const CommonOptions& common,
                   std::ostream& progress) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  auto assumptions = load_main_assumptions(data_root() / "sim/planning/catalog/sensitivity.json");
  const auto axes = parse_sweeps(words.sweeps);
  auto scenario = load_scenario(words.scenario, common, *catalogs);
  Diagnostics findings = assumptions.diagnostics();
  findings.append(axes.diagnostics());
  findings.append(scenario.diagnostics());
  findings.append(economics_catalog().diagnostics());
  if (!words.variables.empty() && !words.sweeps.empty()) {
    findings.add({.place = "--vary",
                  .message = "names what a tornado turns; with --sweep there is none",
                  .fix = "leave one of both out"});
  }
  if (findings.has_errors()) return Answer::failure(findings);
  if (!words.variables.empty()) {
    assumptions->variables = words.variables;
    assumptions->named = true;
  }
  const std::filesystem::path base = std::filesystem::path(words.scenario).parent_path();
  const auto digest = inputs_sha256(*scenario, base, data_root(), common.hardware);
  if (!digest) return Answer::failure(digest.diagnostics());

  const InterruptGuard guard;
  Progress bar(progress, "simulated", words.workers.quiet);
  const SensitivitySettings settings{.jobs = words.workers.count(),
                                     .samples = static_cast<std::size_t>(words.samples),
                                     .base_folder = base,
                                     .interrupt = InterruptGuard::flag(),
                                     .progress = [&](double share) { bar.show(share); }};
  const auto& figures = words.figures.empty() ? default_figures : words.figures;
  Answer answer;
  if (axes->empty()) {
    answer = tornado_answer(
        make_tornado(*scenario, *catalogs, *economics_catalog(), *assumptions, figures, settings),
        *scenario, *digest);
  } else {
    const auto make = [&](const std::vector<Override>& changes) {
      CommonOptions with = common;
      with.changes.insert(with.changes.end(), changes.begin(), changes.end());
      return load_scenario(words.scenario, with, *catalogs);
    };
    answer =
        sweep_answer(make_sweep(make, *axes, *catalogs, *economics_catalog(), figures, settings),
                     *scenario, *digest);
  }
  findings.append(answer.findings);
  answer.findings = std::move(findings);
  if (!answer.json.empty()) {
    answer.files["sensitivity.json"] = answer.json;
    answer.files["sensitivity.txt"] = answer.text;
  }
  return answer;
}

}  // namespace

Verb sensitivity_verb() {
  return {"sensitivity", "Which numbers of a scenario an answer hangs on; grids of values",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<SensitivityWords>();
            options.text("SCENARIO", words->scenario, "Scenario file", {.required = true});
            options.texts("--figure", words->figures,
                          "Number of the result, as `simulate --json` has it; may be repeated; by "
                          "default cost.ownership.per_year and latency.ttft_s.p95",
                          {.value_name = "PATH ..."});
            options.texts("--sweep", words->sweeps,
                          "Instead of a tornado: values of a field in equal steps, e.g. "
                          "workloads/0/users=100:500:5; repeated: their grid",
                          {.value_name = "PATH=FIRST:LAST:COUNT ..."});
            options.texts("--vary", words->variables,
                          "Fields that the tornado turns, instead of those with a range and the "
                          "main assumptions, e.g. pools/*/max_num_seqs; * is any part of a path",
                          {.value_name = "PATH ..."});
            options.whole_number("--samples", words->samples, {0, 10000},
                                 "Draws of hardware laws, prices, power and overheads for P10, P50 "
                                 "and P90 of a sweep's points, or of a tornado's base");
            add_worker_options(options, words->workers);
            return [words](const CommonOptions& common, std::ostream& progress) {
              return sensitivity(*words, common, progress);
            };
          }};
}

}  // namespace microdc::cli
