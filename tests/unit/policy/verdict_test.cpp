// Known cases, each with the rule that decides it.
#include "sim/policy/verdict.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

using Names = std::vector<std::string>;

Verdict verdict(const DataSubject& subject, const DataLocation& location) {
  const auto& catalog = policy_catalog();
  if (!catalog) throw std::runtime_error(to_text(catalog.diagnostics()));
  return judge(*catalog, subject, location);
}

DataLocation own(const std::string& place) { return {place, place, false, {}}; }
DataLocation cloud(const std::string& place, const std::string& operator_of,
                   Names attestations = {}) {
  return {place, operator_of, true, std::move(attestations)};
}

const Decision* decision(const Verdict& verdict, const std::string& topic) {
  for (const Decision& one : verdict.decisions) {
    if (one.topic == topic) return &one;
  }
  return nullptr;
}

bool exposed(const Verdict& verdict, const std::string& rule) {
  return std::find(verdict.exposures.begin(), verdict.exposures.end(), rule) !=
         verdict.exposures.end();
}

DataSubject ontario_hospital(Names conditions, Names classes = {"phi"}) {
  return {"CA-ON", "public_hospital", std::move(conditions), "", std::move(classes)};
}

TEST(Verdict, OntarioHospitalOnItsOwnPremisesNeedsSafeguardsOnly) {
  const Verdict open = verdict(ontario_hospital({}), own("CA-ON"));
  EXPECT_FALSE(open.allowed);
  ASSERT_NE(open.reason(), nullptr);
  EXPECT_EQ(open.reason()->rule, "CA-ON-PHIPA-12");
  EXPECT_EQ(open.reason()->open, (std::vector<Names>{{"reasonable_safeguards"}}));
  const Verdict closed = verdict(ontario_hospital({"reasonable_safeguards"}), own("CA-ON"));
  EXPECT_TRUE(closed.allowed);
  EXPECT_TRUE(closed.exposures.empty());
}

TEST(Verdict, PhipaDoesNotDemandCanada) {
  const auto subject = ontario_hospital({"reasonable_safeguards", "agent_agreement"});
  const Verdict there = verdict(subject, cloud("US", "US"));
  EXPECT_TRUE(there.allowed) << there.reason()->rule;
  EXPECT_TRUE(exposed(there, "US-CLOUD-2713"));
  EXPECT_FALSE(verdict(ontario_hospital({"reasonable_safeguards"}), cloud("US", "US")).allowed);
}

TEST(Verdict, TheVirtualCarePolicyIsABreachAndForbidsNothing) {
  const Names conditions{"reasonable_safeguards", "agent_agreement"};
  const auto subject = ontario_hospital(conditions, {"virtual_care_record"});
  const Verdict abroad = verdict(subject, cloud("US", "US"));
  EXPECT_TRUE(abroad.allowed);
  ASSERT_EQ(abroad.breaches().size(), 1u);
  EXPECT_EQ(abroad.breaches()[0]->rule, "CA-ON-OHIP-VC");
  EXPECT_TRUE(verdict(subject, cloud("CA", "CA")).breaches().empty());
}

TEST(Verdict, GermanSocialDataStayInTheSetOfTheLawWhateverIsSigned) {
  const DataSubject insurer{"DE",
                            "statutory_health_insurer",
                            {"customer_controls", "data_processing_agreement",
                             "standard_contractual_clauses", "transfer_impact_assessment"},
                            "",
                            {"social_data"}};
  const Names attested{"bsi_c5_type2", "german_establishment"};
  EXPECT_TRUE(verdict(insurer, cloud("DE", "DE", attested)).allowed);
  EXPECT_TRUE(verdict(insurer, cloud("CH", "CH", attested)).allowed);
  const Verdict without = verdict(insurer, cloud("DE", "DE", {"german_establishment"}));
  ASSERT_NE(decision(without, "DE-SGBV-393"), nullptr);
  EXPECT_EQ(decision(without, "DE-SGBV-393")->open, (std::vector<Names>{{"bsi_c5_type2"}}));
  // China is in no list: nothing that the insurer does opens it.
  const Verdict china = verdict(insurer, cloud("CN", "CN", attested));
  EXPECT_FALSE(china.allowed);
  EXPECT_TRUE(decision(china, "DE-SGBV-393")->open.empty());
  // The United States are adequate for those who are certified only.
  EXPECT_EQ(decision(verdict(insurer, cloud("US", "US", attested)), "DE-SGBV-393")->open,
            (std::vector<Names>{{"eu_us_dpf"}}));
  Names certified = attested;
  certified.emplace_back("eu_us_dpf");
  EXPECT_TRUE(verdict(insurer, cloud("US", "US", certified)).allowed);
}

