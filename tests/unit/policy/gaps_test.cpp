// Data that the catalog's rules on a place do not concern, and those that they do under another
// name.
#include "sim/policy/gaps.hpp"

#include <gtest/gtest.h>

#include "sim/policy/audit.hpp"
#include "sim/policy/residency.hpp"
#include "tests/unit/policy/hospital.hpp"

namespace microdc::testing {
namespace {

std::vector<std::string> unmet_rules(const DataSubject& subject, const DataLocation& location) {
  std::vector<std::string> rules;
  const Verdict verdict = judge(*policy_catalog(), subject, location);
  for (const Decision* decision : verdict.unmet()) rules.push_back(decision->rule);
  return rules;
}

std::string gaps_text(const DataSubject& subject) {
  std::string text;
  for (const RuleGap& gap : rule_gaps(*policy_catalog(), subject)) text += gap_text(gap) + "\n";
  return text;
}

TEST(Gaps, HealthDataOfAHospitalAreWhatItsActsSpeakOf) {
  const DataLocation api{.jurisdiction = "US", .operator_jurisdiction = "US"};
  const std::vector<std::string> ontario{"CA-ON-PHIPA-12", "CA-ON-PHIPA-17", "CA-ON-PHIPA-50"};
  EXPECT_EQ(unmet_rules({"CA-ON", "public_hospital", {}, "", {"health_data"}}, api), ontario);
  const std::vector<std::string> texas{"US-HIPAA-BAA"};
  EXPECT_EQ(unmet_rules({"US-TX", "private_hospital", {}, "", {"health_data"}}, api), texas);
  const std::vector<std::string> new_brunswick{"CA-NB-PHIPAA"};
  EXPECT_EQ(unmet_rules({"CA-NB", "public_hospital", {}, "", {"health_data"}}, api), new_brunswick);
}

TEST(Gaps, SecretsOfPeopleArePersonalData) {
  const DataLocation api{.jurisdiction = "US", .operator_jurisdiction = "US"};
  const std::vector<std::string> secret{"EU-GDPR-44", "EU-GDPR-28-32-35"};
  EXPECT_EQ(unmet_rules({"DE", "public_hospital", {}, "", {"professional_secret"}}, api), secret);
  const std::vector<std::string> of_patients{"EU-GDPR-44", "EU-GDPR-28-32-35", "EU-GDPR-35"};
  const auto medical = unmet_rules({"DE", "public_hospital", {}, "", {"medical_secret"}}, api);
  for (const std::string& rule : of_patients) {
    EXPECT_NE(std::find(medical.begin(), medical.end(), rule), medical.end()) << rule;
  }
}

TEST(Gaps, AClassWithoutARuleNamesThoseThatHaveOne) {
  EXPECT_EQ(gaps_text({"CA-ON", "public_hospital", {}, "", {"customer_data"}}),
            "the catalog has no rule on \"customer_data\" in Ontario; it has rules there on: "
            "health_data, personal_data (of enterprise), personal_health_information, "
            "virtual_care_record\n");
  // By synonym, once, and nothing where a rule binds or no rule is of this kind.
  EXPECT_EQ(
      rule_gaps(*policy_catalog(), {"CA-ON", "public_hospital", {}, "", {"pii", "pii"}}).size(),
      1U);
  EXPECT_EQ(gaps_text({"CA-ON", "public_hospital", {}, "", {"phi", "health_data"}}), "");
  EXPECT_EQ(gaps_text({"CA-ON", "public_hospital", {}, "", {"public_data", "trade_secret"}}), "");
  EXPECT_EQ(gaps_text({"AT", "enterprise", {}, "", {"employee_data"}}), "");
}

TEST(Gaps, RulesOfOtherSectorsSayWhoseTheyAre) {
  EXPECT_EQ(
      gaps_text({"US-TX", "enterprise", {}, "", {"health_data"}}),
      "the catalog has no rule on \"health_data\" in Texas; it has rules there on: health_data "
      "(of health_provider, health_insurer, medicare_contractor), personal_health_information "
      "(of health_provider, health_insurer, medicare_contractor)\n");
}

TEST(Gaps, ChecksAndTheAuditSaySo) {
  Scenario scenario = hospital();
  scenario.workloads[1].data_classes = {"customer_data"};
  const auto residency = residency_of(scenario, *policy_catalog());
  ASSERT_TRUE(residency);
  EXPECT_NE(to_text(residency.diagnostics()).find("has no rule on \"customer_data\" in Ontario"),
            std::string::npos)
      << to_text(residency.diagnostics());
  const auto audit = audit_residency(scenario, {}, data_root() / "sim/policy/catalog");
  ASSERT_TRUE(audit);
  ASSERT_EQ((*audit)->classes.size(), 2U);
  EXPECT_TRUE((*audit)->classes[0].without_rule.empty());
  ASSERT_EQ((*audit)->classes[1].without_rule.size(), 1U);
  EXPECT_EQ((*audit)->classes[1].without_rule[0].data_class, "customer_data");
}

TEST(Conditions, AskedForFirstRatherThanForbidden) {
  Scenario scenario = hospital();
  scenario.clouds.clear();
  scenario.organisation = {.jurisdiction = "DE", .sector = "public_hospital"};
  scenario.workloads[0].data_classes = {"health_data"};
  const auto residency = residency_of(scenario, *policy_catalog());
  ASSERT_FALSE(residency);
  EXPECT_EQ(residency.diagnostics().exit_code(), 3);
  const std::string text = to_text(residency.diagnostics());
  EXPECT_NE(text.find("yet: for \"pool\" EU-GDPR-35 (GDPR Art.35) asks for "
                      "data_protection_impact_assessment first"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("to organisation.conditions\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("forbids"), std::string::npos) << text;
  EXPECT_EQ(text.find("own premises"), std::string::npos) << text;
  const std::vector<std::string> asked{"data_protection_impact_assessment"};
  EXPECT_EQ(conditions_to_fulfil(scenario, *policy_catalog()), asked);
  scenario.organisation.conditions = asked;
  EXPECT_TRUE(residency_of(scenario, *policy_catalog()));
  EXPECT_TRUE(conditions_to_fulfil(scenario, *policy_catalog()).empty());
}

TEST(Conditions, ForbiddenIsWhatNothingOpens) {
  const DataSubject dossier{"CH", "public_hospital", {}, "", {"patient_dossier"}};
  const DataLocation abroad{.jurisdiction = "DE", .operator_jurisdiction = "DE"};
  EXPECT_TRUE(judge(*policy_catalog(), dossier, abroad).forbidden());
  const DataSubject letters{"CA-ON", "public_hospital", {}, "", {"phi"}};
  const Verdict open = judge(*policy_catalog(), letters, abroad);
  EXPECT_FALSE(open.allowed);
  EXPECT_FALSE(open.forbidden());
  EXPECT_EQ(asked_text(*open.unmet().back()),
            "agent_agreement, or patient_consent, or disclosure_permitted_by_act");
}

TEST(Conditions, NeedsSayWhatWouldDoAndWhatNobodyAttests) {
  Scenario scenario = hospital();
  scenario.organisation = {.jurisdiction = "DE", .sector = "enterprise"};
  scenario.workloads[0].data_classes = {"personal_data"};
  const auto verdict = verdict_of_all(scenario, *policy_catalog(), {"US", "US"});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->allowed);
  EXPECT_FALSE(verdict->forbidden());
  EXPECT_EQ(
      needs_text(*policy_catalog(), needs_of(*verdict), {}),
      "certified under the EU-US Data Privacy Framework (eu_us_dpf) (attestation: the catalog "
      "knows "
      "of none), or clauses of Commission Decision 2021/914 signed by the recipient "
      "(standard_contractual_clauses) and assessment of the recipient's law, with supplementary "
      "measures (Schrems II) (transfer_impact_assessment); contract with the processor under GDPR "
      "Art. 28 (data_processing_agreement)");
  EXPECT_NE(needs_text(*policy_catalog(), needs_of(*verdict), {"eu_us_dpf"}).find("(attestation)"),
            std::string::npos);
}

TEST(UsualData, FollowTheSector) {
  const PolicyCatalog& catalog = *policy_catalog();
  using Names = std::vector<std::string>;
  EXPECT_EQ(catalog.usual_data("private_hospital"), Names{"health_data"});
  EXPECT_EQ(catalog.usual_data("statutory_health_insurer"), Names{"social_data"});
  EXPECT_EQ(catalog.usual_data("bank"), Names{});
}

}  // namespace
}  // namespace microdc::testing
