#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <thread>

#include "hwprofiles/base/quantity_text.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/html_answer.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/cli/verbs/simulate/options.hpp"
#include "sim/cli/verbs/simulate/samples.hpp"
#include "sim/platform/power.hpp"
#include "sim/policy/residency.hpp"
#include "sim/report/assemble.hpp"
#include "sim/report/html/simulation_page.hpp"
#include "sim/report/inputs_digest.hpp"
#include "sim/report/json.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/outputs/run_output.hpp"
#include "sim/report/table.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc::cli {
namespace {

using Outputs = std::vector<std::shared_ptr<RunOutput>>;

/// --timeline as a time; empty without it.
Result<std::optional<Seconds>> timeline_interval(const SimulateWords& words) {
  if (words.timeline.empty()) return std::optional<Seconds>();
  const auto time = parse_quantity(words.timeline, Dimension::time);
  if (time && time->value > 0) return std::optional(Seconds(time->value));
  Diagnostic error{.message = "the time between samples must be above zero",
                   .found = words.timeline,
                   .fix = "for example --timeline \"60 s\""};
  if (!time) error = time.diagnostics().items().front();
  error.place = "--timeline";
  return error;
}

/// Simulated time that is known before the run; the run may last longer.
Seconds known_duration(const Scenario& scenario, const std::vector<RequestStream>& streams) {
  Nanoseconds window = 0;
  for (const RequestStream& stream : streams) window = std::max(window, stream.trace.duration);
  const Seconds duration(static_cast<double>(window) * 1e-9);
  return scenario.horizon ? std::min(duration, *scenario.horizon) : duration;
}

/// A timeline that would fill the disk is refused.
Diagnostics check_timeline(std::optional<Seconds> interval, Seconds duration,
                           const std::string& found) {
  Diagnostics findings;
  if (!interval) return findings;
  constexpr auto limit = static_cast<double>(max_timeline_samples);
  if (duration / *interval <= limit) return findings;
  // Two digits, rounded up, so that what the message names is allowed.
  const double least = duration.value() / limit;
  const double unit = std::pow(10.0, std::floor(std::log10(least)) - 1);
  const std::string allowed = format_quantity(std::ceil(least / unit) * unit, Dimension::time);
  findings.add(
      {.place = "--timeline",
       .message = "this would write too many lines",
       .found = fmt::format("\"{}\" in a run of {}", found, duration_text(duration.value())),
       .allowed =
           fmt::format("at least {}, for {} lines", allowed, count_text(max_timeline_samples)),
       .fix = fmt::format("for example --timeline \"{}\"", allowed)});
  return findings;
}

bool it_power_known(const Scenario& scenario, const HardwareCatalog& hardware) {
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    if (server == nullptr) return false;
    const bool cpu_serves = server->accelerators == 0;
    if (!make_server_power(*server, hardware, cpu_serves).missing.empty()) return false;
  }
  return true;
}

/// Opens the files that the run itself writes.
Result<Outputs> open_outputs(const SimulateWords& words, const std::string& folder,
                             const Scenario& scenario, const Catalogs& catalogs) {
  OutputSettings settings{.folder = folder,
                          .scenario = scenario,
                          .it_power_known = it_power_known(scenario, catalogs.hardware)};
  if (words.steps_limit) settings.steps_limit = *words.steps_limit;
  const std::map<std::string_view, bool> wanted{
      {"requests", words.requests}, {"steps", words.steps}, {"timeline", !words.timeline.empty()}};
  Outputs outputs;
  Diagnostics errors;
  for (const RunOutputKind& kind : run_output_kinds()) {
    if (!wanted.at(kind.name)) continue;
    if (folder.empty()) {
      errors.add({.place = fmt::format("--{}", kind.name),
                  .message = fmt::format("{} needs a folder to be written into", kind.file),
                  .fix = "add -o DIR"});
      continue;
    }
    auto output = kind.make(settings);
    errors.append(output.diagnostics());
    if (output) outputs.push_back(*output);
  }
  if (errors.has_errors()) return errors;
  return outputs;
}

/// Bands of --samples; empty without. Interrupted replications are given up with a warning.
Result<std::optional<Bands>> make_bands(const SimulateWords& words, const Scenario& scenario,
                                        const Catalogs& catalogs,
                                        const std::vector<RequestStream>& streams,
                                        std::ostream& progress) {
  if (words.samples == 0) return std::optional<Bands>();
  const std::int64_t processors = std::max(1U, std::thread::hardware_concurrency());
  const SampleSettings settings{
      .samples = static_cast<std::size_t>(words.samples),
      .jobs = static_cast<std::size_t>(words.jobs > 0 ? words.jobs : processors),
      .single_steps = words.single_steps,
      .quiet = words.quiet,
      .placements = lawful_placements(scenario)};
  auto bands = run_samples(scenario, catalogs, streams, settings, progress);
  if (!bands || *bands) return bands;
  InterruptGuard::rearm();
  Diagnostics findings;
  findings.add({.severity = Severity::warning,
                .place = "--samples",
                .message = "interrupted: there are no bands, only the best estimate"});
  return {std::move(*bands), std::move(findings)};
}

Result<SimulationResult> run(const SimulateWords& words, const Scenario& scenario,
                             const Catalogs& catalogs, std::vector<RequestStream> streams,
                             const Outputs& outputs, std::optional<Seconds> interval,
                             std::ostream& progress) {
  Progress bar(progress, "simulated", words.quiet);
  SimulationOptions options;
  options.base_folder = words.base_folder();
  options.single_steps = words.single_steps;
  options.sample_interval = interval;
  options.progress = [&](double share, Seconds) { bar.show(share); };
  options.interrupt = InterruptGuard::flag();
  options.placements = lawful_placements(scenario);
  options.log_placements = !options.placements.empty();
  for (const auto& output : outputs) options.observers.push_back(output.get());
  return microdc::simulate(scenario, catalogs, std::move(streams), options);
}

