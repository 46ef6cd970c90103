#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/economics/levelised.hpp"
#include "sim/planning/compare/answer.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

constexpr std::size_t shown_changes = 12;

/// "A", "B", …: columns are headed by letters, names may be long.
std::string letter(std::size_t run) { return std::string(1, static_cast<char>('A' + run)); }

std::optional<double> figure_of(const ComparedRun& run, const char* path) {
  const auto at = run.figures.find(path);
  return at == run.figures.end() ? std::nullopt : std::optional(at->second);
}

std::string cell(const std::string& text, const std::optional<double>& value) {
  return value ? text : "–";
}

std::string scenarios_section(const ScenarioComparison& comparison) {
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const ComparedRun& run = comparison.runs[i];
    rows.emplace_back(letter(i), fmt::format("{} ({})", run.name, run.file));
  }
  return "\nScenarios\n" + labelled(rows);
}

std::string figures_section(const ScenarioComparison& comparison) {
  Rows rows{{""}};
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    rows[0].push_back(letter(i));
    if (i > 0) rows[0].push_back("to A");
  }
  for (const ComparedFigure& figure : compared_figures(comparison)) {
    std::vector<std::string> row{figure.label};
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
      const auto& value = figure.values[i];
      row.push_back(
          cell(value ? figure_text(figure.unit, *value, comparison.currency()) : "", value));
      const auto& change = figure.relative[i];
      if (i > 0) row.push_back(cell(change ? change_text(*change) : "", change));
    }
    rows.push_back(std::move(row));
  }
  return fmt::format("\nSide by side, with the same random numbers (seed {})\n",
                     comparison.first().scenario.seed) +
         aligned(rows);
}

std::string draws_section(const ScenarioComparison& comparison) {
  const std::size_t draws = comparison.first().draws.size();
  if (draws == 0) return "";
  Rows rows{{"to A"}};
  for (std::size_t i = 1; i < comparison.runs.size(); ++i) {
    for (const char* name : {"P10", "P50", "P90"}) {
      rows[0].push_back(fmt::format("{} {}", letter(i), name));
    }
  }
  for (const ComparedFigure& figure : compared_figures(comparison)) {
    std::vector<std::string> row{figure.label};
    for (std::size_t i = 1; i < comparison.runs.size(); ++i) {
      const auto& band = figure.relative_bands[i];
      for (const auto member : {&Band::p10, &Band::p50, &Band::p90}) {
        row.push_back(band ? change_text((*band).*member) : "–");
      }
    }
    rows.push_back(std::move(row));
  }
  return fmt::format("\nHow sure the differences are: {} draws, the same for all scenarios\n",
                     draws) +
         aligned(rows);
}

std::string cost_section(const ScenarioComparison& comparison) {
  Rows rows{{comparison.currency() + " a year"}};
  std::vector<std::optional<std::array<Cents, cost_kinds>>> differences;
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    rows[0].push_back(letter(i));
    if (i > 0) rows[0].push_back(fmt::format("{} - A", letter(i)));
    differences.push_back(cost_difference(comparison.first(), comparison.runs[i]));
  }
  const auto row_of = [&](const std::string& label, const auto& amount) {
    std::vector<std::string> row{label};
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
      const auto& own = comparison.runs[i].per_year;
      row.push_back(own ? cents_text(amount(*own).hundredths()) : "–");
      if (i > 0)
        row.push_back(differences[i] ? cents_text(amount(*differences[i]).hundredths()) : "–");
    }
    return row;
  };
  for (std::size_t kind = 0; kind < cost_kinds; ++kind) {
    const bool any = std::any_of(
        comparison.runs.begin(), comparison.runs.end(),
        [&](const ComparedRun& run) { return run.per_year && (*run.per_year)[kind] != Cents(); });
    if (!any) continue;
    rows.push_back(row_of(std::string(label_of(static_cast<CostKind>(kind))),
                          [&](const auto& costs) { return costs[kind]; }));
  }
  rows.push_back(row_of("total", [](const auto& costs) {
    Cents total;
    for (const Cents cost : costs) total += cost;
    return total;
  }));
  std::string text = "\nWhere the money goes (levelised cost of ownership)\n" + aligned(rows);
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const ComparedRun& run = comparison.runs[i];
    if (run.per_year) continue;
    text += wrapped(fmt::format("Not known for {}: {}.", letter(i), fmt::join(run.missing, "; ")),
                    "  ", 2);
  }
  return text;
}

std::string changes_section(const ScenarioComparison& comparison) {
  std::string text;
  for (std::size_t i = 1; i < comparison.runs.size(); ++i) {
    const std::vector<InputChange>& changes = comparison.changes[i];
    text += fmt::format("\nWhat was changed from A to {}\n", letter(i));
    if (changes.empty()) text += "  nothing\n";
    for (std::size_t k = 0; k < std::min(changes.size(), shown_changes); ++k) {
      const InputChange& change = changes[k];
      text +=
          wrapped(fmt::format("{}: {} → {}", change.path, change.from.empty() ? "–" : change.from,
                              change.to.empty() ? "–" : change.to),
                  "  ", 4);
    }
    if (changes.size() > shown_changes) {
      text += fmt::format("  … and {} more (--json has all)\n", changes.size() - shown_changes);
    }
  }
  return text;
}

