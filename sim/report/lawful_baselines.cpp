#include "sim/report/lawful_baselines.hpp"

#include <algorithm>

#include "sim/policy/residency.hpp"

namespace microdc {
namespace {

std::vector<std::string> attestations_of(const Scenario& scenario, const EconomicsCatalog& catalog,
                                         const std::string& name) {
  for (const CloudSpec& cloud : scenario.clouds) {
    if (cloud.name == name || cloud.offer == name) return cloud.attestations;
  }
  const CloudOffer* offer = catalog.offer(name);
  return offer == nullptr ? std::vector<std::string>{} : offer->attestations;
}

}  // namespace

void judge_baselines(const Scenario& scenario, const PolicyCatalog& rules,
                     const EconomicsCatalog& catalog, std::vector<Baseline>& baselines) {
  for (Baseline& baseline : baselines) {
    if (baseline.operator_jurisdiction.empty()) continue;
    const auto verdict =
        verdict_of_all(scenario, rules,
                       {.jurisdiction = baseline.jurisdiction,
                        .operator_jurisdiction = baseline.operator_jurisdiction,
                        .third_party = true,
                        .attestations = attestations_of(scenario, catalog, baseline.name)});
    if (!verdict) continue;
    baseline.lawful = verdict->allowed;
    baseline.forbidden = verdict->forbidden();
    if (baseline.forbidden) continue;
    baseline.needs = needs_of(*verdict);
    baseline.needs_text = needs_text(rules, baseline.needs, catalog.stated_attestations());
  }
}

std::vector<std::pair<std::string, std::vector<std::string>>> open_needs(
    const std::vector<Baseline>& baselines) {
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (const Baseline& baseline : baselines) {
    if (baseline.lawful != false || baseline.forbidden) continue;
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const auto& one) { return one.first == baseline.needs_text; });
    if (at == all.end()) at = all.insert(all.end(), {baseline.needs_text, {}});
    at->second.push_back(baseline.label);
  }
  return all;
}

}  // namespace microdc
