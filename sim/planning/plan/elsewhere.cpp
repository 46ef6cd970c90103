#include "sim/planning/plan/elsewhere.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/report/lawful_baselines.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

/// What cost_of_run said of the year.
RunCost year_of_week(const Evaluation& evaluation, const Scenario& chosen) {
  const auto money = [](const std::optional<double>& amount) {
    return amount ? std::optional(Money(*amount)) : std::nullopt;
  };
  RunCost cost{.currency = chosen.economics.currency};
  cost.year.time = Seconds(seconds_per_year);
  cost.year.requests = *evaluation.requests_per_year;
  cost.year.input_tokens = evaluation.input_tokens_per_year.value_or(0);
  cost.year.output_tokens = evaluation.output_tokens_per_year.value_or(0);
  cost.year.energy = money(evaluation.energy_per_year);
  cost.year.clouds = money(evaluation.clouds_per_year);
  if (evaluation.facility_per_year) cost.year.facility = Joules(*evaluation.facility_per_year);
  if (evaluation.carbon_per_year) cost.year.carbon_grams = *evaluation.carbon_per_year * 1e6;
  return cost;
}

/// Whether the models behind a baseline are as good as the scenario needs; true if not known.
bool good_enough(const Baseline& baseline, const Scenario& scenario,
                 const EconomicsCatalog& prices) {
  if (baseline.kind != Baseline::Kind::cloud_api || !scenario.needs.quality) return true;
  const auto cloud =
      std::find_if(scenario.clouds.begin(), scenario.clouds.end(),
                   [&](const CloudSpec& candidate) { return candidate.name == baseline.name; });
  const CloudOffer* offer =
      prices.offer(cloud == scenario.clouds.end() ? baseline.name : cloud->offer);
  return offer == nullptr || !offer->quality || offer->quality->value >= *scenario.needs.quality;
}

/// "A lawful cloud (…)", "Lawful rented accelerators (…)"
std::string subject_of(const Baseline& baseline) {
  const bool cloud = baseline.kind == Baseline::Kind::cloud_api;
  const char* what = cloud
                         ? (baseline.lawful ? "A lawful cloud" : "A cloud")
                         : (baseline.lawful ? "Lawful rented accelerators" : "Rented accelerators");
  // "cloud API, mistral-small (Mistral)", "rented 2 x L40S, in office hours"
  std::string label = baseline.label;
  for (const std::string_view start : {"cloud API, ", "rented "}) {
    if (label.starts_with(start)) label.erase(0, start.size());
  }
  return fmt::format("{} ({})", what, label);
}

}  // namespace

std::optional<Economics> economics_of_week(const Evaluation& evaluation, const Scenario& chosen,
                                           const HardwareCatalog& hardware,
                                           const EconomicsCatalog& prices) {
  if (!evaluation.requests_per_year) return std::nullopt;
  Economics economics = economics_of(chosen, hardware, prices, year_of_week(evaluation, chosen));
  if (policy_catalog()) {
    judge_baselines(chosen, *policy_catalog(), prices, economics.baselines.baselines);
  }
  return economics;
}

const Baseline* cheaper_elsewhere(const Plan& plan, const Scenario& scenario,
                                  const EconomicsCatalog& prices) {
  if (!plan.economics || !plan.economics->ownership) return nullptr;
  const Baseline* cheapest = nullptr;
  for (const Baseline& baseline : plan.economics->baselines.baselines) {
    if (baseline.kind == Baseline::Kind::nothing || baseline.lawful == false) continue;
    if (baseline.per_year.value() >= plan.economics->ownership->totals.per_year) continue;
    if (!good_enough(baseline, scenario, prices)) continue;
    if (cheapest == nullptr || baseline.per_year < cheapest->per_year) cheapest = &baseline;
  }
  return cheapest;
}

std::string cheaper_elsewhere_text(const Plan& plan, const Scenario& scenario,
                                   const EconomicsCatalog& prices) {
  const Baseline* other = cheaper_elsewhere(plan, scenario, prices);
  if (other == nullptr) return "";
  std::string text = fmt::format("{} would cost {} a year", subject_of(*other),
                                 money_text(other->per_year.value(), scenario.economics.currency));
  if (!other->lawful) text += ", if the law lets the data go there (not checked)";
  const bool kept = plan.order && plan.order->servers_kept ==
                                      plan.judged[*plan.recommended].candidate.all_servers();
  text += fmt::format(
      "; {} only if the data has to stay in the house for other reasons than its "
      "law",
      kept ? "keep it" : "buy");
  // Tokens cost in proportion to the requests, the rack about the same whatever it serves.
  const double times = other->per_year.value() > 0
                           ? plan.economics->ownership->totals.per_year / other->per_year.value()
                           : 0;
  const bool carried = plan.growth && (plan.growth_open || times <= *plan.growth);
  if (other->kind == Baseline::Kind::cloud_api && times > 0 && carried) {
    text +=
        fmt::format(", or the load is going to be more than {} times today's", rough_text(times));
  }
  return text + ".";
}

}  // namespace microdc
