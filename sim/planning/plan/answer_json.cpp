#include <array>
#include <nlohmann/json.hpp>

#include "sim/economics/levelised.hpp"
#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/elsewhere.hpp"
#include "sim/report/json_money.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson json_of(const std::optional<Spread>& spread) {
  if (!spread) return nullptr;
  return {{"p10", spread->p10}, {"p50", spread->p50}, {"p90", spread->p90}};
}

OrderedJson json_of(const Candidate& candidate, const Scenario& scenario) {
  OrderedJson sites = OrderedJson::array();
  for (const std::size_t site : candidate.sites) sites.push_back(scenario.sites[site].name);
  OrderedJson pools = OrderedJson::array();
  for (std::size_t i = 0; i < candidate.pools.size(); ++i) {
    const PoolChoice& pool = candidate.pools[i];
    pools.push_back({{"pool", scenario.pools[i].name},
                     {"model", pool.model},
                     {"weights", pool.weights.empty() ? OrderedJson() : OrderedJson(pool.weights)},
                     {"engine", pool.engine},
                     {"tp", pool.tp},
                     {"pp", pool.pp},
                     {"replicas", pool.replicas}});
  }
  return {{"server", candidate.server},
          {"servers", candidate.servers},
          {"spare_servers", candidate.spare},
          {"sites", sites},
          {"spare_sites", candidate.spare_sites},
          {"all_servers", candidate.all_servers()},
          {"pools", pools}};
}

OrderedJson json_of(const std::vector<Miss>& misses) {
  OrderedJson list = OrderedJson::array();
  for (const Miss& miss : misses) {
    OrderedJson item{{"need", text_of(miss.need)}};
    if (miss.text.empty()) {
      item["value"] = miss.value;
      item["limit"] = miss.limit;
      item["relax_by"] = miss.excess();
    } else {
      item["reason"] = miss.text;
    }
    list.push_back(std::move(item));
  }
  return list;
}

OrderedJson json_of(const Judged& judged, const Scenario& scenario) {
  const Evaluation& e = judged.evaluation;
  return {{"candidate", json_of(judged.candidate, scenario)},
          {"feasible", judged.feasible()},
          {"misses", json_of(judged.misses)},
          {"purchase", or_null(e.purchase)},
          {"cost_per_year", or_null(e.per_year)},
          {"energy_cost_per_year", or_null(e.energy_per_year)},
          {"carbon_t_per_year", or_null(e.carbon_per_year)},
          {"within_targets", e.stopped ? OrderedJson() : OrderedJson(e.within_share())},
          {"ttft_s", {{"p50", or_null(e.ttft_p50)}, {"at_attainment", or_null(e.ttft)}}},
          {"tpot_s", {{"p50", or_null(e.tpot_p50)}, {"at_attainment", or_null(e.tpot)}}},
          {"peak_power_w", or_null(e.peak_power)},
          {"mean_power_w", or_null(e.mean_power)},
          {"busy_share", e.busy_share},
          {"availability", judged.availability},
          {"quality", or_null(judged.quality)},
          {"rack_units", judged.rack_units}};
}

OrderedJson json_of(const std::optional<Plan::Preference>& preference, const Plan& plan,
                    const Scenario& scenario) {
  if (!preference) return nullptr;
  constexpr std::array<const char*, 3> reasons{"sure", "surer", "faster"};
  return {{"over", json_of(plan.judged[preference->over].candidate, scenario)},
          {"reason", reasons[static_cast<std::size_t>(preference->reason)]},
          {"dearer_per_year", plan.judged[preference->over].evaluation.per_year
                                  ? OrderedJson(preference->dearer)
                                  : OrderedJson()},
          {"draws_dearer", preference->draws_dearer}};
}

OrderedJson json_of_finalists(const Plan& plan, const Scenario& scenario) {
  OrderedJson list = OrderedJson::array();
  for (const Finalist& f : plan.finalists) {
    list.push_back({{"candidate", json_of(plan.judged[f.judged].candidate, scenario)},
                    {"draws", f.draws},
                    {"draws_feasible", f.draws_feasible},
                    {"ttft_s", json_of(f.ttft)},
                    {"tpot_s", json_of(f.tpot)},
                    {"cost_per_year", json_of(f.per_year)},
                    {"purchase", json_of(f.purchase)}});
  }
  return list;
}

OrderedJson json_of(const Timetable& timetable) {
  const auto seconds = [](const std::optional<Seconds>& time) {
    return time ? OrderedJson(time->value()) : OrderedJson();
  };
  const auto text = [](const std::string& words) {
    return words.empty() ? OrderedJson() : OrderedJson(words);
  };
  return {{"ordered", text(timetable.ordered)},
          {"lead_time_s", seconds(timetable.delivery)},
          {"slowest", text(timetable.slowest)},
          {"lead_time_source", text(timetable.delivery_source)},
          {"installation_s", seconds(timetable.installation)},
          {"serves_from", text(timetable.serves_from)},
          {"outgrown_years", or_null(timetable.outgrown)},
          {"outgrown_years_early", or_null(timetable.outgrown_early)},
          {"outgrown_years_late", or_null(timetable.outgrown_late)}};
}

OrderedJson json_of(const std::optional<Order>& order) {
  if (!order) return nullptr;
  return {
      {"servers_kept", order->servers_kept},
      {"servers_left_over", order->servers_idle},
      {"full_load_w", order->full_load ? OrderedJson(order->full_load->value()) : OrderedJson()},
      {"timetable", json_of(order->timetable)},
      {"parts", parts_json(order->parts)},
      {"sums", parts_total_json(order->parts)}};
}

