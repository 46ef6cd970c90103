#include "sim/planning/plan/answer_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "sim/economics/levelised.hpp"
#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/answer_charts.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/elsewhere.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

constexpr std::size_t page_front_rows = 5;

std::string time(const std::optional<double>& seconds) {
  return seconds ? duration_text(*seconds) : "–";
}

class PlanPage {
 public:
  PlanPage(const Plan& plan, const Scenario& scenario, const std::optional<PlanLaw>& law,
           const PageKnowledge& knowledge)
      : plan_(plan),
        scenario_(scenario),
        law_(law),
        knowledge_(knowledge),
        currency_(scenario.economics.currency) {}

  HtmlPage write(const std::string& inputs_sha256) const {
    HtmlPage page{.kind = "Plan",
                  .title = scenario_.name,
                  .about = scenario_.description,
                  .answer = answer()};
    Scenario shown = scenario_;
    if (plan_.recommended) {
      shown = scenario_of(scenario_, best().candidate);
      page.figures = key_figures();
    }
    page.sections.push_back(choice());
    if (plan_.recommended) {
      page.sections.push_back(money_section(shown));
      page.sections.push_back(certainty());
    }
    page.sections.push_back(limits());
    page.sections.push_back(law());
    page.sections.push_back(search());
    HtmlSection laws{.title = "Errors of the hardware laws", .folded = true};
    laws.tables.push_back(
        law_table(law_errors_of(shown, knowledge_.hardware, knowledge_.profiles)));
    page.sections.push_back(std::move(laws));
    const auto assumptions = assumptions_of(shown, knowledge_.hardware, knowledge_.prices, {});
    page.sections.push_back(assumptions_section(assumptions));
    page.origin = origin_of(scenario_, inputs_sha256, assumptions);
    return page;
  }

 private:
  [[nodiscard]] const Judged& best() const { return plan_.judged[*plan_.recommended]; }
  [[nodiscard]] std::string money(const std::optional<double>& amount) const {
    return amount ? money_text(*amount, currency_) : "not known";
  }

  [[nodiscard]] std::string answer() const {
    if (!plan_.recommended) {
      std::string text = "Nothing of what may be chosen meets all needs. ";
      if (!plan_.nearest_miss) return text + "Allow more servers, other models or more money.";
      const Judged& near = plan_.judged[*plan_.nearest_miss];
      return text + fmt::format("The nearest is {}: it would do if you {}.",
                                text_of(near.candidate), relaxation_text(near, currency_));
    }
    const Judged& b = best();
    const Evaluation& e = b.evaluation;
    const std::string rack = servers_text(b.candidate, knowledge_.hardware);
    std::string text =
        fmt::format("{}: {} of the requests of the busiest week are answered within every target. ",
                    decision_text(*plan_.order, b.candidate, rack), share_text(e.within_share()));
    text += price_text(plan_, scenario_);
    if (plan_.growth) {
      text += fmt::format(", and is outgrown at {}{} times today's load",
                          plan_.growth_open ? "more than " : "", rough_text(*plan_.growth));
    }
    text += ".";
    const std::string other = cheaper_elsewhere_text(plan_, scenario_, knowledge_.prices);
    if (!other.empty()) text.append(" ").append(other);
    if (!plan_.preference) return text;
    return text + " " + preference_text(plan_, scenario_, [&](const Candidate& candidate) {
             return described_text(candidate, knowledge_.hardware);
           });
  }

  static std::string band(const std::optional<Spread>& spread, const auto& text) {
    if (!spread) return "";
    return fmt::format("P10 to P90: {} to {}", text(spread->p10), text(spread->p90));
  }

  [[nodiscard]] std::vector<HtmlFigure> key_figures() const {
    const Judged& b = best();
    const Evaluation& e = b.evaluation;
    const Finalist* f = plan_.finalist_of(*plan_.recommended);
    const auto amount = [&](double value) { return money_text(value, currency_); };
    const Finalist none;
    const Finalist& spread = f != nullptr ? *f : none;
    std::vector<HtmlFigure> list{
        {"To buy", money(e.purchase), band(spread.purchase, amount)},
        {"A year, all in", money(e.per_year), band(spread.per_year, amount)},
        {"First token, " + quantile_name(scenario_), time(e.ttft),
         band(spread.ttft, duration_text)},
        {"Power at most", e.peak_power ? power_text(*e.peak_power) : "not known",
         rack_units_text(b.rack_units)},
        {"Availability of servers", availability_share_text(b.availability),
         fmt::format("{}; site power and lines not counted", outage_text(b.availability))}};
    if (f != nullptr && f->draws > 0) {
      list.push_back({"Meets every need", fmt::format("{} of {}", f->draws_feasible, f->draws),
                      "draws of laws, workload and prices"});
    }
    return list;
  }

