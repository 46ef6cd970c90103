// The options and words that a verb takes from the command line. The only part of the command that
// knows CLI11, whose header costs seconds per source file, is option_set.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc::cli {

/// The whole numbers that an option takes, both ends included.
struct WholeNumbers {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};

/// What most options do without.
struct OptionExtras {
  std::string value_name;  ///< in the help text; empty: TEXT for texts, N for numbers
  bool required = false;
  bool show_default = false;  ///< the value that the variable has before, in the help text
};

/// Options are named "--jobs" or "-o,--output"; a name without dashes is a word by position. Each
/// gets its value into a variable that has to live until the words were read. A variable whose
/// option is not given keeps its value.
class OptionSet {
 public:
  /// `command` and `summary`: for the help text.
  OptionSet(const std::string& command, const std::string& summary);
  ~OptionSet();
  OptionSet(const OptionSet&) = delete;
  OptionSet& operator=(const OptionSet&) = delete;

  void flag(const std::string& names, bool& into, const std::string& help);
  /// A text that is not empty.
  void text(const std::string& names, std::string& into, const std::string& help,
            const OptionExtras& extras = {});
  /// As `text`; may be repeated. By position: all words that no other takes.
  void texts(const std::string& names, std::vector<std::string>& into, const std::string& help,
             const OptionExtras& extras = {});
  /// Thousands may be apart ("2.000", "2,000", "2 000").
  void whole_number(const std::string& names, std::int64_t& into, WholeNumbers range,
                    const std::string& help, const OptionExtras& extras = {});
  void whole_number(const std::string& names, std::optional<std::int64_t>& into, WholeNumbers range,
                    const std::string& help, const OptionExtras& extras = {});
  /// A finite number above zero.
  void positive_number(const std::string& names, std::optional<double>& into,
                       const std::string& help, const OptionExtras& extras = {});
  /// A number above zero as people type it (read_number).
  void typed_number(const std::string& names, std::optional<double>& into, const std::string& help,
                    const OptionExtras& extras = {});
  /// Options added from now on stand under this heading in the help text.
  void heading(const std::string& text);

  /// Whether the words have to choose one of the parts.
  enum class Choice { required, optional };
  /// Adds one of several commands below this one. It takes the options of this set besides its own.
  OptionSet& part(const std::string& name, const std::string& summary,
                  Choice choice = Choice::required);
  /// Whether the words chose this part.
  [[nodiscard]] bool chosen() const;

  /// Reads the words of a command line; returns all their mistakes.
  Diagnostics read(std::vector<std::string> words);
  /// Whether the words asked for the help text; then nothing else was read.
  [[nodiscard]] bool help_wanted() const;
  [[nodiscard]] std::string help() const;

 private:
  struct State;
  explicit OptionSet(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace microdc::cli
