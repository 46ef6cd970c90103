#include "sim/report/json_policy.hpp"

#include <nlohmann/json.hpp>

#include "sim/policy/catalog.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson place_json(const AuditedPlace& place) {
  return {{"name", place.name},
          {"site", place.cloud ? OrderedJson(nullptr) : OrderedJson(place.site)},
          {"cloud", place.cloud},
          {"jurisdiction", place.jurisdiction},
          {"operator_jurisdiction", place.operator_jurisdiction},
          {"requests", place.requests},
          {"lawful", place.lawful},
          {"allowed_by", place.allowed_by},
          {"violated", place.violated},
          {"breached_policies", place.breached},
          {"exposed_by", place.exposed_by},
          {"unverified", place.unverified}};
}

}  // namespace

OrderedJson residency_json(const std::optional<ResidencyAudit>& audit) {
  if (!audit) return nullptr;
  OrderedJson object{{"note", policy_disclaimer},
                     {"rules_of", audit->day},
                     {"catalog_of", audit->catalog_of},
                     {"requests", audit->requests},
                     {"placements", audit->placements},
                     {"violations", audit->violations},
                     {"no_cloud_share", or_null(audit->no_cloud_share)}};
  OrderedJson& classes = object["classes"] = OrderedJson::array();
  for (const AuditedClass& own : audit->classes) {
    OrderedJson places = OrderedJson::array();
    for (const AuditedPlace& place : own.places) places.push_back(place_json(place));
    OrderedJson gaps = OrderedJson::array();
    for (const AuditedGap& gap : own.without_rule) {
      gaps.push_back({{"data_class", gap.data_class}, {"rules_there_on", gap.ruled}});
    }
    classes.push_back({{"data_classes", own.data_classes},
                       {"workloads", own.workloads},
                       {"requests", own.requests},
                       {"without_rule", std::move(gaps)},
                       {"some_cloud_may", or_null(own.some_cloud_may)},
                       {"all_clouds_may", or_null(own.all_clouds_may)},
                       {"places", std::move(places)}});
  }
  return object;
}

OrderedJson routing_json(const std::optional<RoutingOutcome>& outcome) {
  if (!outcome) return nullptr;
  const auto money = [](const std::optional<Money>& amount) {
    return amount ? OrderedJson(amount->value()) : OrderedJson(nullptr);
  };
  return {{"small", outcome->small},
          {"large", outcome->large},
          {"curve", outcome->curve},
          {"router", outcome->router},
          {"requests", outcome->requests},
          {"to_large", outcome->to_large},
          {"moved_by_law", outcome->moved_by_law},
          {"spilled", outcome->spilled},
          {"large_share", outcome->large_share},
          {"gap_recovered", or_null(outcome->gap_recovered)},
          {"quality_retained", or_null(outcome->quality_retained)},
          {"quality_retained_random", or_null(outcome->retained_if_random)},
          {"quality_retained_oracle", or_null(outcome->retained_if_oracle)},
          {"everyone_large_cost", money(outcome->everyone_large)}};
}

OrderedJson clouds_json(const SimulationResult& result) {
  OrderedJson list = OrderedJson::array();
  for (const CloudResult& cloud : result.clouds) {
    list.push_back({{"name", cloud.name},
                    {"requests", cloud.requests},
                    {"input_tokens", cloud.input_tokens},
                    {"output_tokens", cloud.output_tokens}});
  }
  return list;
}

}  // namespace microdc