  [[nodiscard]] HtmlSection choice() const {
    HtmlSection section{.title = plan_.recommended ? "What to buy" : "How near it came"};
    if (plan_.recommended) section.facts = layout();
    HtmlChart scatter = speed_and_cost_chart(plan_, scenario_);
    if (!scatter.series.empty()) {
      scatter.wide = true;
      section.charts.push_back(std::move(scatter));
    }
    if (!plan_.front.empty()) section.tables.push_back(front_table());
    return section;
  }

  [[nodiscard]] std::vector<std::pair<std::string, std::string>> layout() const {
    const Candidate& candidate = best().candidate;
    std::vector<std::pair<std::string, std::string>> facts{
        {"servers", fmt::format("{}{}", servers_text(candidate, knowledge_.hardware),
                                candidate.spare > 0 ? fmt::format(", {} of them spare at each site",
                                                                  candidate.spare)
                                                    : "")}};
    for (std::size_t i = 0; i < candidate.pools.size(); ++i) {
      const PoolChoice& pool = candidate.pools[i];
      facts.emplace_back("pool " + scenario_.pools[i].name,
                         fmt::format("{} × {}{}, tensor parallel {}{}", pool.replicas, pool.model,
                                     pool.weights.empty() ? "" : " in " + pool.weights, pool.tp,
                                     pool.pp > 1 ? fmt::format(", pipeline {}", pool.pp) : ""));
    }
    const Evaluation& e = best().evaluation;
    facts.emplace_back("first token", fmt::format("half within {}, {} within {}", time(e.ttft_p50),
                                                  attainment_text(scenario_), time(e.ttft)));
    facts.emplace_back("per token, mean of an answer",
                       fmt::format("half within {}, {} within {}", time(e.tpot_p50),
                                   attainment_text(scenario_), time(e.tpot)));
    if (best().quality) {
      facts.emplace_back("quality", fmt::format("{:.1f} points (MMLU)", *best().quality));
    }
    // The key figures say the rest.
    if (candidate.servers_needed() > 1) {
      facts.emplace_back("availability", availability_text(best()));
    }
    facts.emplace_back("when", delivery_text(plan_.order->timetable));
    if (plan_.growth) {
      facts.emplace_back("outgrown",
                         outgrown_text(plan_.order->timetable, plan_.growth_open, scenario_));
    }
    if (plan_.growth) facts.emplace_back("reserve", reserve_text(plan_, scenario_));
    facts.emplace_back(
        "use", fmt::format("the busiest replica works {} of the week", share_text(e.busy_share)));
    return facts;
  }

  [[nodiscard]] HtmlTable front_table() const {
    HtmlTable table{.title = "Best in cost, first token or quality",
                    .head = {"", "To buy", "A year", "First token, " + quantile_name(scenario_),
                             "Quality", "Meets all in draws"}};
    for (const std::size_t index : first_and_recommended(plan_, plan_.front, page_front_rows)) {
      const Judged& j = plan_.judged[index];
      const Finalist* f = plan_.finalist_of(index);
      if (index == plan_.recommended) table.emphasised = table.rows.size();
      table.rows.push_back(
          {text_of(j.candidate), money(j.evaluation.purchase), money(j.evaluation.per_year),
           time(j.evaluation.ttft), j.quality ? fmt::format("{:.1f}", *j.quality) : "–",
           f != nullptr ? fmt::format("{} of {}", f->draws_feasible, f->draws) : "–"});
    }
    if (plan_.front.size() > page_front_rows) {
      table.note =
          fmt::format("And {} more: plan.json has all. ", plan_.front.size() - page_front_rows);
    }
    if (plan_.recommended && !on_front(plan_)) table.note += off_front_note;
    return table;
  }

  [[nodiscard]] HtmlSection money_section(const Scenario& chosen) const {
    HtmlSection section{.title = "Bill of materials and cost"};
    HtmlTable parts =
        parts_table(parts_list(chosen, knowledge_.hardware, knowledge_.prices), chosen.economics);
    if (!parts.rows.empty()) section.tables.push_back(std::move(parts));
    if (plan_.economics && plan_.economics->ownership) {
      const auto costs = levelised_by_kind(*plan_.economics->ownership);
      section.charts.push_back(cost_chart(costs, currency_));
      section.tables.push_back(cost_table(costs, currency_));
    }
    if (plan_.economics && !plan_.economics->baselines.baselines.empty()) {
      HtmlTable elsewhere = elsewhere_table(*plan_.economics, currency_);
      elsewhere.note.append(" ").append(elsewhere_note);
      section.tables.push_back(std::move(elsewhere));
    }
    if (auto chart = finalists_chart(plan_, currency_)) section.charts.push_back(std::move(*chart));
    return section;
  }

