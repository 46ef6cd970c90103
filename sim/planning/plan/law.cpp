#include "sim/planning/plan/law.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/policy/residency.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

/// Rules of a verdict that are law, each once.
void collect(const Verdict& verdict, const PolicyCatalog& rules, std::vector<BindingRule>& all) {
  for (const Decision& decision : verdict.decisions) {
    if (decision.strength == Regulation::Strength::soft) continue;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const BindingRule& rule) { return rule.name == decision.rule; });
    if (at == all.end()) {
      const Regulation* rule = rules.regulation(decision.rule);
      all.push_back({.name = decision.rule, .strength = decision.strength});
      at = all.end() - 1;
      if (rule != nullptr) at->text = fmt::format("{} {}", rule->law, rule->article);
    }
    at->forbids = at->forbids || (!decision.satisfied && decision.open.empty());
    for (const auto& way : decision.open) {
      if (std::find(at->needs.begin(), at->needs.end(), way) == at->needs.end()) {
        at->needs.push_back(way);
      }
    }
    at->from_memory = at->from_memory || decision.from_memory;
  }
}

/// Each class once.
void add_gaps(std::vector<RuleGap> found, std::vector<RuleGap>& gaps) {
  for (RuleGap& gap : found) {
    const bool known = std::any_of(gaps.begin(), gaps.end(), [&](const RuleGap& other) {
      return other.data_class == gap.data_class;
    });
    if (!known) gaps.push_back(std::move(gap));
  }
}

/// The scenario's clouds, or every offer as if the scenario named it.
std::vector<DataLocation> clouds_to_judge(const Scenario& scenario,
                                          const EconomicsCatalog& prices) {
  std::vector<DataLocation> locations;
  for (const DataPlace& place : data_places(scenario)) {
    if (place.cloud) locations.push_back(place.locations.front());
  }
  if (!scenario.clouds.empty()) return locations;
  for (const CloudOffer& offer : prices.offers) {
    locations.push_back({.jurisdiction = offer.jurisdiction,
                         .operator_jurisdiction = offer.operator_jurisdiction,
                         .third_party = true,
                         .attestations = offer.attestations});
  }
  return locations;
}

