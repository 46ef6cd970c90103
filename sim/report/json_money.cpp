#include "sim/report/json_money.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/provenance.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson amount_or_null(const std::optional<Cents>& value) {
  return value ? OrderedJson(value->money().value()) : OrderedJson(nullptr);
}
OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}
double amount(Cents value) { return value.money().value(); }

OrderedJson period(const PeriodCost& cost) {
  return {{"amortisation", or_null(cost.amortisation)},
          {"energy", or_null(cost.energy)},
          {"clouds", or_null(cost.clouds)},
          {"total", or_null(cost.total)},
          {"per_1000_requests", or_null(cost.per_1000_requests)},
          {"per_million_output_tokens", or_null(cost.per_million_output_tokens)}};
}

OrderedJson by_kind(const std::array<Cents, cost_kinds>& costs) {
  OrderedJson object = OrderedJson::object();
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    object[std::string(name_of(static_cast<CostKind>(i)))] = amount(costs[i]);
  }
  return object;
}

OrderedJson cash_flow(const Ownership& ownership) {
  OrderedJson rows = OrderedJson::array();
  for (const OwnershipYear& year : ownership.years) {
    OrderedJson row{{"year", year.number}, {"end", year.end}};
    row.update(by_kind(year.costs));
    row["total"] = amount(year.total);
    row["depreciation"] = amount(year.depreciation);
    row["book_value"] = amount(year.book_value);
    rows.push_back(std::move(row));
  }
  return rows;
}

OrderedJson ownership_json(const Economics& economics) {
  if (!economics.ownership) return nullptr;
  const Ownership& own = *economics.ownership;
  const PurchaseTerms& terms = economics.inputs.terms;
  constexpr std::array<const char*, 3> financing{"cash", "loan", "lease"};
  OrderedJson object{
      {"years", terms.years},
      {"discount_rate", terms.discount_rate},
      {"financing", financing[static_cast<std::size_t>(terms.financing.kind)]},
      {"payment_per_year", payment_per_year(terms)},
      {"total", amount(own.total)},
      {"net_present_cost", amount(own.net_present_cost)},
      {"per_year", own.totals.per_year},
      {"per_1000_requests", or_null(own.totals.per_1000_requests)},
      {"per_million_output_tokens", or_null(own.totals.per_million_output_tokens)},
      {"per_employee_month", or_null(economics.per_employee_month)},
      {"employees", economics.inputs.employees > 0 ? OrderedJson(economics.inputs.employees)
                                                   : OrderedJson(nullptr)},
      {"costs", by_kind(own.costs)},
      {"present", by_kind(own.present)},
      {"cash_flow", cash_flow(own)}};
  OrderedJson& basis = object["basis"] = OrderedJson::array();
  for (const CostBasis& item : economics.inputs.basis) {
    basis.push_back({{"cost", name_of(item.kind)}, {"text", item.text}, {"source", item.source}});
  }
  object["not_counted"] = economics.inputs.not_counted;
  return object;
}

}  // namespace

OrderedJson standing_json(const std::optional<bool>& lawful, bool forbidden) {
  if (!lawful) return nullptr;
  return *lawful ? "lawful" : forbidden ? "forbidden" : "not_as_described";
}

OrderedJson baselines_json(const BaselineList& list) {
  OrderedJson array = OrderedJson::array();
  for (const Baseline& item : list.baselines) {
    array.push_back({{"kind", name_of(item.kind)},
                     {"name", item.name},
                     {"label", item.label},
                     {"per_year", item.per_year.value()},
                     {"staff_per_year", item.staff_per_year.value()},
                     {"per_1000_requests", or_null(item.per_1000_requests)},
                     {"per_million_output_tokens", or_null(item.per_million_output_tokens)},
                     {"requests_undone", item.requests_undone},
                     {"jurisdiction", text_or_null(item.jurisdiction)},
                     {"operator_jurisdiction", text_or_null(item.operator_jurisdiction)},
                     {"lawful", item.lawful ? OrderedJson(*item.lawful) : OrderedJson(nullptr)},
                     {"standing", standing_json(item.lawful, item.forbidden)},
                     {"needs", item.needs},
                     {"basis", item.basis},
                     {"source", text_or_null(item.source)}});
  }
  return array;
}

OrderedJson parts_total_json(const PartsList& list) {
  const auto known = [&](Cents value) {
    return list.complete() ? OrderedJson(amount(value)) : OrderedJson(nullptr);
  };
  return {{"servers", known(list.servers)},
          {"facility", known(list.facility)},
          {"sales_tax", known(list.sales_tax)},
          {"total", known(list.total)},
          {"lead_time_s", or_null(list.lead_time)}};
}

OrderedJson parts_json(const PartsList& list) {
  OrderedJson array = OrderedJson::array();
  for (const Part& part : list.parts) {
    array.push_back({{"item", part.item},
                     {"label", part.label},
                     {"server_group", text_or_null(part.group)},
                     {"quantity", part.quantity},
                     {"unit", text_or_null(part.unit)},
                     {"unit_price", amount(part.unit_price)},
                     {"low", amount_or_null(part.low)},
                     {"high", amount_or_null(part.high)},
                     {"price", amount(part.price)},
                     {"price_from", name_of(part.from)},
                     {"kind", part.from == Part::From::catalog ? OrderedJson(name_of(part.kind))
                                                               : OrderedJson(nullptr)},
                     {"source", part.source},
                     {"date", text_or_null(part.date)},
                     {"lead_time_s", or_null(part.lead_time)},
                     {"lead_time_source", text_or_null(part.lead_time_source)}});
  }
  return array;
}

OrderedJson cost_json(const Report& report) {
  const RunCost& run = report.cost;
  OrderedJson object{{"currency", run.currency},
                     {"capex", or_null(run.capex)},
                     {"capex_from", run.capex_from_scenario ? "scenario" : "catalog"},
                     {"depreciation_years", run.depreciation_years}};
  object.update(period(run.simulated));
  OrderedJson& sites = object["energy_by_site"] = OrderedJson::array();
  for (const SiteEnergyCost& site : run.sites) {
    sites.push_back({{"name", site.site}, {"energy", or_null(site.energy)}});
  }
  OrderedJson& year = object["per_year"] = period(run.year);
  year["requests"] = run.year_known ? OrderedJson(run.year.requests) : OrderedJson();
  year["output_tokens"] = run.year_known ? OrderedJson(run.year.output_tokens) : OrderedJson();
  year["per_user"] = or_null(run.year_per_user);
  year["basis"] = run.year_basis;
  object["parts_total"] = parts_total_json(report.economics.parts);
  object["parts"] = parts_json(report.economics.parts);
  object["ownership"] = ownership_json(report.economics);
  object["baselines"] = baselines_json(report.economics.baselines);
  return object;
}

}  // namespace microdc
