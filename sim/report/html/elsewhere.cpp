// Where else requests may run, or did.
#include <fmt/format.h>

#include "sim/economics/levelised.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/report/html/sections.hpp"
#include "sim/report/lawful_baselines.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

/// "GDPR Art. 44 (EU-GDPR-44), …"
std::string rules_text(const std::vector<std::string>& names) {
  std::vector<std::string> texts;
  for (const std::string& name : names) {
    const Regulation* rule = policy_catalog() ? policy_catalog()->regulation(name) : nullptr;
    texts.push_back(rule == nullptr ? name
                                    : fmt::format("{} {} ({})", rule->law, rule->article, name));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace

HtmlChart elsewhere_chart(const Economics& economics, const std::string& currency) {
  HtmlChart chart{
      .kind = HtmlChart::Kind::stacked,
      .title = "The same requests elsewhere",
      .note = "Cost of a year. This rack and rented ones: with staff; a cloud API: tokens alone.",
      .x_label = currency + " a year",
      .horizontal = true};
  HtmlChart::Series own{.name = "this rack", .emphasised = true};
  HtmlChart::Series others{.name = "elsewhere"};
  if (economics.ownership) {
    chart.labels.emplace_back("this rack");
    own.values.emplace_back(economics.ownership->totals.per_year);
    others.values.emplace_back();
  }
  for (const Baseline& baseline : economics.baselines.baselines) {
    if (baseline.kind == Baseline::Kind::nothing) continue;
    chart.labels.push_back(baseline.label);
    own.values.emplace_back();
    others.values.emplace_back(baseline.per_year.value());
  }
  chart.series = {std::move(own), std::move(others)};
  return chart;
}

HtmlTable elsewhere_table(const Economics& economics, const std::string& currency) {
  HtmlTable table{.head = {"The same requests elsewhere", "Lawful", currency + " a year",
                           "Of it staff", currency + " per 1,000"},
                  .note = baseline_staff_text(economics.baselines),
                  .text_columns = 2,
                  .narrow = true,
                  .emphasised = 0};
  if (economics.ownership) {
    const OwnershipTotals& totals = economics.ownership->totals;
    table.rows.push_back(
        {"this rack", "", rounded_text(totals.per_year),
         rounded_text(staff_per_year(*economics.ownership)),
         totals.per_1000_requests ? rounded_text(*totals.per_1000_requests) : "–"});
  } else {
    table.rows.push_back({"this rack", "", "not known", "–", "–"});
  }
  for (const Baseline& baseline : economics.baselines.baselines) {
    std::string lawful = "–";
    if (!baseline.operator_jurisdiction.empty()) {
      lawful = !baseline.lawful     ? "not checked"
               : *baseline.lawful   ? "yes"
               : baseline.forbidden ? "forbidden"
                                    : "not as described";
    }
    std::string label = baseline.label;
    if (baseline.requests_undone >= 1) {
      label += fmt::format(" ({} requests a year undone)", rounded_text(baseline.requests_undone));
    }
    table.rows.push_back(
        {label, lawful, rounded_text(baseline.per_year.value()),
         baseline.kind == Baseline::Kind::rented ? rounded_text(baseline.staff_per_year.value())
                                                 : "–",
         baseline.per_1000_requests ? rounded_text(baseline.per_1000_requests->value()) : "–"});
  }
  for (const auto& [needed, labels] : open_needs(economics.baselines.baselines)) {
    table.note +=
        fmt::format(" Not as described: {}; needed: {}.", fmt::join(labels, "; "), needed);
  }
  return table;
}

HtmlTable residency_table(const ResidencyAudit& audit) {
  HtmlTable table{.head = {"Data", "Where", "Under the law of", "Allowed by", "Requests"},
                  .text_columns = 4};
  for (const AuditedClass& item : audit.classes) {
    const std::string data = item.data_classes.empty()
                                 ? "none stated"
                                 : fmt::format("{}", fmt::join(item.data_classes, ", "));
    for (const AuditedPlace& place : item.places) {
      table.rows.push_back({data, place.name, place.jurisdiction,
                            place.lawful ? rules_text(place.allowed_by)
                                         : "FORBIDDEN by " + rules_text(place.violated),
                            count_text(place.requests)});
    }
  }
  return table;
}

}  // namespace microdc