std::string rules_text(const std::vector<BindingRule>& rules) {
  if (rules.empty()) return "no rule of the catalog";
  std::vector<std::string> names;
  for (const BindingRule& rule : rules) {
    names.push_back(
        fmt::format("{} ({}{})", rule.text, rule.name, rule.from_memory ? ", from memory" : ""));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string own_rules_text(const PlanLaw& law) {
  return law.own.empty() ? "no rule of the catalog restricts data there" : rules_text(law.own);
}

/// Those that keep something out stand before the others, which are fulfilled.
std::string cloud_rules_text(const PlanLaw& law) {
  std::vector<BindingRule> forbid, fulfilled;
  std::vector<std::string> open;
  for (const BindingRule& rule : law.cloud) {
    if (rule.forbids) forbid.push_back(rule);
    if (!rule.needs.empty()) {
      const std::string needed =
          policy_catalog() ? needs_text(*policy_catalog(), {rule.needs}, law.attestations) : "";
      open.push_back(fmt::format("{} asks for: {}", rules_text({rule}), needed));
    }
    if (!rule.forbids && rule.needs.empty()) fulfilled.push_back(rule);
  }
  std::vector<std::string> parts;
  if (!forbid.empty()) parts.push_back("some or all are forbidden by " + rules_text(forbid));
  if (!open.empty()) {
    parts.push_back(fmt::format("some or all may not as described: {}", fmt::join(open, "; ")));
  }
  if (parts.empty()) return rules_text(fulfilled);
  if (!fulfilled.empty()) parts.push_back("fulfilled: " + rules_text(fulfilled));
  return fmt::format("{}", fmt::join(parts, "; "));
}

/// "Ontario (CA-ON), hospital run by the state, in force on 2026-11-27"
std::string subject_text(const PlanLaw& law) {
  const PolicyCatalog* rules = policy_catalog() ? &*policy_catalog() : nullptr;
  const Jurisdiction* place = rules != nullptr ? rules->jurisdiction(law.jurisdiction) : nullptr;
  const Sector* sector = rules != nullptr ? rules->sector(law.sector) : nullptr;
  return fmt::format(
      "{}, {}, in force on {}",
      place == nullptr ? law.jurisdiction : fmt::format("{} ({})", place->label, place->name),
      law.sector.empty()  ? "no sector stated"
      : sector == nullptr ? law.sector
                          : sector->label,
      law.day);
}

std::string clouds_text(const PlanLaw& law) {
  if (law.clouds == 0) return "of no cloud";
  if (law.scenario_clouds) {
    return law.clouds == 1 ? "judged: the scenario's cloud"
                           : fmt::format("judged: the {} clouds of the scenario", law.clouds);
  }
  return fmt::format("judged: the {} offers of the catalog with their attestations", law.clouds);
}

}  // namespace

std::optional<PlanLaw> law_of(const Plan& plan, const Scenario& scenario,
                              const PolicyCatalog& rules, const EconomicsCatalog& prices) {
  const OrganisationSpec& own = scenario.organisation;
  if (own.jurisdiction.empty()) return std::nullopt;
  PlanLaw law{.jurisdiction = own.jurisdiction,
              .sector = own.sector,
              .day = own.date.empty() ? rules.as_of : own.date};
  const Scenario rack =
      plan.recommended ? scenario_of(scenario, plan.judged[*plan.recommended].candidate) : scenario;
  const std::vector<DataPlace> places = data_places(rack);
  const std::vector<DataLocation> clouds = clouds_to_judge(scenario, prices);
  law.scenario_clouds = !scenario.clouds.empty();
  law.clouds = clouds.size();
  law.attestations = prices.stated_attestations();
  std::int64_t all = 0;
  std::int64_t no_cloud = 0;
  std::int64_t forbidden = 0;
  for (std::size_t w = 0; w < scenario.workloads.size(); ++w) {
    const DataSubject subject = subject_of(scenario, scenario.workloads[w]);
    for (const DataPlace& place : places) {
      if (place.cloud) continue;
      for (const DataLocation& location : place.locations) {
        collect(judge(rules, subject, location), rules, law.own);
      }
    }
    add_gaps(rule_gaps(rules, subject), law.gaps);
    bool some_may = false;
    bool some_could = false;
    for (const DataLocation& location : clouds) {
      const Verdict verdict = judge(rules, subject, location);
      collect(verdict, rules, law.cloud);
      some_may = some_may || verdict.allowed;
      some_could = some_could || !verdict.forbidden();
    }
    const std::int64_t requests = w < plan.requests_of.size() ? plan.requests_of[w] : 0;
    all += requests;
    if (!some_may) no_cloud += requests;
    if (!some_could) forbidden += requests;
  }
  if (all > 0) {
    law.no_cloud_share = static_cast<double>(no_cloud) / static_cast<double>(all);
    law.forbidden_share = static_cast<double>(forbidden) / static_cast<double>(all);
  }
  return law;
}

std::vector<std::pair<std::string, std::string>> law_rows(const std::optional<PlanLaw>& law) {
  if (!law) {
    return {{"no law applied",
             "the scenario names no organisation.jurisdiction (`microdc list jurisdictions`)"}};
  }
  std::vector<std::pair<std::string, std::string>> rows{{"law of", subject_text(*law)},
                                                        {"on own premises", own_rules_text(*law)},
                                                        {"for clouds", cloud_rules_text(*law)}};
  for (const RuleGap& gap : law->gaps) rows.emplace_back("WITHOUT A RULE", gap_text(gap));
  if (law->no_cloud_share) {
    rows.emplace_back(
        "no cloud may take",
        fmt::format(
            "{} of the requests of the busiest week as described, {} whatever is arranged ({})",
            share_text(*law->no_cloud_share), share_text(*law->forbidden_share),
            clouds_text(*law)));
  }
  rows.emplace_back("proof",
                    "`microdc simulate recommended.json` audits where every request went; `microdc "
                    "show regulations NAME` shows a rule and its source");
  return rows;
}

}  // namespace microdc
