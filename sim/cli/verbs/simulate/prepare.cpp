#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/simulate/options.hpp"
#include "sim/report/number_text.hpp"
#include "sim/scenario/checks.hpp"

namespace microdc::cli {
namespace {

/// What a workload keeps when a trace replaces its requests.
constexpr std::array kept_keys{"name",      "pool",     "data_classes",
                               "retrieval", "priority", "client_timeout"};

/// The workload of this name, or the first.
Result<std::size_t> find_workload(const Json& workloads, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < workloads.size(); ++i) {
    const Json& item = workloads[i];
    const bool named = item.is_object() && item.contains("name") && item["name"].is_string();
    known.push_back(named ? item["name"].get<std::string>() : std::string());
    if (name.empty() || known.back() == name) return i;
  }
  const auto near = nearest_match(name, known);
  return Diagnostic{.place = "--replace-workload",
                    .message = "the scenario has no such workload",
                    .found = fmt::format("\"{}\"", name),
                    .allowed = join_names(known),
                    .fix = near ? fmt::format("did you mean \"{}\"?", *near) : "name one of them"};
}

Diagnostics put_trace(Json& document, const SimulateWords& words) {
  Diagnostics findings;
  // A document of another shape is reported by the checks that follow.
  if (!document.is_object() || !document.contains("workloads")) return findings;
  Json& workloads = document["workloads"];
  if (!workloads.is_array() || workloads.empty()) return findings;
  const auto index = find_workload(workloads, words.workload);
  if (!index) return index.diagnostics();
  const Json old = workloads[*index];
  Json replay{{"kind", "trace"}, {"trace_file", std::filesystem::absolute(words.trace).string()}};
  if (!words.trace_format.empty()) replay["trace_format"] = words.trace_format;
  for (const char* key : kept_keys) {
    if (old.is_object() && old.contains(key)) replay[key] = old[key];
  }
  workloads[*index] = std::move(replay);
  return findings;
}

Diagnostics check_trace_words(const SimulateWords& words) {
  Diagnostics findings;
  const auto needs_trace = [&](const std::string& value, const char* option) {
    if (value.empty() || !words.trace.empty()) return;
    findings.add({.place = option,
                  .message = "this option only says how to read --trace, which is not given",
                  .fix = "add --trace FILE"});
  };
  needs_trace(words.trace_format, "--trace-format");
  needs_trace(words.workload, "--replace-workload");
  std::error_code error;
  if (std::filesystem::is_directory(words.trace, error)) {
    findings.add({.file = words.trace,
                  .place = "--trace",
                  .message = "this is a folder, not a file",
                  .fix = "name the file in it"});
  } else if (!words.trace.empty() && !std::filesystem::is_regular_file(words.trace, error)) {
    findings.add({.file = words.trace, .place = "--trace", .message = "there is no such file"});
  }
  return findings;
}

/// Options that do nothing without another one.
Diagnostics check_companions(const SimulateWords& words) {
  Diagnostics findings;
  const auto needs = [&](bool given, const char* option, bool there, const char* other,
                         const char* what) {
    if (!given || there) return;
    findings.add({.place = option,
                  .message = fmt::format("this option only says {}, which is not given", what),
                  .fix = fmt::format("add {}, or leave it out", other)});
  };
  needs(words.steps_limit.has_value(), "--steps-limit", words.steps, "--steps",
        "how long the file of --steps gets");
  needs(words.jobs > 0, "--jobs", words.samples > 0, "--samples N",
        "how many replications of --samples run at once");
  return findings;
}

}  // namespace

Result<Scenario> prepare_scenario(const SimulateWords& words, const CommonOptions& common,
                                  Catalogs& catalogs) {
  Diagnostics findings = check_trace_words(words);
  findings.append(check_companions(words));
  Result<Json> document = read_json_file(words.scenario);
  findings.append(document.diagnostics());
  if (!document) return findings;
  if (!words.trace.empty() && !findings.has_errors()) findings.append(put_trace(*document, words));
  CheckContext context = check_context(catalogs);
  context.folder = words.base_folder();
  Result<Scenario> scenario =
      read_scenario(std::move(*document), words.scenario, common.changes, context);
  findings.append(scenario.diagnostics());
  if (!scenario || findings.has_errors()) return findings;
  findings.append(settle_scenario(*scenario, words.scenario, catalogs));
  if (findings.has_errors()) return findings;
  return {std::move(*scenario), std::move(findings)};
}

Diagnostics replaced_workload(const SimulateWords& words, const Scenario& scenario,
                              const std::vector<RequestStream>& streams) {
  Diagnostics findings;
  if (words.trace.empty() || streams.size() != scenario.workloads.size()) return findings;
  std::string replaced;
  std::vector<std::string> others;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const WorkloadSpec& spec = scenario.workloads[i];
    const std::string lasts = duration_text(static_cast<double>(streams[i].trace.duration) * 1e-9);
    const bool is_it = words.workload.empty() ? i == 0 : spec.name == words.workload;
    if (is_it && replaced.empty()) {
      replaced = fmt::format("the trace, which lasts {}, stands in place of the workload \"{}\"",
                             lasts, spec.name);
    } else {
      others.push_back(fmt::format("\"{}\" ({}, {})", spec.name, spec.kind, lasts));
    }
  }
  Diagnostic finding{.severity = Severity::note, .place = "--trace", .message = replaced};
  if (!others.empty()) {
    finding.severity = Severity::warning;
    finding.message += fmt::format("; beside it still run {}", fmt::join(others, ", "));
    finding.fix =
        "if the trace holds all requests, take the others out of the file; else let them last as "
        "long (workloads/…/duration)";
  }
  findings.add(std::move(finding));
  return findings;
}

}  // namespace microdc::cli
