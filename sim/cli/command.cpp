#include "sim/cli/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/findings_json.hpp"
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
};

void add_common_options(CLI::App& app, CommonWords& words) {
  const std::string group = "Common options";
  app.add_flag("--json", words.json, "Print the answer as JSON")->group(group);
  app.add_option("--seed", words.seed, "Seed of all random numbers, instead of the scenario's")
      ->type_name("N")
      ->check([](const std::string& text) {
        return std::string(text.starts_with('-') ? "a seed cannot be negative" : "");
      })
      ->group(group);
  app.add_option("--set", words.sets,
                 "Change a field of the scenario, e.g. pools/0/replicas=4; may be repeated")
      ->type_name("PATH=VALUE")
      ->type_size(1)
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("-o,--output", words.folder, "Write files into this folder")
      ->type_name("DIR")
      ->group(group);
}

Result<CommonOptions> common_options(const CommonWords& words) {
  CommonOptions options{.json = words.json, .seed = words.seed, .folder = words.folder};
  Diagnostics errors;
  for (const std::string& text : words.sets) {
    const auto change = parse_override(text);
    if (change)
      options.changes.push_back(*change);
    else
      errors.append(change.diagnostics());
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
  out.flush();
  if (!out) {
    err << "error: the answer cannot be written to stdout\n";
    return internal_error;
  }
  if (answer.exit_code && !all.has_errors()) return *answer.exit_code;
  return all.exit_code();
}

int report(Diagnostic error, std::ostream& err) {
  err << to_text(error);
  return bad_input;
}

/// The long and short names of all options, also of the chosen subcommand: "--json", "-o", ….
std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  std::vector<const CLI::Option*> options = app.get_options();
  for (const CLI::App* part : app.get_subcommands()) {
    const std::vector<const CLI::Option*> more = part->get_options();
    options.insert(options.end(), more.begin() + 1, more.end());  // but --help, which is there
  }
  for (const CLI::Option* option : options) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* part : app.get_subcommands(nullptr)) names.push_back(part->get_name());
  return names;
}

std::string help_hint(const Verb& verb) {
  return fmt::format("`microdc {} --help` shows what it takes", verb.name);
}

Diagnostic unexpected(std::string message, const std::string& word,
                      const std::vector<std::string>& known, const Verb& verb) {
  const auto near = nearest_match(word, known);
  return {.message = std::move(message),
          .found = fmt::format("\"{}\"", word),
          .allowed = join_names(known, 40),
          .fix = near ? fmt::format("did you mean \"{}\"?", *near) : help_hint(verb)};
}

/// Words of the command line that nothing took: the unknown options, whose values are among the
/// other words; without any, the first word.
Diagnostics unexpected_words(const Verb& verb, const CLI::App& app) {
  Diagnostics findings;
  const std::vector<std::string> words = app.remaining();
  for (const std::string& word : words) {
    if (word.size() < 2 || word.front() != '-') continue;
    findings.add(unexpected("this option is not known", word.substr(0, word.find('=')),
                            option_names(app), verb));
  }
  if (findings.empty() && !words.empty()) {
    findings.add(
        unexpected("this word is not expected", words.front(), subcommand_names(app), verb));
  }
  return findings;
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
  CLI::App app{std::string(verb.summary), "microdc " + std::string(verb.name)};
  app.allow_extras();  // they are reported below, with their nearest matches
  CommonWords common;
  const RunVerb run = verb.set_up(app);
  add_common_options(app, common);
  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes a vector
  try {
    app.parse(words);
  } catch (const CLI::CallForHelp&) {
    // Versions of CLI11 end it with one or with two line breaks.
    std::string help = app.help();
    while (help.ends_with("\n\n")) help.pop_back();
    out << help;
    return 0;
  } catch (const CLI::ParseError& error) {
    Diagnostics findings = unexpected_words(verb, app);
    if (findings.empty()) findings.add({.message = error.what(), .fix = help_hint(verb)});
    err << to_text(findings);
    return bad_input;
  }
  if (const Diagnostics unexpected = unexpected_words(verb, app); unexpected.has_errors()) {
    err << to_text(unexpected);
    return bad_input;
  }
  const Result<CommonOptions> options = common_options(common);
  if (!options) {
    err << to_text(options.diagnostics());
    return bad_input;
  }
  return deliver(run(*options, err), *options, out, err);
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
      out << overview();
      return 0;
    }
    if (first == "--version") {
      out << "microdc " MICRODC_VERSION "\n";
      return 0;
    }
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
