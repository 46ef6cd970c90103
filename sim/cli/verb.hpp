// What a verb of the command is. To add one: a file in verbs/ that defines `Verb name_verb()`, its
// line in CMakeLists.txt, and its line in verbs.cpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/cli/option_set.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc::cli {

/// Options that every verb has.
struct CommonOptions {
  bool json = false;
  std::optional<std::int64_t> seed;
  std::vector<Override>
      changes;         ///< of --set; --seed is among them, for verbs that read a scenario
  std::string folder;  ///< of -o; empty: nothing is written
  std::vector<std::filesystem::path> hardware;  ///< folders of measured hardware
};

/// What a verb answers. Printing and writing happen in one place (command.cpp).
struct Answer {
  std::string text;      ///< for people; goes to stdout
  std::string json;      ///< for programs, with --json; a JSON document
  Diagnostics findings;  ///< goes to stderr; its errors decide the exit code
  /// Files for -o DIR by name. Without -o they are not written.
  std::map<std::string, std::string> files;
  /// Set when the findings are the answer itself and stand in `text` and `json` already.
  bool findings_shown = false;
  /// Instead of the code that follows from the findings, if these are no errors.
  std::optional<int> exit_code;

  /// An answer that says only what is wrong.
  static Answer failure(Diagnostics findings) {
    Answer answer;
    answer.findings = std::move(findings);
    return answer;
  }
};

/// Answers after the options were read. `progress` is stderr: for long runs, never for answers.
using RunVerb = std::function<Answer(const CommonOptions& options, std::ostream& progress)>;

struct Verb {
  std::string_view name;
  std::string_view summary;
  /// Adds the verb's own options and returns what runs it; both share the options' storage.
  std::function<RunVerb(OptionSet& options)> set_up;
  bool reads_scenario = true;  ///< false: --set would change nothing and is refused
};

/// All verbs in the order of the help text.
const std::vector<Verb>& verbs();

}  // namespace microdc::cli