Answer answer_with(const Report& report, Diagnostics findings, bool interrupted) {
  Answer answer;
  answer.text = result_text(report);
  answer.json = json_text(result_json(report));
  answer.files["result.json"] = answer.json;
  answer.files["summary.txt"] = answer.text;
  answer.findings = std::move(findings);
  if (interrupted) answer.exit_code = exit_interrupted;
  return answer;
}

/// What is known before the run: all mistakes of the command line and of the files it names.
struct Inputs {
  Scenario scenario;
  std::optional<Seconds> interval;
  std::optional<MeasuredFigures> measured;
};
Result<Inputs> read_inputs(const SimulateWords& words, const CommonOptions& common,
                           Catalogs& catalogs) {
  Diagnostics findings;
  auto scenario = prepare_scenario(words, common, catalogs);
  findings.append(scenario.diagnostics());
  const auto interval = timeline_interval(words);
  findings.append(interval.diagnostics());
  Inputs inputs;
  if (!words.measured.empty()) {
    auto measured = read_measured(words.measured);
    findings.append(measured.diagnostics());
    if (measured) inputs.measured = std::move(*measured);
  }
  if (findings.has_errors()) return findings;
  inputs.scenario = std::move(*scenario);
  inputs.interval = *interval;
  return {std::move(inputs), std::move(findings)};
}

Answer simulate(const SimulateWords& words, const CommonOptions& common, std::ostream& progress) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  auto inputs = read_inputs(words, common, *catalogs);
  Diagnostics findings = inputs.diagnostics();
  if (!inputs) return Answer::failure(findings);
  const Scenario& scenario = inputs->scenario;
  auto streams = make_streams(scenario, words.base_folder());
  findings.append(streams.diagnostics());
  if (streams) {
    findings.append(replaced_workload(words, scenario, *streams));
    findings.append(
        check_timeline(inputs->interval, known_duration(scenario, *streams), words.timeline));
  }
  auto digest = inputs_sha256(scenario, words.base_folder(), data_root(), common.hardware);
  findings.append(digest.diagnostics());
  findings.append(economics_catalog().diagnostics());
  const InterruptGuard guard;
  auto outputs = open_outputs(words, common.folder, scenario, *catalogs);
  findings.append(outputs.diagnostics());
  if (findings.has_errors()) return Answer::failure(findings);

  auto bands = make_bands(words, scenario, *catalogs, *streams, progress);
  findings.append(bands.diagnostics());
  if (!bands) return Answer::failure(findings);
  auto result =
      run(words, scenario, *catalogs, std::move(*streams), *outputs, inputs->interval, progress);
  findings.append(result.diagnostics());
  if (!result) return Answer::failure(findings);
  for (const auto& output : *outputs) findings.append(output->finish());

  const bool interrupted = result->interrupted || (words.samples > 0 && !*bands);
  auto assembled =
      report_of(scenario, std::move(*result), catalogs->hardware, *economics_catalog());
  findings.append(assembled.diagnostics());
  if (!assembled) return Answer::failure(findings);
  Report report = std::move(*assembled);
  report.inputs_sha256 = std::move(*digest);
  report.bands = std::move(*bands);
  if (inputs->measured) {
    report.measured =
        compare_with_measured(*inputs->measured, words.measured, result_figures(report));
  }
  Answer answer = answer_with(report, std::move(findings), interrupted);
  add_html(answer, common, [&] {
    const PageKnowledge sources{catalogs->hardware, catalogs->profiles, *economics_catalog()};
    return simulation_page(report, sources,
                           inputs->interval ? common.folder + "/timeline.csv" : "");
  });
  return answer;
}

void add_options(OptionSet& options, SimulateWords& words) {
  options.text("SCENARIO", words.scenario, "Scenario file", {.required = true});
  options.text("--trace", words.trace,
               "Replay this trace in place of the scenario's first workload");
  options.text("--trace-format", words.trace_format,
               "Its format (`microdc list trace-formats`); by default it is recognised");
  options.text("--replace-workload", words.workload, "Name of the workload that --trace replaces");
  options.whole_number("--samples", words.samples, {0, 100000},
                       "Replications with hardware laws, prices, power and overheads drawn from "
                       "their uncertainty, for "
                       "P10, P50 and P90");
  options.whole_number("--jobs", words.jobs, {1, 4096},
                       "Replications that run at once; by default one per processor");
  options.text("--measured", words.measured,
               "Put a measurement beside the prediction: JSON of `vllm bench serve` or AIPerf, or "
               "CSV with metric,value,unit");
  options.flag("--requests", words.requests, "With -o: requests.csv, one line per request");
  options.flag("--steps", words.steps, "With -o: steps.json, engine steps for Perfetto");
  options.whole_number("--steps-limit", words.steps_limit, {.low = 1},
                       "With --steps: records in steps.json; by default 200000");
  options.text("--timeline", words.timeline,
               "With -o: timeline.csv, the rack's state every so often, e.g. \"60 s\"");
  options.flag("--single-steps", words.single_steps,
               "Check: compute every engine step by itself (slower, same answer)");
  options.flag("--quiet", words.quiet, "No progress on stderr");
}

}  // namespace

Verb simulate_verb() {
  return {"simulate", "Serve a workload on a rack: latency, throughput, power, energy, cost",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<SimulateWords>();
            add_options(options, *words);
            return [words](const CommonOptions& common, std::ostream& progress) {
              return simulate(*words, common, progress);
            };
          }};
}

}  // namespace microdc::cli
