#include "sim/cli/command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/option_set.hpp"
#include "sim/cli/verb.hpp"
#include "sim/scenario/overrides.hpp"

namespace microdc::cli {
namespace {

constexpr int bad_input = 2;
constexpr int internal_error = 4;

struct CommonWords {
  bool json = false;
  std::optional<std::int64_t> seed;
  std::vector<std::string> sets;
  std::string folder;
  std::vector<std::string> hardware;
};

void add_common_options(OptionSet& options, CommonWords& words) {
  options.heading("Common options");
  options.flag("--json", words.json, "Print the answer as JSON");
  options.whole_number("--seed", words.seed, {},
                       "Seed of all random numbers, instead of the scenario's");
  options.texts("--set", words.sets,
                "Change a field of the scenario, e.g. pools/0/replicas=4; may be repeated",
                {.value_name = "PATH=VALUE ..."});
  options.text("-o,--output", words.folder, "Write files into this folder", {.value_name = "DIR"});
  options.texts("--hardware", words.hardware,
                "Use what `microdc calibrate` wrote into this folder; may be repeated",
                {.value_name = "DIR ..."});
}

/// The folders of -o that are not there yet, the innermost first, and whether it can be written
/// into. They are made before the answer is computed, so that a run is not lost for want of one.
class OutputFolder {
 public:
  explicit OutputFolder(const std::string& folder) {
    if (folder.empty()) return;
    std::error_code error;
    for (std::filesystem::path path = folder;
         !path.empty() && !std::filesystem::exists(path, error); path = path.parent_path()) {
      made_.push_back(path);
    }
    std::filesystem::create_directories(folder, error);
    if (!error && ::access(folder.c_str(), W_OK) != 0) error = {errno, std::generic_category()};
    if (error) {
      findings_.add({.file = folder,
                     .place = "--output",
                     .message = fmt::format("files cannot be written here: {}", error.message()),
                     .fix = "choose a folder that you may write into"});
    }
  }
  /// Folders that were made and stayed empty go again.
  ~OutputFolder() {
    std::error_code error;
    for (const auto& path : made_) std::filesystem::remove(path, error);
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  [[nodiscard]] const Diagnostics& findings() const { return findings_; }

 private:
  std::vector<std::filesystem::path> made_;
  Diagnostics findings_;
};

Result<CommonOptions> common_options(const Verb& verb, const CommonWords& words) {
  CommonOptions options{.json = words.json, .seed = words.seed, .folder = words.folder};
  options.hardware.assign(words.hardware.begin(), words.hardware.end());
  Diagnostics errors;
  for (const std::string& text : words.sets) {
    const auto change = parse_override(text);
    if (change)
      options.changes.push_back(*change);
    else
      errors.append(change.diagnostics());
  }
  if (!verb.reads_scenario && !words.sets.empty()) {
    errors.add({.place = "--set",
                .message = fmt::format("`{}` reads no scenario that this could change", verb.name),
                .found = words.sets.front(),
                .fix = "leave it out"});
  }
  std::error_code error;
  if (std::filesystem::exists(words.folder, error) &&
      !std::filesystem::is_directory(words.folder, error)) {
    errors.add({.file = words.folder,
                .place = "--output",
                .message = "this is a file, not a folder to write files into"});
  }
  if (words.seed) options.changes.push_back({"seed", std::to_string(*words.seed)});
  if (errors.has_errors()) return errors;
  return options;
}

Diagnostics write_files(const Answer& answer, const std::string& folder) {
  Diagnostics findings;
  if (folder.empty() || answer.files.empty()) return findings;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    findings.add(
        {.file = folder, .message = fmt::format("the folder cannot be made: {}", error.message())});
    return findings;
  }
  for (const auto& [name, content] : answer.files) {
    findings.append(write_file_atomically(std::filesystem::path(folder) / name, content));
  }
  return findings;
}

/// Whether all that was written to `out` got where it was to go; says so on `err` if not.
bool arrived(std::ostream& out, std::ostream& err) {
  out.flush();
  if (!out) err << "error: the answer cannot be written to stdout\n";
  return !out.fail();
}

int print(const std::string& text, std::ostream& out, std::ostream& err) {
  out << text;
  return arrived(out, err) ? 0 : internal_error;
}

/// Prints an answer and returns the exit code.
int deliver(Answer answer, const CommonOptions& options, std::ostream& out, std::ostream& err) {
  const Diagnostics file_findings = write_files(answer, options.folder);
  if (!answer.findings_shown) err << to_text(answer.findings);
  err << to_text(file_findings);
  Diagnostics all = std::move(answer.findings);
  all.append(file_findings);
  if (options.json) {
    if (!answer.json.empty())
      out << answer.json;
    else if (all.has_errors())
      out << json_text({{"findings", findings_to_json(all)}});
  } else {
    out << answer.text;
  }
  if (!arrived(out, err)) return internal_error;
  if (answer.exit_code && !all.has_errors()) return *answer.exit_code;
  return all.exit_code();
}

int report(Diagnostic error, std::ostream& err) {
  err << to_text(error);
  return bad_input;
}

std::string overview() {
  std::string text =
      "microdc: sizes, replays and forecasts small racks that serve language models.\n\n"
      "Usage: microdc VERB [OPTIONS]\n\n";
  for (const Verb& verb : verbs()) text += fmt::format("  {:<14} {}\n", verb.name, verb.summary);
  return text +
         "\n`microdc VERB --help` explains a verb. Exit codes: 0 ok, 2 bad input, 3 infeasible,\n"
         "4 internal error.\n";
}

int report_unknown_verb(const std::string& word, std::ostream& err) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) names.emplace_back(verb.name);
  const auto near = nearest_match(word, names);
  return report(
      {.message = "this verb is not known",
       .found = fmt::format("\"{}\"", word),
       .allowed = join_names(names),
       .fix = near ? fmt::format("did you mean \"{}\"?", *near) : "`microdc --help` explains them"},
      err);
}