TEST(Verdict, TheGdprOpensThirdCountriesInSeveralWays) {
  const auto company = [](Names conditions) {
    conditions.emplace_back("data_processing_agreement");
    return DataSubject{"FR", "software_company", std::move(conditions), "", {"customer_data"}};
  };
  const auto rule_for = [](const Verdict& one) {
    const Decision* found = decision(one, "GDPR chapter V");
    return found != nullptr && found->satisfied ? found->rule : "none";
  };
  EXPECT_EQ(rule_for(verdict(company({}), cloud("NO", "NO"))), "EU-GDPR-44");
  EXPECT_EQ(rule_for(verdict(company({}), cloud("JP", "JP"))), "EU-GDPR-45");
  EXPECT_EQ(rule_for(verdict(company({}), cloud("US", "US", {"eu_us_dpf"}))), "EU-GDPR-45");
  EXPECT_EQ(rule_for(verdict(company({}), cloud("US", "US"))), "none");
  EXPECT_EQ(
      rule_for(verdict(company({"standard_contractual_clauses", "transfer_impact_assessment"}),
                       cloud("US", "US"))),
      "EU-GDPR-46-SCC");
  EXPECT_EQ(rule_for(verdict(company({"standard_contractual_clauses"}), cloud("US", "US"))),
            "none");
  // Both open ways are named: certification, or clauses with their assessment.
  EXPECT_EQ(decision(verdict(company({}), cloud("US", "US")), "GDPR chapter V")->open.size(), 2u);
}

TEST(Verdict, TheCloudActFollowsTheOperatorNotTheServers) {
  const DataSubject company{
      "FR", "software_company", {"data_processing_agreement"}, "", {"customer_data"}};
  const Verdict american = verdict(company, cloud("FR", "US"));
  EXPECT_TRUE(american.allowed);
  EXPECT_TRUE(exposed(american, "US-CLOUD-2713"));
  EXPECT_TRUE(exposed(american, "EU-GDPR-48"));
  EXPECT_TRUE(verdict(company, cloud("FR", "FR")).exposures.empty());
}

TEST(Verdict, RulesAreOfTheirDay) {
  const auto on = [](const std::string& day, Names conditions) {
    return verdict({"CA-NS", "public_body", std::move(conditions), day, {"personal_data"}},
                   cloud("US", "US"));
  };
  EXPECT_TRUE(on("2027-03-31", {"patient_consent"}).allowed);
  EXPECT_FALSE(on("2027-04-01", {"patient_consent"}).allowed);
  EXPECT_TRUE(on("2027-04-01", {"regulation_allows_abroad"}).allowed);
  const auto british_columbia = [](const std::string& day) {
    return verdict({"CA-BC", "public_body", {"storage_abroad_assessment"}, day, {"personal_data"}},
                   cloud("US", "US"));
  };
  EXPECT_EQ(british_columbia("2021-11-24").reason()->rule, "CA-BC-FOIPPA-30.1");
  EXPECT_TRUE(british_columbia("2021-11-25").allowed);
}

TEST(Verdict, ThePatientDossierStaysInSwitzerlandOtherHealthDataNeedNot) {
  const auto hospital = [](const char* data) {
    return DataSubject{"CH", "public_hospital", {}, "", {data}};
  };
  EXPECT_TRUE(verdict(hospital("patient_dossier"), own("CH")).allowed);
  const Verdict abroad = verdict(hospital("patient_dossier"), cloud("DE", "DE"));
  ASSERT_NE(abroad.reason(), nullptr);
  EXPECT_EQ(abroad.reason()->rule, "CH-EPDV-12");
  EXPECT_TRUE(abroad.reason()->open.empty());
  const Verdict other = verdict(hospital("phi"), cloud("DE", "DE"));
  EXPECT_TRUE(other.allowed);
  ASSERT_EQ(other.breaches().size(), 1u);
  EXPECT_EQ(other.breaches()[0]->rule, "CH-PRIVATIM-2025");
}

TEST(Verdict, AllClassesOfARequestBindIt) {
  const auto company = [](Names classes) {
    return DataSubject{"FR", "software_company", {}, "", std::move(classes)};
  };
  EXPECT_TRUE(verdict(company({"source_code"}), cloud("US", "US")).allowed);
  EXPECT_FALSE(verdict(company({"source_code", "customer_data"}), cloud("US", "US")).allowed);
}

TEST(Verdict, OtherSectorsAreLeftAlone) {
  const DataSubject fund{
      "DE", "investment_fund", {"dora_register", "exit_plan"}, "", {"financial_data"}};
  EXPECT_TRUE(verdict(fund, cloud("US", "US")).allowed);
  const DataSubject without{"DE", "investment_fund", {}, "", {"financial_data"}};
  EXPECT_EQ(verdict(without, cloud("US", "US")).reason()->rule, "EU-DORA");
  EXPECT_TRUE(verdict(without, own("DE")).allowed);
}

}  // namespace
}  // namespace microdc
