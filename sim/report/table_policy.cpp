// Where data went, and what routing by complexity kept.
#include <fmt/format.h>

#include <algorithm>

#include "sim/policy/catalog.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/table_parts.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string requests_text(std::int64_t count) {
  return count_text(count) + (count == 1 ? " request" : " requests");
}

/// "ours at hospital (CA-ON): 120 requests; allowed by CA-ON-PHIPA-12"
std::string place_text(const AuditedPlace& place) {
  std::string where = place.jurisdiction;
  if (place.operator_jurisdiction != place.jurisdiction) {
    where += ", operator of " + place.operator_jurisdiction;
  }
  std::string text = fmt::format("{}{} ({}): {}", place.cloud ? "cloud " : "", place.name, where,
                                 requests_text(place.requests));
  if (!place.violated.empty()) text += "; FORBIDDEN by " + joined(place.violated);
  if (!place.allowed_by.empty()) text += "; allowed by " + joined(place.allowed_by);
  if (place.violated.empty() && place.allowed_by.empty()) text += "; no rule applies";
  if (!place.breached.empty()) text += "; breaches the policy " + joined(place.breached);
  if (!place.exposed_by.empty()) text += "; exposed by " + joined(place.exposed_by);
  return text;
}

/// Rules whose text nobody has verified, over all places.
std::vector<std::string> unverified_rules(const ResidencyAudit& audit) {
  std::vector<std::string> rules;
  for (const AuditedClass& own : audit.classes) {
    for (const AuditedPlace& place : own.places) {
      for (const std::string& rule : place.unverified) {
        if (std::find(rules.begin(), rules.end(), rule) == rules.end()) rules.push_back(rule);
      }
    }
  }
  return rules;
}

}  // namespace

std::string audited_gap_text(const AuditedGap& gap) {
  return fmt::format(
      "the catalog has no rule on \"{}\" of this organisation; it has rules of its place on: {}",
      gap.data_class, joined(gap.ruled));
}

std::string residency_section(const Report& report) {
  if (!report.residency) return "";
  const ResidencyAudit& audit = *report.residency;
  std::string text = fmt::format("\nWhere data went ({})\n", policy_disclaimer);
  text += wrapped(fmt::format("{} checked against the rules of {} (catalog of {}): {}.",
                              requests_text(audit.requests), audit.day, audit.catalog_of,
                              audit.violations == 0 ? "none went where a rule forbids it"
                                                    : fmt::format("{} WENT WHERE A RULE FORBIDS IT",
                                                                  count_text(audit.violations))),
                  "  ", 2);
  for (const AuditedClass& own : audit.classes) {
    text +=
        wrapped(fmt::format("{} ({})",
                            own.data_classes.empty() ? "no class stated" : joined(own.data_classes),
                            joined(own.workloads)),
                "  ", 2);
    for (const AuditedPlace& place : own.places) text += wrapped(place_text(place), "    - ", 6);
    for (const AuditedGap& gap : own.without_rule) {
      text += wrapped(audited_gap_text(gap), "    - ", 6);
    }
    if (own.some_cloud_may && !*own.some_cloud_may) {
      text += wrapped("no cloud of this scenario may take them as described", "    - ", 6);
    }
  }
  if (audit.no_cloud_share) {
    text += wrapped(
        fmt::format(
            "Share of the requests that no cloud of this scenario may take as described: {}.",
            share_text(*audit.no_cloud_share)),
        "  ", 2);
  }
  const std::vector<std::string> unverified = unverified_rules(audit);
  if (!unverified.empty()) {
    text +=
        wrapped("From memory, to be verified with counsel: " + joined(unverified) + ".", "  ", 2);
  }
  return text;
}

std::string routing_section(const Report& report) {
  if (!report.routing) return "";
  const RoutingOutcome& routing = *report.routing;
  const auto share = [](const std::optional<double>& value) {
    return value ? share_text(*value) : std::string("not known");
  };
  std::vector<std::pair<std::string, std::string>> rows{
      {"to " + routing.large,
       fmt::format("{} of {} ({})", count_text(routing.to_large), requests_text(routing.requests),
                   share_text(routing.large_share))},
      {"quality kept",
       fmt::format("{} of what {} alone gives (random choice {}, perfect choice {})",
                   share(routing.quality_retained), routing.large,
                   share(routing.retained_if_random), share(routing.retained_if_oracle))},
      {"measured as",
       fmt::format("{}, {} router; other pairs of models differ", routing.curve, routing.router)}};
  if (routing.moved_by_law > 0) {
    rows.emplace_back("moved by law", requests_text(routing.moved_by_law) +
                                          " went to the other model, as theirs may not have them");
  }
  if (routing.spilled > 0) {
    rows.emplace_back("spilled",
                      requests_text(routing.spilled) + ", of which no quality is claimed");
  }
  if (routing.everyone_large) {
    rows.emplace_back(
        "everyone on " + routing.large,
        fmt::format("{} for the tokens of these requests, and {} now for those that go to clouds",
                    money_text(routing.everyone_large->value(), report.cost.currency),
                    report.cost.simulated.clouds
                        ? money_text(report.cost.simulated.clouds->value(), report.cost.currency)
                        : "not known"));
  }
  return "\nRouting by complexity\n" + labelled(rows);
}

}  // namespace microdc
