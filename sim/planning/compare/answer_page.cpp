#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/economics/levelised.hpp"
#include "sim/planning/compare/answer.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

constexpr std::size_t page_changes = 10;
constexpr std::string_view residual_note =
    "Residual value: what selling the equipment at the end brings back of its price, and no "
    "saving: a dearer rack brings more back.";

/// "+2.5 % to +69.4 %", "=" where no draw differs.
std::string change_range(const Band& band) {
  const std::string low = change_text(band.p10);
  const std::string high = change_text(band.p90);
  return low == high ? low : fmt::format("{} to {}", low, high);
}

class ComparePage {
 public:
  ComparePage(const ScenarioComparison& comparison, const PageKnowledge& knowledge)
      : comparison_(comparison),
        knowledge_(knowledge),
        figures_(compared_figures(comparison)),
        currency_(comparison.currency()) {}

  HtmlPage write() const {
    HtmlPage page{.kind = "Comparison", .title = title(), .answer = compare_headline(comparison_)};
    page.figures = key_figures();
    page.sections.push_back(side_by_side());
    page.sections.push_back(explanation());
    page.sections.push_back(certainty());
    page.sections.push_back(parts());
    page.sections.push_back(laws());
    const std::vector<Assumption> assumptions = all_assumptions();
    page.sections.push_back(assumptions_section(assumptions));
    page.origin.emplace_back("seed, the same for all",
                             std::to_string(comparison_.first().scenario.seed));
    for (const ComparedRun& run : comparison_.runs) {
      page.origin.emplace_back(fmt::format("inputs of {} (SHA-256)", run.name), run.inputs_sha256);
    }
    page.origin.emplace_back("facts of", dates_of(assumptions));
    return page;
  }

 private:
  [[nodiscard]] const std::vector<ComparedRun>& runs() const { return comparison_.runs; }
  [[nodiscard]] std::string text(const ComparedFigure& figure, std::size_t run) const {
    return figure.values[run] ? figure_text(figure.unit, *figure.values[run], currency_) : "–";
  }
  [[nodiscard]] const ComparedFigure* figure_of(std::string_view path) const {
    for (const ComparedFigure& figure : figures_) {
      if (figure.path == path) return &figure;
    }
    return nullptr;
  }

  [[nodiscard]] std::string title() const {
    std::vector<std::string> names;
    for (const ComparedRun& run : runs()) names.push_back(run.name);
    return fmt::format("{}", fmt::join(names, " · "));
  }

