// What went wrong with a user's input, as values: every mistake found in one pass, each with its
// place, cause and fix. Libraries never exit, abort or print; the command decides what to show.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace microdc {

enum class Severity { note, warning, error };

/// What kind of mistake an error is; decides the command's exit code.
enum class Problem {
  input,       ///< the input is wrong (exit code 2)
  infeasible,  ///< the input is right but cannot be satisfied, e.g. a model that does not fit (3)
  internal,    ///< a defect of this program (4)
};

struct Diagnostic {
  Severity severity = Severity::error;
  Problem problem = Problem::input;
  std::string file;     ///< file name as the user gave it; empty if none
  std::string place;    ///< JSON pointer ("/site/pue") or "line 12"; empty for the whole file
  std::string message;  ///< what is wrong, in one sentence without a final full stop
  std::string found;    ///< what was found there; empty if it says nothing more
  std::string allowed;  ///< what would be allowed
  std::string fix;      ///< what to do about it
};

/// All findings of one pass over some input, in the order they were found.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void append(Diagnostics other);

  [[nodiscard]] bool has_errors() const;
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] const std::vector<Diagnostic>& items() const { return items_; }
  /// Exit code of the command for these findings: 0, 2, 3 or 4 (the gravest kind of error wins).
  [[nodiscard]] int exit_code() const;

 private:
  std::vector<Diagnostic> items_;
};

/// One finding as lines of text: "error: FILE at PLACE: MESSAGE" and indented found/allowed/fix.
std::string to_text(const Diagnostic& diagnostic);
std::string to_text(const Diagnostics& diagnostics);

/// A value, or the errors why there is none. Warnings may come with a value.
template <class T>
class Result {
 public:
  Result(T value) : value_(std::move(value)) {}
  Result(T value, Diagnostics warnings)
      : value_(std::move(value)), diagnostics_(std::move(warnings)) {}
  /// A failure; `errors` holds at least one error.
  Result(Diagnostics errors) : diagnostics_(std::move(errors)) {}
  Result(Diagnostic error) { diagnostics_.add(std::move(error)); }

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  explicit operator bool() const { return ok(); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }
  [[nodiscard]] const Diagnostics& diagnostics() const { return diagnostics_; }

 private:
  std::optional<T> value_;
  Diagnostics diagnostics_;
};

/// The candidate nearest to `word` by edit distance, if one is near enough to be a typing mistake.
std::optional<std::string> nearest_match(std::string_view word,
                                         const std::vector<std::string>& candidates);

/// "a, b, c"; long lists are cut after `limit` names with "… (N more)".
std::string join_names(const std::vector<std::string>& names, std::size_t limit = 20);

}  // namespace microdc
