#include <nlohmann/json.hpp>

#include "sim/planning/plan/answer.hpp"
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
          {"servers_bought", candidate.servers_bought()},
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

}  // namespace

OrderedJson plan_json(const Plan& plan, const Scenario& scenario,
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
                   {"pareto_front", front},
                   {"nearest_miss", judged(plan.nearest_miss)},
                   {"other_kind", judged(plan.other_kind)},
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