  /// Of the last scenario beside the first, if there are two.
  [[nodiscard]] std::vector<HtmlFigure> key_figures() const {
    std::vector<HtmlFigure> list;
    if (runs().size() != 2) return list;
    for (const char* path :
         {"latency.ttft_s.p95", "requests.within_slo_share", "cost.parts_total.total",
          "cost.ownership.per_year", "cost.ownership.per_1000_requests", "power.peak_w"}) {
      const ComparedFigure* figure = figure_of(path);
      if (figure == nullptr || !figure->values[0] || !figure->values[1]) continue;
      std::string note =
          fmt::format("{}; {}: {}", runs()[1].name, runs()[0].name, text(*figure, 0));
      if (figure->relative[1]) note += fmt::format(" ({})", change_text(*figure->relative[1]));
      std::string label = figure->label;
      label[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label[0])));
      list.push_back({label, text(*figure, 1), std::move(note)});
    }
    return list;
  }

  /// A group of bars for each figure, a bar for each scenario.
  [[nodiscard]] std::optional<HtmlChart> bars(const char* title, const char* y_label,
                                              const std::vector<const char*>& paths) const {
    HtmlChart chart{.title = title, .y_label = y_label};
    for (const ComparedRun& run : runs()) chart.series.push_back({.name = run.name});
    for (const char* path : paths) {
      const ComparedFigure* figure = figure_of(path);
      if (figure == nullptr) continue;
      chart.labels.push_back(figure->label);
      for (std::size_t i = 0; i < runs().size(); ++i) {
        chart.series[i].values.push_back(figure->values[i]);
        const auto& band = figure->bands[i];
        chart.series[i].ranges.push_back(band ? std::optional(std::pair(band->p10, band->p90))
                                              : std::nullopt);
      }
    }
    if (chart.labels.empty()) return std::nullopt;
    if (!comparison_.first().draws.empty()) chart.note = "Whiskers: P10 to P90 of the draws.";
    return chart;
  }

  [[nodiscard]] HtmlChart cost_bars() const {
    HtmlChart chart{.kind = HtmlChart::Kind::stacked,
                    .title = "What a year costs",
                    .note =
                        "Levelised cost of ownership by kind. Below zero: what selling the "
                        "equipment at the end brings back of its price, no saving.",
                    .y_label = currency_ + " a year"};
    for (const ComparedRun& run : runs()) chart.labels.push_back(run.name);
    for (std::size_t kind = 0; kind < cost_kinds; ++kind) {
      HtmlChart::Series series{.name = std::string(label_of(static_cast<CostKind>(kind)))};
      bool any = false;
      for (const ComparedRun& run : runs()) {
        any = any || (run.per_year && (*run.per_year)[kind] != Cents());
        series.values.push_back(run.per_year ? std::optional((*run.per_year)[kind].money().value())
                                             : std::nullopt);
      }
      if (any) chart.series.push_back(std::move(series));
    }
    return chart;
  }

  [[nodiscard]] HtmlSection side_by_side() const {
    HtmlSection section{.title = "Side by side"};
    section.charts.push_back(cost_bars());
    const auto add = [&](std::optional<HtmlChart> chart) {
      if (chart) section.charts.push_back(std::move(*chart));
    };
    add(bars("How long the first token takes", "seconds",
             {"latency.ttft_s.p50", "latency.ttft_s.p95"}));
    add(bars("How long the whole answer takes", "seconds",
             {"latency.e2e_s.p50", "latency.e2e_s.p95"}));
    add(bars("Power of the IT equipment", "W", {"power.mean_w", "power.peak_w"}));
    const bool with_bands = !comparison_.first().draws.empty();
    HtmlTable table{.head = {""}};
    for (std::size_t i = 0; i < runs().size(); ++i) {
      table.head.push_back(runs()[i].name);
      if (i == 0) continue;
      table.head.push_back("to the first");
      if (with_bands) table.head.push_back("P10 to P90 of that");
    }
    for (const ComparedFigure& figure : figures_) {
      std::vector<std::string> row{figure.label};
      for (std::size_t i = 0; i < runs().size(); ++i) {
        row.push_back(text(figure, i));
        if (i == 0) continue;
        row.push_back(figure.relative[i] ? change_text(*figure.relative[i]) : "–");
        const auto& band = figure.relative_bands[i];
        if (!with_bands) continue;
        row.push_back(band ? change_range(*band) : "–");
      }
      table.rows.push_back(std::move(row));
    }
    section.tables.push_back(std::move(table));
    return section;
  }

  [[nodiscard]] HtmlTable difference_table(const ComparedRun& run) const {
    const ComparedRun& first = comparison_.first();
    const auto difference = *cost_difference(first, run);
    HtmlTable table{
        .title = fmt::format("Cost of a year, {} to {}", first.name, run.name),
        .head = {"Levelised cost [" + currency_ + "]", first.name, run.name, "Difference"},
        .total = true};
    table.note = std::string(residual_note);
    Cents total;
    const auto text = [](Cents amount) { return cents_text(amount.hundredths()); };
    for (std::size_t i = 0; i < cost_kinds; ++i) {
      const Cents a = (*first.per_year)[i];
      const Cents b = (*run.per_year)[i];
      if (a == Cents() && b == Cents()) continue;
      table.rows.push_back(
          {std::string(label_of(static_cast<CostKind>(i))), text(a), text(b), text(difference[i])});
      total += difference[i];
    }
    table.rows.push_back(
        {"total", text(first.total_per_year), text(run.total_per_year), text(total)});
    return table;
  }

  [[nodiscard]] HtmlTable changes_table(std::size_t index) const {
    const std::vector<InputChange>& changes = comparison_.changes[index];
    HtmlTable table{.title = fmt::format("Changed inputs, {} to {}", comparison_.first().name,
                                         runs()[index].name),
                    .head = {"Input", "Meaning", "From", "To"},
                    .text_columns = 4};
    for (std::size_t i = 0; i < std::min(changes.size(), page_changes); ++i) {
      const InputChange& change = changes[i];
      table.rows.push_back({change.path, change.label, change.from.empty() ? "–" : change.from,
                            change.to.empty() ? "–" : change.to});
    }
    if (changes.size() > page_changes) {
      table.note =
          fmt::format("And {} smaller ones: compare.json has all.", changes.size() - page_changes);
    }
    return table;
  }

  [[nodiscard]] HtmlSection explanation() const {
    HtmlSection section{.title = "What explains the differences"};
    for (std::size_t i = 1; i < runs().size(); ++i) {
      const ComparedRun& run = runs()[i];
      const std::vector<std::string> reasons = cost_reasons(comparison_.first(), run, currency_);
      if (!reasons.empty()) {
        section.paragraphs.push_back(
            fmt::format("{} costs, of a year: {}.", run.name, fmt::join(reasons, ", ")));
      }
      if (cost_difference(comparison_.first(), run)) {
        section.tables.push_back(difference_table(run));
      }
      if (comparison_.changes[i].empty()) {
        section.paragraphs.push_back(
            fmt::format("{} has the inputs of {}.", run.name, comparison_.first().name));
      } else {
        section.tables.push_back(changes_table(i));
      }
    }
    return section;
  }

  [[nodiscard]] HtmlSection certainty() const {
    HtmlSection section{.title = "How sure are we"};
    section.paragraphs.emplace_back(
        "All scenarios met the same random numbers, so luck of the workload hardly shows in the "
        "differences.");
    const std::size_t draws = comparison_.first().draws.size();
    if (draws == 0) {
      section.paragraphs.emplace_back(
          "These are best estimates, without bands: run again with --samples 50 for them.");
    } else {
      section.paragraphs.push_back(fmt::format(
          "{} draws of laws, prices and powers, each the same for all scenarios; 8 in 10 of the "
          "differences lie between P10 and P90.",
          draws));
    }
    for (const ComparedRun& run : runs()) {
      for (const std::string& caveat : run.caveats) {
        section.items.push_back(fmt::format("{}: {}", run.name, caveat));
      }
      for (const std::string& item : run.missing) {
        section.items.push_back(fmt::format("{}, not known: {}", run.name, item));
      }
    }
    return section;
  }

  [[nodiscard]] HtmlSection parts() const {
    HtmlSection section{.title = "Bills of materials", .folded = true};
    for (const ComparedRun& run : runs()) {
      HtmlTable table{.title = run.name, .head = {"", "Number", currency_}};
      for (const ComparedPart& part : run.parts) {
        std::string quantity = fmt::format("{:g}", part.quantity);
        if (!part.unit.empty()) quantity += " " + part.unit;
        table.rows.push_back({part.label, quantity, cents_text(part.price.hundredths())});
      }
      section.tables.push_back(std::move(table));
    }
    return section;
  }

  [[nodiscard]] HtmlSection laws() const {
    HtmlSection section{.title = "Errors of the hardware laws", .folded = true};
    std::vector<LawError> all;
    std::set<std::string> devices;
    for (const ComparedRun& run : runs()) {
      std::set<std::string> fresh;
      for (LawError& error :
           law_errors_of(run.scenario, knowledge_.hardware, knowledge_.profiles)) {
        if (devices.contains(error.device)) continue;
        fresh.insert(error.device);
        all.push_back(std::move(error));
      }
      devices.merge(fresh);
    }
    section.tables.push_back(law_table(all));
    return section;
  }

  [[nodiscard]] std::vector<Assumption> all_assumptions() const {
    std::vector<Assumption> all;
    std::set<std::string> seen;
    for (const ComparedRun& run : runs()) {
      for (Assumption& item :
           assumptions_of(run.scenario, knowledge_.hardware, knowledge_.prices, {})) {
        // Of the scenarios' own figures each may have another.
        if (item.kind == "scenario") item.item = run.name + ": " + item.item;
        if (seen.insert(item.item + "\n" + item.figure).second) all.push_back(std::move(item));
      }
    }
    return all;
  }

  const ScenarioComparison& comparison_;
  const PageKnowledge& knowledge_;
  std::vector<ComparedFigure> figures_;
  std::string currency_;
};

}  // namespace

HtmlPage compare_page(const ScenarioComparison& comparison, const PageKnowledge& knowledge) {
  return ComparePage(comparison, knowledge).write();
}

}  // namespace microdc
