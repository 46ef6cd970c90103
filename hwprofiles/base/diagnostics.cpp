#include "hwprofiles/base/diagnostics.hpp"

#include <algorithm>
#include <numeric>

#include "hwprofiles/base/names.hpp"

namespace microdc {

void Diagnostics::add(Diagnostic diagnostic) { items_.push_back(std::move(diagnostic)); }

void Diagnostics::append(Diagnostics other) {
  std::move(other.items_.begin(), other.items_.end(), std::back_inserter(items_));
}

bool Diagnostics::has_errors() const {
  return std::any_of(items_.begin(), items_.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

int Diagnostics::exit_code() const {
  int code = 0;
  for (const Diagnostic& d : items_) {
    if (d.severity != Severity::error) continue;
    // A wrong input makes a statement about feasibility worthless, a defect makes all worthless.
    const int own = d.problem == Problem::internal ? 4 : d.problem == Problem::infeasible ? 3 : 2;
    if (code == 0 || own == 4 || (own == 2 && code == 3)) code = own;
  }
  return code;
}

namespace {
std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::note: return "note";
    case Severity::warning: return "warning";
    case Severity::error: break;
  }
  return "error";
}
}  // namespace

std::string to_text(const Diagnostic& d) {
  std::string text(severity_name(d.severity));
  text += ": ";
  if (!d.file.empty()) text += d.file + (d.place.empty() ? ": " : " ");
  if (!d.place.empty()) text += "at " + d.place + ": ";
  text += d.message;
  if (!d.found.empty()) text += "\n    found:   " + d.found;
  if (!d.allowed.empty()) text += "\n    allowed: " + d.allowed;
  if (!d.fix.empty()) text += "\n    fix:     " + d.fix;
  return text + "\n";
}

std::string to_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.items()) text += to_text(d);
  return text;
}

namespace {
/// Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}
}  // namespace

std::optional<std::string> nearest_match(std::string_view word,
                                         const std::vector<std::string>& candidates) {
  std::optional<std::string> best;
  // A third of the word may be mistyped; more would be a guess.
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower_case(word), lower_case(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string join_names(const std::vector<std::string>& names, std::size_t limit) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < limit; ++i) {
    if (i > 0) text += ", ";
    text += names[i];
  }
  if (names.size() > limit) {
    text += ", … (" + std::to_string(names.size() - limit) + " more)";
  }
  return text;
}

}  // namespace microdc
