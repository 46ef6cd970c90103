#include "sim/report/html/simulation_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hwprofiles/base/csv_table.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/json.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/parts_text.hpp"
#include "sim/report/table_parts.hpp"

namespace microdc {
namespace {

constexpr std::size_t most_curve_points = 240;

class Writer {
 public:
  Writer(const Report& report, const PageKnowledge& knowledge)
      : report_(report),
        knowledge_(knowledge),
        figures_(result_figures(report)),
        currency_(report.scenario.economics.currency) {}

  HtmlPage write(const std::filesystem::path& timeline) const {
    const std::vector<Assumption> assumptions =
        assumptions_of(report_.scenario, knowledge_.hardware, knowledge_.prices,
                       report_.economics.baselines.baselines);
    HtmlPage page{.kind = "Simulation",
                  .title = report_.scenario.name,
                  .about = report_.scenario.description,
                  .answer = answer()};
    page.figures = key_figures();
    page.sections.push_back(service(timeline));
    page.sections.push_back(cost());
    page.sections.push_back(parts());
    if (report_.residency) page.sections.push_back(residency());
    page.sections.push_back(certainty());
    page.sections.push_back(details());
    page.sections.push_back(assumptions_section(assumptions));
    page.origin = origin_of(report_.scenario, report_.inputs_sha256, assumptions);
    return page;
  }

 private:
  [[nodiscard]] std::string time(const std::string& path) const {
    const auto value = figures_.value(path);
    return value ? duration_text(*value) : "–";
  }
  [[nodiscard]] std::string money(const std::string& path) const {
    const auto value = figures_.value(path);
    return value ? money_text(*value, currency_) : "not known";
  }
  [[nodiscard]] std::string within_share() const {
    const RequestCounts& counts = report_.result.counts;
    if (counts.offered == 0) return "none";
    return share_text(static_cast<double>(counts.within_slo) / static_cast<double>(counts.offered));
  }
  [[nodiscard]] std::string targets() const {
    const SloSpec& slo = report_.scenario.slo;
    std::vector<std::string> limits;
    const auto add = [&](const char* name, const std::optional<Seconds>& limit) {
      if (limit) limits.push_back(fmt::format("{} within {}", name, duration_text(limit->value())));
    };
    add("first token", slo.ttft);
    add("a token, on average over an answer,", slo.tpot);
    add("whole answer", slo.e2e);
    return fmt::format("{}", fmt::join(limits, ", "));
  }
  /// "P10 to P90: 1 to 2"; empty without bands.
  template <class Text>
  std::string band(const std::string& path, Text text) const {
    const Band* found = report_.bands ? report_.bands->find(path) : nullptr;
    if (found == nullptr) return "";
    return fmt::format("P10 to P90: {} to {}", text(found->p10), text(found->p90));
  }

  [[nodiscard]] std::string answer() const {
    const SimulationResult& result = report_.result;
    std::string text = fmt::format(
        "The rack answers {} of {} requests in {}", count_text(result.counts.completed),
        count_text(result.counts.offered), duration_text(figures_.value("duration_s").value_or(0)));
    if (figures_.value("latency.ttft_s.p95")) {
      text +=
          fmt::format(", 95 % of them with a first token within {}", time("latency.ttft_s.p95"));
    } else if (figures_.value("latency.ttft_s.p50")) {
      text +=
          fmt::format(", half of them with a first token within {}", time("latency.ttft_s.p50"));
    }
    if (result.has_slo) {
      text += fmt::format("; {} meet every target{}", within_share(), shortfall_text(report_));
    }
    text = overload_text(result) + text + ". ";
    if (result.interrupted) text = "INTERRUPTED, so this covers a part of the run only. " + text;
    if (!report_.economics.ownership) return text + "What it costs to own is not known.";
    text += fmt::format("It costs {} to buy and {} a year with everything",
                        money("cost.parts_total.total"), money("cost.ownership.per_year"));
    if (figures_.value("cost.ownership.per_1000_requests")) {
      text += fmt::format(", {} per 1,000 requests", money("cost.ownership.per_1000_requests"));
    }
    return text + ".";
  }

  [[nodiscard]] std::vector<HtmlFigure> key_figures() const {
    const auto amount = [&](double value) { return money_text(value, currency_); };
    std::vector<HtmlFigure> list;
    list.push_back({"First token, P95", time("latency.ttft_s.p95"),
                    band("latency.ttft_s.p95", duration_text)});
    list.push_back(
        {"Per token, P50", time("latency.tpot_s.p50"), band("latency.tpot_s.p50", duration_text)});
    if (report_.result.has_slo) list.push_back({"Within every target", within_share(), targets()});
    list.push_back(
        {"To buy", money("cost.parts_total.total"), band("cost.parts_total.total", amount)});
    list.push_back({"A year, all in", money("cost.ownership.per_year"),
                    band("cost.ownership.per_year", amount)});
    const auto peak = figures_.value("power.peak_w");
    list.push_back({"Power at most", peak ? power_text(*peak) : "not known",
                    band("power.peak_w", power_text)});
    return list;
  }

