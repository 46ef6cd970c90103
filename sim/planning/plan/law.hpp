// What the law says of a plan: which rules bind the recommended rack, which would bind a cloud, and
// how much of the load no cloud may take. Planning aid, not legal advice.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/economics/catalog.hpp"
#include "sim/planning/plan/search.hpp"
#include "sim/policy/catalog.hpp"
#include "sim/policy/gaps.hpp"

namespace microdc {

/// A rule that decides something here.
struct BindingRule {
  std::string name;  ///< "DE-SGBV-393"
  std::string text;  ///< "SGB V s.393(2)-(4)"
  Regulation::Strength strength = Regulation::Strength::conditional;
  bool forbids = false;  ///< some of the requests at some of the places, whatever is arranged
  /// Not forbidden, but not as described: sets of conditions or attestations any of which would do.
  std::vector<std::vector<std::string>> needs;
  bool from_memory = false;  ///< its text has not been verified
};

struct PlanLaw {
  std::string jurisdiction, sector;  ///< of the organisation; sector: empty, none stated
  std::string day;                   ///< of the rules
  std::vector<BindingRule> own;      ///< of where the racks stand
  std::vector<BindingRule> cloud;    ///< of clouds
  bool scenario_clouds = false;      ///< clouds: the scenario's own, else all offers of the catalog
  std::size_t clouds = 0;            ///< judged
  std::vector<RuleGap> gaps;         ///< classes that no rule concerns, each once
  /// Share of the busiest week's requests that none of the clouds may take; empty: no request.
  std::optional<double> no_cloud_share;
  std::optional<double> forbidden_share;  ///< of it, whatever is arranged
  std::vector<std::string> attestations;  ///< that some cloud or offer states
};

/// Hard rules (absolute and conditional) alone. Empty if no law binds the organisation.
std::optional<PlanLaw> law_of(const Plan& plan, const Scenario& scenario,
                              const PolicyCatalog& rules, const EconomicsCatalog& prices);

/// For people: "on own premises", "for clouds", "no cloud may take", "proof". One line says so if
/// no law was applied.
std::vector<std::pair<std::string, std::string>> law_rows(const std::optional<PlanLaw>& law);

}  // namespace microdc
