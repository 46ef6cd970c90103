// The auditor and the mask of the gateway are written apart; over many organisations, data, days
// and places they have to agree.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/random.hpp"
#include "sim/policy/audit.hpp"
#include "sim/policy/gaps.hpp"
#include "sim/policy/residency.hpp"

namespace microdc {
namespace {

const PolicyCatalog& catalog() {
  const auto& loaded = policy_catalog();
  if (!loaded) throw std::runtime_error(to_text(loaded.diagnostics()));
  return *loaded;
}

class Dice {
 public:
  explicit Dice(std::uint32_t index) : random_(7, RandomPurpose::arrivals, index) {}
  bool one_in(double n) { return random_.uniform() < 1 / n; }
  template <class Items>
  const auto& any(const Items& items) {
    return items[static_cast<std::size_t>(random_.uniform() * static_cast<double>(items.size()))];
  }

 private:
  RandomStream random_;
};

/// An organisation of any kind, with a cloud in every jurisdiction and a workload per data class.
Scenario any_scenario(std::uint32_t index) {
  Dice dice(index);
  Scenario scenario;
  // Most jurisdictions have no rules of their own: those that do are tried more often.
  static const std::vector<std::string> ruled{"CA-ON", "CA-QC", "CA-BC", "CA-NS", "CA-NB", "CA",
                                              "DE",    "FR",    "CH",    "US-NY", "AT"};
  OrganisationSpec& own = scenario.organisation;
  own.jurisdiction = dice.one_in(5) ? dice.any(catalog().jurisdictions).name : dice.any(ruled);
  own.sector = dice.any(catalog().sectors).name;
  static const std::vector<std::string> days{"",           "2018-05-24", "2021-11-24",
                                             "2021-11-25", "2025-06-30", "2025-07-01",
                                             "2027-03-31", "2027-04-01", "2030-01-01"};
  own.date = dice.any(days);
  const double rarity = dice.any(std::vector<double>{1.2, 2, 6});
  for (const Condition& condition : catalog().conditions) {
    if (dice.one_in(rarity)) own.conditions.push_back(condition.name);
  }
  for (const Jurisdiction& place : catalog().jurisdictions) {
    CloudSpec cloud{.name = place.name, .jurisdiction = place.name};
    cloud.operator_jurisdiction = dice.one_in(2) ? place.name : dice.any(ruled);
    for (const Condition& condition : catalog().conditions) {
      if (dice.one_in(3)) cloud.attestations.push_back(condition.name);
    }
    scenario.clouds.push_back(std::move(cloud));
  }
  for (const DataClass& item : catalog().data_classes) {
    WorkloadSpec workload{.name = item.name, .pool = "CA"};
    workload.data_classes = {item.synonyms.empty() ? item.name : item.synonyms.front()};
    if (dice.one_in(3)) workload.data_classes.push_back(dice.any(catalog().data_classes).name);
    scenario.workloads.push_back(std::move(workload));
  }
  return scenario;
}

/// A result in which each workload sent one request to each cloud.
SimulationResult one_request_everywhere(const Scenario& scenario) {
  SimulationResult result;
  for (std::uint32_t w = 0; w < scenario.workloads.size(); ++w) {
    for (std::uint32_t c = 0; c < scenario.clouds.size(); ++c) {
      result.placements.push_back({w, c, c, true});
    }
  }
  return result;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

using Gaps = std::set<std::pair<std::string, std::set<std::string>>>;

Gaps audited_gaps(const AuditedClass& own) {
  Gaps gaps;
  for (const AuditedGap& gap : own.without_rule) {
    gaps.insert({gap.data_class, {gap.ruled.begin(), gap.ruled.end()}});
  }
  return gaps;
}

Gaps routed_gaps(const DataSubject& subject) {
  Gaps gaps;
  for (const RuleGap& gap : rule_gaps(catalog(), subject)) {
    std::set<std::string> ruled;
    for (const auto& [name, sectors] : gap.ruled) ruled.insert(name);
    gaps.insert({gap.data_class, ruled});
  }
  return gaps;
}

TEST(Agreement, AuditorAndMaskJudgeAlike) {
  std::size_t lawful = 0;
  std::size_t all = 0;
  for (std::uint32_t i = 0; i < 60; ++i) {
    const Scenario scenario = any_scenario(i);
    const auto audit = audit_residency(scenario, one_request_everywhere(scenario),
                                       data_root() / "sim/policy/catalog");
    ASSERT_TRUE(audit) << to_text(audit.diagnostics());
    for (const AuditedClass& own : (*audit)->classes) {
      DataSubject subject{scenario.organisation.jurisdiction, scenario.organisation.sector,
                          scenario.organisation.conditions, scenario.organisation.date,
                          own.data_classes};
      ASSERT_EQ(own.places.size(), scenario.clouds.size());
      EXPECT_EQ(audited_gaps(own), routed_gaps(subject));
      for (std::size_t c = 0; c < own.places.size(); ++c) {
        const CloudSpec& cloud = scenario.clouds[c];
        const Verdict verdict =
            judge(catalog(), subject,
                  {cloud.jurisdiction, cloud.operator_jurisdiction, true, cloud.attestations});
        ++all;
        lawful += verdict.allowed ? 1 : 0;
        ASSERT_EQ(own.places[c].lawful, verdict.allowed)
            << i << ": " << fmt::format("{}", fmt::join(own.data_classes, "+")) << " of "
            << subject.jurisdiction << " (" << subject.sector << ") in " << cloud.jurisdiction;
        EXPECT_EQ(sorted(own.places[c].exposed_by), sorted(verdict.exposures));
        EXPECT_EQ(own.places[c].breached.size(), verdict.breaches().size());
      }
    }
  }
  // Both answers occur often enough for their agreement to mean something.
  EXPECT_GT(lawful, all / 10);
  EXPECT_LT(lawful, all * 9 / 10);
}

}  // namespace
}  // namespace microdc
