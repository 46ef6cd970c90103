// Sentences that a plan's text and its page share.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/judge.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {

std::string attainment_text(const Scenario& scenario) {
  return fmt::format("{:g} %", 100 * scenario.needs.attainment);
}

std::string quantile_name(const Scenario& scenario) {
  return fmt::format("P{:g}", 100 * scenario.needs.attainment);
}

std::string price_text(const Plan& plan, const Scenario& scenario) {
  const Judged& best = plan.judged[*plan.recommended];
  const auto money = [&](double amount) { return money_text(amount, scenario.economics.currency); };
  const auto known = [&](const std::optional<double>& amount) {
    return amount ? money(*amount) : "not known";
  };
  std::string text = fmt::format("It costs {} to buy and {} a year, all in",
                                 known(best.evaluation.purchase), known(best.evaluation.per_year));
  const Finalist* f = plan.finalist_of(*plan.recommended);
  if (f == nullptr || !f->per_year) return text;
  return text + draws_text({f->per_year->p10, f->per_year->p50, f->per_year->p90}, f->draws, money);
}

std::string relaxation_text(const Judged& judged, const std::string& currency) {
  std::vector<std::string> parts;
  for (const Miss& miss : judged.misses) {
    if (!miss.text.empty()) {
      parts.push_back("did without: " + miss.text);
      continue;
    }
    if (miss.need == Need::throughput) {
      parts.push_back(fmt::format("let {} of the requests miss a target instead of {}",
                                  share_text(miss.value), share_text(miss.limit)));
      continue;
    }
    if (miss.need == Need::availability) {
      parts.push_back(fmt::format(
          "lower the limit of availability from {:.6g} % to {} (about {} a year without full "
          "service instead of {})",
          100 * miss.limit, availability_share_text(miss.value), outage_time_text(miss.value),
          outage_time_text(miss.limit)));
      continue;
    }
    std::string change = fmt::format(
        "{} the limit of {} from {} to {}", miss.at_most ? "raise" : "lower", text_of(miss.need),
        value_text(miss.need, miss.limit, currency), value_text(miss.need, miss.value, currency));
    if (miss.excess() < 10) change += fmt::format(" ({:.0f} %)", std::ceil(100 * miss.excess()));
    parts.push_back(std::move(change));
  }
  return fmt::format("{}", fmt::join(parts, " and "));
}

std::string availability_text(const Judged& judged) {
  const std::int64_t needed = judged.candidate.servers_needed();
  const std::string why = all_needed_text(needed, judged.candidate.all_servers() - needed);
  return fmt::format("{}, {}{}{}; {}", availability_share_text(judged.availability),
                     outage_text(judged.availability), why.empty() ? "" : ": ", why,
                     availability_scope);
}

std::string decision_text(const Order& order, const Candidate& candidate, const std::string& what) {
  const std::int64_t more = candidate.all_servers() - order.servers_kept;
  if (more == 0) return "Keep what stands: " + what;
  if (order.servers_kept == 0) return "Buy " + what;
  return fmt::format("Keep {} and buy {} more for {}", order.servers_kept, more, what);
}

namespace {

std::string binding_text(const Plan& plan, const Scenario& scenario) {
  const Judged& relaxed = plan.judged[plan.binding->judged];
  const double share = plan.binding->saving / comparable_cost(plan.judged[*plan.recommended]);
  const bool much = share > scenario.choices.tolerance;
  const std::string& currency = scenario.economics.currency;
  return fmt::format("{} {}: if you {}, {} would save {} a year ({:.1f} %).",
                     much ? "The need that costs most is"
                          : "No need that is nearly met costs much. The most costs",
                     text_of(plan.binding->need), relaxation_text(relaxed, currency),
                     text_of(relaxed.candidate), money_text(plan.binding->saving, currency),
                     100 * share);
}

}  // namespace