  [[nodiscard]] HtmlSection certainty() const {
    HtmlSection section{.title = "How sure are we"};
    const Finalist* f = plan_.finalist_of(*plan_.recommended);
    if (f == nullptr || f->draws == 0) {
      section.paragraphs.emplace_back("The recommendation was not simulated with draws.");
      return section;
    }
    section.paragraphs.push_back(fmt::format(
        "In {} of {} draws of the hardware's laws, the engines' overheads, the workload and all "
        "prices, the recommendation meets every need.",
        f->draws_feasible, f->draws));
    HtmlChart ttft = spread_chart(plan_, *f, "First token", "seconds, " + quantile_name(scenario_),
                                  &Finalist::ttft, &SourceSpread::ttft);
    HtmlChart cost = spread_chart(plan_, *f, "Cost of a year", currency_, &Finalist::per_year,
                                  &SourceSpread::per_year);
    for (HtmlChart* chart : {&ttft, &cost}) {
      if (chart->labels.size() > 1) section.charts.push_back(std::move(*chart));
    }
    section.tables.push_back(spread_table(*f));
    return section;
  }

  /// Of everything together: the charts above it tell the sources apart.
  [[nodiscard]] HtmlTable spread_table(const Finalist& f) const {
    const Evaluation& e = best().evaluation;
    HtmlTable table{.head = {"", "Best estimate", "P10", "P50", "P90"},
                    .note = std::string(best_estimate_note)};
    const auto add = [&](const std::string& label, const std::optional<double>& estimate,
                         const std::optional<Spread>& s, const auto& text) {
      if (!s) return;
      table.rows.push_back(
          {label, estimate ? text(*estimate) : "–", text(s->p10), text(s->p50), text(s->p90)});
    };
    const auto amount = [&](double value) { return money_text(value, currency_); };
    add("First token, " + quantile_name(scenario_), e.ttft, f.ttft, duration_text);
    add("Cost of a year", e.per_year, f.per_year, amount);
    add("To buy", e.purchase, f.purchase, amount);
    return table;
  }

  [[nodiscard]] HtmlSection limits() const {
    HtmlSection section{.title = "What holds it back", .items = limits_texts(plan_, scenario_)};
    if (plan_.recommended) add_other_kind(section);
    return section;
  }

  [[nodiscard]] HtmlSection law() const {
    HtmlSection section{.title = fmt::format("Law ({})", policy_disclaimer)};
    section.facts = law_rows(law_);
    return section;
  }

  void add_other_kind(HtmlSection& section) const {
    OtherKind other = other_kind_of(plan_, scenario_, knowledge_.hardware);
    if (other.rows.empty()) {
      for (std::string& note : other.notes) section.items.push_back(std::move(note));
      return;
    }
    HtmlTable table{.title = std::move(other.title),
                    .head = std::move(other.head),
                    .rows = std::move(other.rows),
                    .note = fmt::format("{}", fmt::join(other.notes, " ")),
                    .emphasised = 0};
    for (std::string& label : table.head) {
      if (!label.empty()) label.front() = static_cast<char>(std::toupper(label.front()));
    }
    section.tables.push_back(std::move(table));
  }

  [[nodiscard]] HtmlSection search() const {
    HtmlSection section{.title = "How it was found", .folded = true};
    const auto count = [](std::size_t number) {
      return count_text(static_cast<std::int64_t>(number));
    };
    section.facts = {{"combinations", count(plan_.combinations)},
                     {"simulated", fmt::format("{}, over the busiest of {} weeks ({} requests)",
                                               count(plan_.simulated), plan_.weeks_looked_at,
                                               count_text(plan_.requests))}};
    for (int i = 0; i < need_count; ++i) {
      const std::size_t number = plan_.ruled_out[static_cast<std::size_t>(i)];
      if (number == 0) continue;
      section.facts.emplace_back(
          fmt::format("ruled out by {}", ruled_out_text(static_cast<Need>(i))), count(number));
    }
    if (plan_.too_dear > 0) {
      section.facts.emplace_back("dearer than the finalists to buy alone", count(plan_.too_dear));
    }
    return section;
  }

  const Plan& plan_;
  const Scenario& scenario_;
  const std::optional<PlanLaw>& law_;
  const PageKnowledge& knowledge_;
  std::string currency_;
};

}  // namespace

HtmlPage plan_page(const Plan& plan, const Scenario& scenario, const std::optional<PlanLaw>& law,
                   const PageKnowledge& knowledge, const std::string& inputs_sha256) {
  return PlanPage(plan, scenario, law, knowledge).write(inputs_sha256);
}

}  // namespace microdc