int run_verb(const Verb& verb, std::vector<std::string> words, std::ostream& out,
             std::ostream& err) {
  OptionSet options("microdc " + std::string(verb.name), std::string(verb.summary));
  CommonWords words_of_all;
  const RunVerb run = verb.set_up(options);
  add_common_options(options, words_of_all);
  const Diagnostics mistakes = options.read(std::move(words));
  if (options.help_wanted()) return print(options.help(), out, err);
  const Result<CommonOptions> common = common_options(verb, words_of_all);
  if (mistakes.has_errors() || !common) {
    err << to_text(mistakes) << to_text(common.diagnostics());
    return bad_input;
  }
  const OutputFolder folder(common->folder);
  if (folder.findings().has_errors()) {
    err << to_text(folder.findings());
    return bad_input;
  }
  return deliver(run(*common, err), *common, out, err);
}

}  // namespace

int run_command(std::vector<std::string> words, std::ostream& out, std::ostream& err) {
  try {
    if (words.empty()) {
      err << overview();
      return bad_input;
    }
    const std::string first = words.front();
    if (first == "--help" || first == "-h" || first == "help") {
      return print(overview(), out, err);
    }
    if (first == "--version") return print("microdc " MICRODC_VERSION "\n", out, err);
    const auto verb = std::find_if(verbs().begin(), verbs().end(),
                                   [&](const Verb& v) { return v.name == first; });
    if (verb == verbs().end()) return report_unknown_verb(first, err);
    words.erase(words.begin());
    return run_verb(*verb, std::move(words), out, err);
  } catch (const std::exception& error) {
    err << "internal error: " << error.what()
        << "\n    This is a defect of microdc " MICRODC_VERSION
           ". Please report it with the command line and its input files.\n";
    return internal_error;
  }
}

}  // namespace microdc::cli