  static HtmlChart::Series distribution(const char* name, const DurationHistogram& histogram) {
    HtmlChart::Series series{.name = name};
    for (int i = 1; i < 200; ++i) {
      const auto at = histogram.percentile_seconds(i / 200.0);
      if (at && *at > 0) series.points.push_back({*at, i / 2.0, ""});
    }
    return series;
  }
  static HtmlChart::Series target(const char* name, Seconds limit) {
    return {
        .name = name, .points = {{limit.value(), 0, ""}, {limit.value(), 100, ""}}, .limit = true};
  }

  [[nodiscard]] HtmlSection service(const std::filesystem::path& timeline) const {
    HtmlSection section{.title = "What people will notice"};
    HtmlChart chart{.kind = HtmlChart::Kind::curves,
                    .title = "How long requests wait",
                    .note = "Share of the requests answered within a time.",
                    .x_label = "seconds",
                    .y_label = "% of requests",
                    .log_x = true};
    chart.series.push_back(distribution("first token", report_.result.latency.ttft));
    chart.series.push_back(distribution("whole answer", report_.result.latency.e2e));
    const SloSpec& slo = report_.scenario.slo;
    if (slo.ttft) chart.series.push_back(target("target, first token", *slo.ttft));
    if (slo.e2e) chart.series.push_back(target("target, whole answer", *slo.e2e));
    section.charts.push_back(std::move(chart));
    if (auto power = power_chart(timeline)) {
      section.charts.push_back(std::move(*power));
    } else {
      section.charts.push_back(busy_chart());
    }
    section.tables.push_back(latency_table());
    const auto& bases = report_.result.knowledge_bases;
    for (std::size_t i = 0; i < bases.size(); ++i) {
      section.tables.push_back(
          {.head = {"Looking documents up", "Mean", "P50", "P90", "P95", "P99"},
           .rows = lookup_rows(bases[i], figures_, i),
           .note = knowledge_base_text(bases[i], figures_, i)});
    }
    return section;
  }

  [[nodiscard]] HtmlTable latency_table() const {
    HtmlTable table{.head = {"Latency of completed requests", "Mean", "P50", "P90", "P95", "P99"}};
    const auto add = [&](const char* label, const char* key) {
      std::vector<std::string> row{label};
      for (const char* statistic : {"mean", "p50", "p90", "p95", "p99"}) {
        row.push_back(time(fmt::format("latency.{}.{}", key, statistic)));
      }
      table.rows.push_back(std::move(row));
    };
    add("First token (TTFT)", "ttft_s");
    add(report_.result.knowledge_bases.empty() ? "  of it, gateway, HTTP, tokeniser"
                                               : "  of it, gateway, documents, HTTP",
        "intake_s");
    add("  of it, waiting for a place", "queue_s");
    add("  of it, reading the prompt", "prefill_s");
    add("Per token after it (TPOT)", "tpot_s");
    add("Whole answer (E2E)", "e2e_s");
    return table;
  }

  [[nodiscard]] std::optional<HtmlChart> power_chart(const std::filesystem::path& file) const {
    if (file.empty()) return std::nullopt;
    const auto table = CsvTable::read(file);
    if (!table || table->size() < 2) return std::nullopt;
    HtmlChart chart{.kind = HtmlChart::Kind::curves,
                    .title = "Power over the day",
                    .note = "Of the IT equipment.",
                    .x_label = has_office_days(report_.scenario) ? "hour, from midnight"
                                                                 : "hours from the start",
                    .y_label = "kW"};
    HtmlChart::Series series{.name = "IT power"};
    // The highest of each stretch: peaks are what circuits and cooling have to bear.
    const std::size_t stretch = (table->size() + most_curve_points - 1) / most_curve_points;
    for (std::size_t i = 0; i < table->size(); i += stretch) {
      std::optional<double> highest;
      for (std::size_t j = i; j < std::min(i + stretch, table->size()); ++j) {
        const auto watts = parse_number(table->text(j, "it_w"));
        if (watts) highest = std::max(highest.value_or(*watts), *watts);
      }
      const auto at = parse_number(table->text(i, "time_s"));
      if (at && highest) series.points.push_back({*at / 3600, *highest / 1000, ""});
    }
    if (series.points.size() < 2) return std::nullopt;
    chart.series.push_back(std::move(series));
    return chart;
  }

  [[nodiscard]] HtmlChart busy_chart() const {
    constexpr std::size_t shown = 12;
    HtmlChart chart{.title = "How busy the replicas are",
                    .note = "Share of the simulated time in which each works.",
                    .x_label = "% of the time",
                    .horizontal = true};
    HtmlChart::Series series{.name = "busy"};
    const auto& replicas = report_.result.replicas;
    std::map<std::string, int> numbers;
    for (std::size_t i = 0; i < std::min(shown, replicas.size()); ++i) {
      chart.labels.push_back(fmt::format("{} #{}", replicas[i].pool, ++numbers[replicas[i].pool]));
      const auto share = figures_.value(fmt::format("replicas.{}.busy_share", i));
      series.values.push_back(share ? std::optional(*share * 100) : std::nullopt);
    }
    chart.series.push_back(std::move(series));
    return chart;
  }