std::string caveats_section(const ScenarioComparison& comparison) {
  std::string text;
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    for (const std::string& caveat : comparison.runs[i].caveats) {
      text += wrapped(fmt::format("{}: {}", letter(i), caveat), "  - ", 4);
    }
  }
  return text.empty() ? "" : "\nWhat to keep in mind\n" + text;
}

/// "12.3 % less", "as much"
std::string more_or_less(double relative, const char* more, const char* less) {
  if (std::abs(relative) < 5e-4) return "the same";
  return fmt::format("{} {}", share_text(std::abs(relative)), relative > 0 ? more : less);
}

std::string headline_of_two(const ScenarioComparison& comparison) {
  const ComparedRun& a = comparison.runs[0];
  const ComparedRun& b = comparison.runs[1];
  if (a.inputs_sha256 == b.inputs_sha256) {
    return fmt::format("{} and {} have the same inputs, so they give the same figures.", a.name,
                       b.name);
  }
  std::string text;
  if (a.per_year && b.per_year && a.total_per_year != Cents()) {
    const double cost_a = a.total_per_year.money().value();
    const double cost_b = b.total_per_year.money().value();
    text = fmt::format("{} costs {} a year and {} {}", b.name,
                       money_text(cost_b, comparison.currency()), a.name,
                       money_text(cost_a, comparison.currency()));
    text +=
        fmt::format(": {}. ", more_or_less((cost_b - cost_a) / std::abs(cost_a), "more", "less"));
  } else {
    text = "What they cost to own is not known of both. ";
  }
  const char* path = "latency.ttft_s.p95";
  const char* who = "95 %";
  if (!figure_of(a, path) || !figure_of(b, path)) {
    path = "latency.ttft_s.p50";
    who = "half";
  }
  const auto first = figure_of(a, path);
  const auto second = figure_of(b, path);
  if (first && second) {
    text += fmt::format(
        "With {}, {} of the requests have their first token within {}; with {}, within {}.", b.name,
        who, duration_text(*second), a.name, duration_text(*first));
  }
  return text;
}

/// The run with the least of a figure; null if none tells it.
const ComparedRun* least(const ScenarioComparison& comparison, const char* path) {
  const ComparedRun* best = nullptr;
  for (const ComparedRun& run : comparison.runs) {
    const auto value = figure_of(run, path);
    if (value && (best == nullptr || *value < *figure_of(*best, path))) best = &run;
  }
  return best;
}

}  // namespace

std::string compare_headline(const ScenarioComparison& comparison) {
  if (comparison.runs.size() == 2) return headline_of_two(comparison);
  std::string text;
  if (const ComparedRun* cheapest = least(comparison, "cost.ownership.per_year")) {
    text = fmt::format("{} costs least: {} a year. ", cheapest->name,
                       money_text(cheapest->total_per_year.money().value(), comparison.currency()));
  }
  if (const ComparedRun* fastest = least(comparison, "latency.ttft_s.p95")) {
    text += fmt::format("{} is fastest: 95 % of its requests have their first token within {}.",
                        fastest->name, duration_text(*figure_of(*fastest, "latency.ttft_s.p95")));
  }
  return text.empty() ? "None of them has figures to compare." : text;
}

std::vector<std::string> cost_reasons(const ComparedRun& first, const ComparedRun& other,
                                      const std::string& currency) {
  const auto difference = cost_difference(first, other);
  if (!difference) return {};
  std::vector<std::size_t> kinds;
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    if ((*difference)[i] != Cents()) kinds.push_back(i);
  }
  const auto size = [&](std::size_t kind) { return std::abs((*difference)[kind].hundredths()); };
  std::stable_sort(kinds.begin(), kinds.end(),
                   [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
  std::vector<std::string> reasons;
  for (const std::size_t kind : kinds) {
    const double amount = (*difference)[kind].money().value();
    const std::string text = money_text(std::abs(amount), currency);
    const auto which = static_cast<CostKind>(kind);
    // What is left at the end counts below zero: more of the cost is less of the value.
    reasons.push_back(
        which == CostKind::residual
            ? fmt::format("{} {} back from selling it at the end", text,
                          amount > 0 ? "less" : "more")
            : fmt::format("{} {} for {}", text, amount > 0 ? "more" : "less", label_of(which)));
  }
  return reasons;
}

std::string compare_text(const ScenarioComparison& comparison) {
  if (comparison.interrupted) return "INTERRUPTED: nothing is compared.\n";
  return wrapped(compare_headline(comparison), "", 0) + scenarios_section(comparison) +
         figures_section(comparison) + draws_section(comparison) + cost_section(comparison) +
         changes_section(comparison) + caveats_section(comparison);
}

}  // namespace microdc
