#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/quantity_text.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/workload/trace_tools.hpp"

namespace microdc::cli {
namespace {

struct TraceWords {
  std::string file;
  std::string to;
  std::string format;
  std::string start;
  std::string duration;
  std::string workload;
};

/// Seed and time window for reading.
Result<TraceReadOptions> read_options(const TraceWords& words, const CommonOptions& common) {
  TraceReadOptions options;
  Diagnostics errors;
  const auto read = [&](const std::string& text, const char* option, Seconds& into) {
    if (text.empty()) return;
    const auto time = parse_quantity(text, Dimension::time);
    if (time && time->value >= 0) {
      into = Seconds(time->value);
      return;
    }
    Diagnostic error{.message = "a time cannot be negative", .found = text};
    if (!time) error = time.diagnostics().items().front();
    error.place = option;
    errors.add(std::move(error));
  };
  read(words.start, "--start", options.start);
  read(words.duration, "--duration", options.duration);
  for (const Override& change : common.changes) {
    if (change.path == "seed") continue;  // --seed is among them
    errors.add({.place = "--set",
                .message = "a trace is no scenario that this could change",
                .found = fmt::format("{}={}", change.path, change.value),
                .fix = "leave it out"});
  }
  if (common.seed) options.seed = static_cast<std::uint64_t>(*common.seed);
  if (errors.has_errors()) return errors;
  return options;
}

std::string place_of(const std::string& file, const CommonOptions& common) {
  return (std::filesystem::path(common.folder) / file).string();
}

Answer stats(const TraceWords& words, const CommonOptions& common) {
  const auto options = read_options(words, common);
  if (!options) return Answer::failure(options.diagnostics());
  const auto read = read_trace(words.file, words.format, *options);
  if (!read) return Answer::failure(read.diagnostics());
  const TraceStats numbers = trace_stats(read->trace);
  Answer answer;
  answer.findings = read.diagnostics();
  answer.text = to_text(read->report) + to_text(numbers);
  answer.json = json_text({{"read", to_json(read->report)}, {"stats", to_json(numbers)}});
  answer.files["stats.json"] = answer.json;
  return answer;
}

Answer convert(const TraceWords& words, const CommonOptions& common) {
  const auto options = read_options(words, common);
  if (!options) return Answer::failure(options.diagnostics());
  const std::string to = place_of(words.to, common);
  std::error_code error;
  if (std::filesystem::equivalent(words.file, to, error)) {
    Diagnostics findings;
    findings.add({.file = to,
                  .message = "this would overwrite the trace that is read",
                  .fix = "write to another file"});
    return Answer::failure(findings);
  }
  const auto report = convert_trace(words.file, to, words.format, *options);
  if (!report) return Answer::failure(report.diagnostics());
  Answer answer;
  answer.findings = report.diagnostics();
  answer.text = to_text(*report) + fmt::format("wrote {}\n", to);
  answer.json = json_text({{"read", to_json(*report)}, {"file", to}});
  return answer;
}

/// The workload of this name, or the only one.
Result<std::size_t> find_workload(const Scenario& scenario, const std::string& name) {
  std::vector<std::string> known;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    known.push_back(scenario.workloads[i].name);
    if (known.back() == name || (name.empty() && scenario.workloads.size() == 1)) return i;
  }
  const auto near = nearest_match(name, known);
  return Diagnostic{.place = "--workload",
                    .message = name.empty() ? "the scenario has several workloads"
                                            : "the scenario has no such workload",
                    .found = name,
                    .allowed = join_names(known),
                    .fix = near ? fmt::format("did you mean \"{}\"?", *near) : "name one of them"};
}

Answer generate(const TraceWords& words, const CommonOptions& common) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  const auto scenario = load_scenario(words.file, common, *catalogs);
  if (!scenario) return Answer::failure(scenario.diagnostics());
  const auto workload = find_workload(*scenario, words.workload);
  if (!workload) return Answer::failure(workload.diagnostics());
  const std::string to = place_of(words.to, common);
  const auto numbers =
      generate_trace(scenario->workloads[*workload], static_cast<std::uint64_t>(scenario->seed),
                     std::filesystem::path(words.file).parent_path(), to);
  if (!numbers) return Answer::failure(numbers.diagnostics());
  Answer answer;
  answer.findings = numbers.diagnostics();
  answer.text = to_text(*numbers) + fmt::format("wrote {}\n", to);
  answer.json = json_text({{"stats", to_json(*numbers)}, {"file", to}});
  return answer;
}

void add_reading_options(OptionSet& options, TraceWords& words) {
  options.text("TRACE", words.file, "Trace file, plain or gzipped", {.required = true});
  options.text("--format", words.format,
               "Its format (`microdc list trace-formats`); by default it is recognised");
  options.text("--start", words.start, "Leave out what arrives before, e.g. \"10 min\"");
  options.text("--duration", words.duration, "Take only this long, e.g. \"1 h\"");
}

RunVerb set_up_trace(OptionSet& options) {
  auto words = std::make_shared<TraceWords>();
  OptionSet& stats_part = options.part("stats", "Say what is in a trace");
  OptionSet& convert_part = options.part("convert", "Write a trace in microdc's own format");
  OptionSet& generate_part =
      options.part("generate", "Write the requests of a scenario's workload as a trace");
  add_reading_options(stats_part, *words);
  add_reading_options(convert_part, *words);
  const std::string to_help = "File to write; gzipped if it ends in .gz";
  convert_part.text("TO", words->to, to_help, {.required = true});
  generate_part.text("SCENARIO", words->file, "Scenario file", {.required = true});
  generate_part.text("TO", words->to, to_help, {.required = true});
  generate_part.text("--workload", words->workload, "Name of the workload, if there are several");
  return [words, &stats_part, &convert_part](const CommonOptions& common, std::ostream&) {
    if (stats_part.chosen()) return stats(*words, common);
    if (convert_part.chosen()) return convert(*words, common);
    return generate(*words, common);
  };
}

}  // namespace

Verb trace_verb() {
  return {"trace", "Look at, convert and make traces of requests", set_up_trace};
}

}  // namespace microdc::cli