  [[nodiscard]] HtmlSection cost() const {
    HtmlSection section{.title = "What it costs"};
    const Economics& economics = report_.economics;
    if (economics.ownership) {
      const auto per_year = levelised_by_kind(*economics.ownership);
      section.charts.push_back(cost_chart(per_year, currency_));
      section.tables.push_back(cost_table(per_year, currency_));
    } else {
      section.paragraphs.push_back(fmt::format(
          "The total cost of ownership is not known for want of: {}. {}",
          fmt::join(economics.inputs.missing, "; "), price_remedy(economics.inputs.missing)));
    }
    if (!economics.baselines.baselines.empty()) {
      section.charts.push_back(elsewhere_chart(economics, currency_));
      section.tables.push_back(elsewhere_table(economics, currency_));
    }
    return section;
  }

  [[nodiscard]] HtmlSection residency() const {
    const ResidencyAudit& audit = *report_.residency;
    HtmlSection section{.title = "Where data went"};
    section.paragraphs.push_back(
        fmt::format("{}: all {} were audited against the rules of {} ({}).",
                    audit.violations == 0
                        ? "No request went where a rule forbids it"
                        : count_text(audit.violations) + " PLACEMENTS OF REQUESTS BROKE A RULE",
                    count_text(audit.requests), audit.day, policy_disclaimer));
    if (audit.no_cloud_share) {
      section.paragraphs.push_back(fmt::format(
          "{} of the requests hold data that no cloud of this scenario may take as described.",
          share_text(*audit.no_cloud_share)));
    }
    for (const AuditedClass& own : audit.classes) {
      for (const AuditedGap& gap : own.without_rule) {
        section.paragraphs.push_back(audited_gap_text(gap) + ".");
      }
    }
    section.tables.push_back(residency_table(audit));
    return section;
  }

  [[nodiscard]] HtmlSection certainty() const {
    HtmlSection section{.title = "How sure are we"};
    if (report_.bands) {
      section.paragraphs.push_back(fmt::format(
          "{} draws of everything that has an uncertainty: laws of the hardware, overheads of the "
          "engine, prices, powers. In 8 of 10 of them a figure lies between P10 and P90.",
          report_.bands->samples));
      section.tables.push_back(band_table());
    } else {
      section.paragraphs.emplace_back(
          "This is the best estimate, without bands: run again with --samples 50 for them.");
    }
    section.items = caveats_of(report_);
    for (const std::string& item : missing_of(report_)) {
      section.items.push_back("Not known: " + item);
    }
    return section;
  }

  [[nodiscard]] HtmlTable band_table() const {
    HtmlTable table{.head = {"", "Best estimate", "P10", "P50", "P90"},
                    .note = std::string(best_estimate_note)};
    const auto add = [&](const char* path, const char* label, const auto& text) {
      const Band* found = report_.bands->find(path);
      const auto best = figures_.value(path);
      if (found == nullptr || !best) return;
      table.rows.push_back(
          {label, text(*best), text(found->p10), text(found->p50), text(found->p90)});
    };
    const auto amount = [&](double value) { return money_text(value, currency_); };
    add("latency.ttft_s.p95", "First token, P95", duration_text);
    add("latency.tpot_s.p50", "Per token, P50", duration_text);
    add("latency.e2e_s.p95", "Whole answer, P95", duration_text);
    add("power.peak_w", "Power at most", power_text);
    add("cost.parts_total.total", "To buy", amount);
    add("cost.ownership.per_year", "A year, all in", amount);
    add("cost.ownership.per_1000_requests", "Per 1,000 requests", amount);
    return table;
  }

  [[nodiscard]] HtmlSection parts() const {
    HtmlSection section{.title = "Bill of materials"};
    HtmlTable table = parts_table(report_.economics.parts, report_.scenario.economics);
    if (table.rows.empty()) {
      section.paragraphs.emplace_back("Nothing is to be bought.");
    } else {
      section.tables.push_back(std::move(table));
    }
    return section;
  }

  [[nodiscard]] HtmlSection details() const {
    HtmlSection section{.title = "How the costs and laws come about", .folded = true};
    for (const CostBasis& basis : report_.economics.inputs.basis) {
      section.facts.emplace_back(std::string(label_of(basis.kind)),
                                 fmt::format("{} ({})", basis.text, basis.source));
    }
    if (!report_.cost.year_basis.empty()) {
      section.facts.emplace_back("a year", report_.cost.year_basis);
    }
    if (!report_.economics.inputs.not_counted.empty()) {
      section.facts.emplace_back(
          "not counted", fmt::format("{}", fmt::join(report_.economics.inputs.not_counted, ", ")));
    }
    section.tables.push_back(
        law_table(law_errors_of(report_.scenario, knowledge_.hardware, knowledge_.profiles)));
    return section;
  }

  const Report& report_;
  const PageKnowledge& knowledge_;
  Figures figures_;
  std::string currency_;
};

}  // namespace

HtmlPage simulation_page(const Report& report, const PageKnowledge& knowledge,
                         const std::filesystem::path& timeline) {
  return Writer(report, knowledge).write(timeline);
}

}  // namespace microdc
