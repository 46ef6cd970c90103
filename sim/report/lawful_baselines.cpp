#include "sim/report/lawful_baselines.hpp"

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
    baseline.lawful =
        everything_may_go(scenario, rules,
                          {.jurisdiction = baseline.jurisdiction,
                           .operator_jurisdiction = baseline.operator_jurisdiction,
                           .third_party = true,
                           .attestations = attestations_of(scenario, catalog, baseline.name)});
  }
}

}  // namespace microdc