OrderedJson json_of(const std::vector<BindingRule>& rules) {
  OrderedJson list = OrderedJson::array();
  for (const BindingRule& rule : rules) {
    list.push_back({{"rule", rule.name},
                    {"text", rule.text},
                    {"strength", name_of(rule.strength)},
                    {"forbids", rule.forbids},
                    {"needs", rule.needs},
                    {"from_memory", rule.from_memory}});
  }
  return list;
}

OrderedJson json_of(const std::vector<RuleGap>& gaps) {
  OrderedJson list = OrderedJson::array();
  for (const RuleGap& gap : gaps) {
    OrderedJson ruled = OrderedJson::array();
    for (const auto& [name, sectors] : gap.ruled) ruled.push_back(name);
    list.push_back({{"data_class", gap.data_class}, {"rules_there_on", std::move(ruled)}});
  }
  return list;
}

OrderedJson json_of(const std::optional<PlanLaw>& law) {
  if (!law) return nullptr;
  return {{"note", policy_disclaimer},
          {"jurisdiction", law->jurisdiction},
          {"sector", law->sector.empty() ? OrderedJson() : OrderedJson(law->sector)},
          {"rules_of", law->day},
          {"own_premises", json_of(law->own)},
          {"clouds", json_of(law->cloud)},
          {"without_rule", json_of(law->gaps)},
          {"clouds_of", law->scenario_clouds ? "scenario" : "catalog"},
          {"clouds_judged", law->clouds},
          {"no_cloud_share", or_null(law->no_cloud_share)},
          {"forbidden_share", or_null(law->forbidden_share)},
          {"proof", "the residency of simulate recommended.json"}};
}

OrderedJson elsewhere_json(const Plan& plan, const Scenario& scenario) {
  if (!plan.economics || !plan.recommended) return nullptr;
  const Economics& economics = *plan.economics;
  const Evaluation& best = plan.judged[*plan.recommended].evaluation;
  const auto& own = economics.ownership;
  const Baseline* cheaper = cheaper_elsewhere(plan, scenario, *economics_catalog());
  return {{"rack_per_year", own ? OrderedJson(own->totals.per_year) : OrderedJson()},
          {"rack_staff_per_year", own ? OrderedJson(staff_per_year(*own)) : OrderedJson()},
          {"requests_per_year", or_null(best.requests_per_year)},
          {"input_tokens_per_year", or_null(best.input_tokens_per_year)},
          {"output_tokens_per_year", or_null(best.output_tokens_per_year)},
          {"cheaper", cheaper != nullptr ? OrderedJson(cheaper->name) : OrderedJson()},
          {"baselines", baselines_json(economics.baselines)}};
}

}  // namespace

OrderedJson plan_json(const Plan& plan, const Scenario& scenario, const std::optional<PlanLaw>& law,
                      const std::string& inputs_sha256) {
  const auto judged = [&](const std::optional<std::size_t>& index) {
    return index ? json_of(plan.judged[*index], scenario) : OrderedJson();
  };
  OrderedJson ruled_out = OrderedJson::object();
  for (int i = 0; i < need_count; ++i) {
    const std::size_t count = plan.ruled_out[static_cast<std::size_t>(i)];
    if (count > 0) ruled_out[std::string(text_of(static_cast<Need>(i)))] = count;
  }
  OrderedJson front = OrderedJson::array();
  for (const std::size_t index : plan.front) front.push_back(judged(index));
  OrderedJson sources = OrderedJson::array();
  for (const SourceSpread& source : plan.sources) {
    sources.push_back({{"source", source.source},
                       {"ttft_s", json_of(source.ttft)},
                       {"cost_per_year", json_of(source.per_year)}});
  }
  OrderedJson json{{"schema_version", plan_schema_version},
                   {"scenario", scenario.name},
                   {"seed", scenario.seed},
                   {"inputs_sha256", inputs_sha256},
                   {"currency", scenario.economics.currency},
                   {"feasible", plan.recommended.has_value()},
                   {"recommended", judged(plan.recommended)},
                   {"order", json_of(plan.order)},
                   {"elsewhere", elsewhere_json(plan, scenario)},
                   {"law", json_of(law)},
                   {"preference", json_of(plan.preference, plan, scenario)},
                   {"pareto_front", front},
                   {"nearest_miss", judged(plan.nearest_miss)},
                   {"other_kind", judged(plan.other_kind)},
                   {"other_kind_that_does", judged(plan.other_kind_that_does)},
                   {"finalists", json_of_finalists(plan, scenario)},
                   {"uncertainty", sources}};
  json["growth"] = plan.growth ? OrderedJson{{"load", *plan.growth}, {"at_least", plan.growth_open}}
                               : OrderedJson();
  json["binding"] = plan.binding ? OrderedJson{{"need", text_of(plan.binding->need)},
                                               {"saving_per_year", plan.binding->saving},
                                               {"with", judged(plan.binding->judged)}}
                                 : OrderedJson();
  json["search"] = {{"combinations", plan.combinations}, {"ruled_out", ruled_out},
                    {"simulated", plan.simulated},       {"too_dear", plan.too_dear},
                    {"week_requests", plan.requests},    {"weeks_looked_at", plan.weeks_looked_at}};
  return json;
}

}  // namespace microdc