std::vector<std::string> limits_texts(const Plan& plan, const Scenario& scenario) {
  std::vector<std::string> texts;
  if (plan.binding) texts.push_back(binding_text(plan, scenario));
  if (plan.nearest_miss && (!plan.binding || plan.binding->judged != *plan.nearest_miss)) {
    const Judged& near = plan.judged[*plan.nearest_miss];
    texts.push_back(fmt::format("The nearest miss{} is {}: it would do if you {}.",
                                plan.recommended ? " among the cheaper ones" : "",
                                text_of(near.candidate),
                                relaxation_text(near, scenario.economics.currency)));
  }
  if (texts.empty()) {
    texts.emplace_back(plan.recommended ? "No need that is nearly met keeps a cheaper rack out."
                                        : "Nothing that was simulated came near.");
  }
  return texts;
}

namespace {

std::string faster_text(const Judged& chosen, const Judged& slower, const Scenario& scenario) {
  const auto ttft = [](const Judged& judged) {
    return judged.evaluation.ttft ? duration_text(*judged.evaluation.ttft) : "an unknown time";
  };
  return fmt::format("this one is faster: {} of the first tokens come within {} instead of {}.",
                     attainment_text(scenario), ttft(chosen), ttft(slower));
}

}  // namespace

std::string servers_text(const Candidate& candidate, const HardwareCatalog& hardware) {
  const std::int64_t count = candidate.all_servers();
  return fmt::format("{} {} of type {}", count, count == 1 ? "server" : "servers",
                     server_label(candidate, hardware));
}

std::string described_text(const Candidate& candidate, const HardwareCatalog& hardware) {
  std::vector<std::string> models;
  for (const PoolChoice& pool : candidate.pools) {
    models.push_back(pool.model + (pool.weights.empty() ? "" : " in " + pool.weights));
  }
  return fmt::format("{} with {}", servers_text(candidate, hardware), fmt::join(models, ", "));
}

bool on_front(const Plan& plan) {
  return std::find(plan.front.begin(), plan.front.end(), plan.recommended) != plan.front.end();
}

std::vector<std::size_t> first_and_recommended(const Plan& plan, std::vector<std::size_t> shown,
                                               std::size_t rows) {
  shown.resize(std::min(rows, shown.size()));
  const bool there = std::find(shown.begin(), shown.end(), plan.recommended) != shown.end();
  if (plan.recommended && !there) shown.push_back(*plan.recommended);
  return shown;
}

std::string preference_text(const Plan& plan, const Scenario& scenario,
                            const std::function<std::string(const Candidate&)>& name) {
  using Reason = Plan::Preference::Reason;
  const Plan::Preference& preference = *plan.preference;
  const Judged& cheapest = plan.judged[preference.over];
  const Judged& chosen = plan.judged[*plan.recommended];
  const Finalist& least = *plan.finalist_of(preference.over);
  const Finalist& finalist = *plan.finalist_of(*plan.recommended);
  const double share = preference.dearer / comparable_cost(chosen);
  std::string text = fmt::format("{} would cost {} {} less ({:.1f} %)", name(cheapest.candidate),
                                 money_text(preference.dearer, scenario.economics.currency),
                                 chosen.evaluation.per_year ? "a year" : "to buy", 100 * share);
  if (preference.reason == Reason::sure) {
    return text + fmt::format(", but meets every need in {} of {} draws only.",
                              least.draws_feasible, least.draws);
  }
  text += share <= scenario.choices.tolerance
              ? ", too little to tell them apart; "
              : fmt::format(", but with the prices of {} in {} draws it costs more; ",
                            finalist.draws - preference.draws_dearer, finalist.draws);
  if (preference.reason == Reason::faster) return text + faster_text(chosen, cheapest, scenario);
  text += fmt::format("this one is surer: {} instead of {} of {} draws meet every need.",
                      finalist.draws_feasible, least.draws_feasible, finalist.draws);
  if (!preference.slower) return text;
  const Judged& slower = plan.judged[*preference.slower];
  return text + fmt::format(" {} is as sure; ", name(slower.candidate)) +
         faster_text(chosen, slower, scenario);
}

}  // namespace microdc
