// From a scenario to the table that the gateway obeys, and to errors with their fix.
#include "sim/policy/residency.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/policy/hospital.hpp"

namespace microdc::testing {
namespace {

Result<std::optional<Residency>> residency(const Scenario& scenario) {
  return residency_of(scenario, *policy_catalog());
}

std::string errors(const Scenario& scenario) {
  const auto found = residency(scenario);
  return found ? "none" : to_text(found.diagnostics());
}

bool says(const std::string& text, const std::string& words) {
  return text.find(words) != std::string::npos;
}

TEST(Residency, NoLawNoTable) {
  const auto found = residency(one_accelerator());
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->has_value());
}

TEST(Residency, TheTableFollowsTheRules) {
  const auto found = residency(hospital());
  ASSERT_TRUE(found) << to_text(found.diagnostics());
  const PlacementTable& table = (*found)->table;
  EXPECT_TRUE(table.may(0, 0));   // patients' letters on own premises
  EXPECT_FALSE(table.may(0, 1));  // in the cloud: no agent agreement
  EXPECT_TRUE(table.may(1, 0));
  EXPECT_TRUE(table.may(1, 1));  // the canteen's menu may go anywhere
}

TEST(Residency, AConditionOpensTheCloud) {
  Scenario scenario = hospital();
  scenario.organisation.conditions.emplace_back("agent_agreement");
  const auto found = residency(scenario);
  ASSERT_TRUE(found);
  EXPECT_TRUE((*found)->table.may(0, 1));
}

TEST(Residency, DocumentsBindTheRequestsThatReadThem) {
  Scenario scenario = hospital();
  KnowledgeBaseSpec base{.name = "records", .data_classes = {"phi"}};
  scenario.knowledge_bases.push_back(base);
  scenario.workloads[1].retrieval = RetrievalSpec{.knowledge_base = "records"};
  const auto found = residency(scenario);
  ASSERT_TRUE(found);
  EXPECT_FALSE((*found)->table.may(1, 1));
  scenario.workloads[1].retrieval->share = 0;
  EXPECT_TRUE((*residency(scenario))->table.may(1, 1));
}

TEST(Residency, AWorkloadThatNoPlaceMayTakeNamesRuleAndFix) {
  Scenario scenario = hospital();
  scenario.organisation.conditions.clear();
  const std::string text = errors(scenario);
  EXPECT_TRUE(says(text, "/workloads/0")) << text;
  EXPECT_TRUE(says(text, "CA-ON-PHIPA-12")) << text;
  EXPECT_TRUE(says(text,
                   "add \"reasonable_safeguards\" (steps against theft, loss and unauthorised use "
                   "or disclosure) to organisation.conditions"))
      << text;
  EXPECT_TRUE(says(text, "not legal advice")) << text;
  EXPECT_EQ(residency(scenario).diagnostics().exit_code(), 3);
}

TEST(Residency, AForbiddenChoiceNamesThePlacesThatMay) {
  Scenario scenario = hospital();
  scenario.workloads[0].pool = "api";
  const std::string text = errors(scenario);
  EXPECT_TRUE(says(text, "/workloads/0/pool")) << text;
  EXPECT_TRUE(says(text, "name a place that may take it: pool")) << text;
  EXPECT_TRUE(says(text, "agent_agreement")) << text;
}

TEST(Residency, APoolOnSeveralSitesIsAsLawfulAsTheWorstOfThem) {
  Scenario scenario = hospital();
  scenario.organisation = {.jurisdiction = "CH", .sector = "public_hospital"};
  scenario.workloads[0].data_classes = {"patient_dossier"};
  EXPECT_TRUE(residency(scenario)) << errors(scenario);
  SiteSpec abroad = scenario.sites[0];
  abroad.name = "abroad";
  abroad.jurisdiction = "DE";
  abroad.racks[0].name = "rack-2";
  abroad.racks[0].servers[0].name = "servers-2";
  scenario.sites.push_back(abroad);
  EXPECT_TRUE(says(errors(scenario), "CH-EPDV-12")) << errors(scenario);
  scenario.pools[0].servers = "servers";
  EXPECT_TRUE(residency(scenario)) << errors(scenario);
}

TEST(Residency, TheDecodePoolHoldsTheDataToo) {
  Scenario scenario = disaggregated();
  scenario.organisation = {.jurisdiction = "CH", .sector = "public_hospital"};
  scenario.workloads[0].data_classes = {"patient_dossier"};
  scenario.sites[0].racks[0].servers[0].count = 1;
  scenario.pools[0].servers = "servers";
  SiteSpec abroad = scenario.sites[0];
  abroad.name = "abroad";
  abroad.jurisdiction = "DE";
  abroad.racks[0].servers[0].name = "servers-2";
  scenario.sites.push_back(abroad);
  scenario.pools[1].servers = "servers-2";
  EXPECT_TRUE(says(errors(scenario), "CH-EPDV-12")) << errors(scenario);
}

TEST(Residency, AKnowledgeBaseHoldsItsDocuments) {
  Scenario scenario = hospital();
  scenario.organisation = {.jurisdiction = "CH", .sector = "public_hospital"};
  scenario.workloads.erase(scenario.workloads.begin());
  SiteSpec abroad = scenario.sites[0];
  abroad.name = "abroad";
  abroad.jurisdiction = "DE";
  abroad.racks[0].servers[0].name = "servers-2";
  scenario.sites.push_back(abroad);
  scenario.pools[0].servers = "servers";
  scenario.knowledge_bases.push_back(
      {.name = "dossiers", .data_classes = {"patient_dossier"}, .servers = "servers-2"});
  scenario.workloads[0].retrieval = RetrievalSpec{.knowledge_base = "dossiers"};
  EXPECT_TRUE(says(errors(scenario), "/workloads/0/retrieval/knowledge_base")) << errors(scenario);
  scenario.knowledge_bases[0].servers = "servers";
  EXPECT_TRUE(residency(scenario)) << errors(scenario);
}

TEST(Residency, AllUnknownWordsAreReportedAtOnce) {
  Scenario scenario = hospital();
  scenario.organisation.jurisdiction = "XX";
  scenario.organisation.sector = "hospitl";
  scenario.organisation.date = "2026-02-30";
  scenario.organisation.conditions = {"agent_agrement"};
  scenario.sites[0].jurisdiction = "YY";
  scenario.clouds[0].jurisdiction.clear();
  scenario.workloads[0].data_classes = {"phy"};
  const std::string text = errors(scenario);
  for (const char* place :
       {"/organisation/jurisdiction", "/organisation/sector", "/organisation/date",
        "/organisation/conditions/0", "/sites/0/jurisdiction", "/clouds/0/jurisdiction",
        "/workloads/0/data_classes"}) {
    EXPECT_TRUE(says(text, place)) << place << "\n" << text;
  }
}

TEST(Residency, BreachedPoliciesAndAMissingSectorAreWarnings) {
  Scenario scenario = hospital();
  scenario.organisation.sector.clear();
  const auto unstated = residency(scenario);
  ASSERT_TRUE(unstated);
  EXPECT_TRUE(says(to_text(unstated.diagnostics()), "no sector is stated"));
  scenario.organisation.sector = "public_hospital";
  scenario.organisation.conditions.emplace_back("agent_agreement");
  scenario.workloads[0].data_classes = {"virtual_care_record"};
  scenario.workloads[0].pool = "api";
  const auto breached = residency(scenario);
  ASSERT_TRUE(breached);
  EXPECT_TRUE(says(to_text(breached.diagnostics()), "CA-ON-OHIP-VC"));
}

TEST(Residency, WhatABaselineMayTake) {
  const Scenario scenario = hospital();
  EXPECT_FALSE(verdict_of_all(scenario, *policy_catalog(), {"US", "US"})->allowed);
  EXPECT_TRUE(verdict_of_all(scenario, *policy_catalog(), {"CA-ON", "CA-ON", false})->allowed);
  EXPECT_FALSE(verdict_of_all(one_accelerator(), *policy_catalog(), {"US", "US"}));
}

TEST(Residency, RulesThatCannotBeAppliedAllowNothing) {
  Scenario scenario = hospital();
  EXPECT_TRUE(lawful_placements(scenario).may(0, 0));
  scenario.organisation.conditions.clear();
  const PlacementTable table = lawful_placements(scenario);
  ASSERT_FALSE(table.empty());
  EXPECT_FALSE(table.may(0, 0));
  EXPECT_FALSE(table.may(1, 0));
  EXPECT_TRUE(lawful_placements(one_accelerator()).empty());
}

}  // namespace
}  // namespace microdc::testing
