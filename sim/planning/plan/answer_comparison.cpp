// The recommended rack beside those of the other kind, and what it leaves in reserve: what a plan's
// text and its page say of them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/planning/plan/answer.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

std::vector<std::string> compared(const Judged& judged, const std::string& currency) {
  const Evaluation& e = judged.evaluation;
  const auto money = [&](const std::optional<double>& amount) {
    return amount ? money_text(*amount, currency) : "not known";
  };
  const auto time = [](const std::optional<double>& seconds) {
    return seconds ? duration_text(*seconds) : "–";
  };
  return {text_of(judged.candidate),
          money(e.purchase),
          money(e.per_year),
          time(e.ttft),
          time(e.tpot),
          e.stopped ? "too few" : share_text(e.within_share())};
}

/// What the cheapest rack of the other kind costs that meets all needs, or that there is none.
std::string cheapest_of_its_kind_text(const Plan& plan, const std::string& currency) {
  if (!plan.other_kind_that_does) return "None of its kind that was simulated meets all needs.";
  const Judged& other = plan.judged[*plan.other_kind_that_does];
  const Judged& chosen = plan.judged[*plan.recommended];
  const double more =
      other.evaluation.per_year.value_or(0) - chosen.evaluation.per_year.value_or(0);
  return fmt::format(
      "The cheapest of its kind that meets all needs is {}: {} to buy, {} a year {} "
      "than the recommended one.",
      text_of(other.candidate), money_text(other.evaluation.purchase.value_or(0), currency),
      money_text(std::abs(more), currency), more >= 0 ? "more" : "less");
}

}  // namespace

OtherKind other_kind_of(const Plan& plan, const Scenario& scenario,
                        const HardwareCatalog& hardware) {
  const std::string& currency = scenario.economics.currency;
  const Judged& best = plan.judged[*plan.recommended];
  const std::string kind = is_cpu_centric(best.candidate, hardware) ? "GPU-centric" : "CPU-centric";
  OtherKind answer{.title = kind + " for at most the same money"};
  if (!plan.other_kind && !plan.other_kind_that_does) {
    answer.notes.push_back(fmt::format(
        "No {} rack that may be chosen came near enough to the needs to be simulated.", kind));
    return answer;
  }
  const std::string quantile = quantile_name(scenario);
  answer.head = {"",
                 "to buy",
                 "a year",
                 "first token, " + quantile,
                 "per token, " + quantile,
                 "within targets"};
  answer.rows.push_back(compared(best, currency));
  if (plan.other_kind) answer.rows.push_back(compared(plan.judged[*plan.other_kind], currency));
  if (plan.other_kind_that_does && plan.other_kind_that_does != plan.other_kind) {
    answer.rows.push_back(compared(plan.judged[*plan.other_kind_that_does], currency));
  }
  if (!plan.other_kind) {
    answer.notes.push_back(fmt::format(
        "No {} rack that came near costs so little to buy: {} is the cheapest of its kind that "
        "meets all needs.",
        kind, answer.rows.back().front()));
    return answer;
  }
  answer.notes.emplace_back(same_money_note);
  const Judged& other = plan.judged[*plan.other_kind];
  if (other.feasible()) return answer;
  answer.notes.push_back(fmt::format("{} would do if you {}.", text_of(other.candidate),
                                     relaxation_text(other, currency)));
  answer.notes.push_back(cheapest_of_its_kind_text(plan, currency));
  return answer;
}

std::string reserve_text(const Plan& plan, const Scenario& scenario) {
  if (!plan.growth) return "";
  std::int64_t users = 0;
  for (const WorkloadSpec& workload : scenario.workloads) users = std::max(users, workload.users);
  std::string text = fmt::format("It meets every need up to {}{} times the load",
                                 plan.growth_open ? "more than " : "", rough_text(*plan.growth));
  if (users > 0) {
    text += fmt::format(": {} {} more employees", plan.growth_open ? "more than" : "about",
                        rough_text((*plan.growth - 1) * static_cast<double>(users)));
  }
  return text + ".";
}

}  // namespace microdc
