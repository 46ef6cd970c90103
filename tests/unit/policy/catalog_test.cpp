// The catalog of rules is whole, and what is wrong with one is said.
#include "sim/policy/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/scenario/places.hpp"

namespace microdc {
namespace {

namespace fs = std::filesystem;

const PolicyCatalog& shipped_catalog() {
  static const auto loaded = load_policy_catalog(data_root() / "sim/policy/catalog");
  return *loaded;
}

TEST(PolicyCatalog, LoadsWithoutAnyFinding) {
  const auto& loaded = policy_catalog();
  ASSERT_TRUE(loaded) << to_text(loaded.diagnostics());
  EXPECT_TRUE(loaded.diagnostics().empty());
  EXPECT_TRUE(is_day(loaded->as_of));
}

TEST(PolicyCatalog, WhoseServicesAreExemptPaysSalesTax) {
  for (const char* name : {"public_body", "university", "public_hospital", "health_insurer",
                           "private_health_insurer", "insurer", "bank", "investment_fund"}) {
    EXPECT_TRUE(shipped_catalog().pays_sales_tax(name)) << name;
  }
  for (const char* name : {"enterprise", "law_firm", "consultancy", "software_company", "industry"})
    EXPECT_FALSE(shipped_catalog().pays_sales_tax(name)) << name;
}

TEST(PolicyCatalog, HasEveryRuleOfTheFacts) {
  const char* data = std::getenv("MICRODC_DATA");
  if (data == nullptr) GTEST_SKIP() << "MICRODC_DATA is not set";
  const auto facts = read_json_file(fs::path(data) / "facts/compliance.json");
  ASSERT_TRUE(facts);
  for (const Json& row : facts->at("rules")) {
    const Regulation* rule = shipped_catalog().regulation(row.at("id").get<std::string>());
    ASSERT_NE(rule, nullptr) << row.at("id");
    EXPECT_EQ(rule->law, row.at("regulation").get<std::string>());
    EXPECT_EQ(rule->source, row.at("source").get<std::string>());
    EXPECT_EQ(rule->evidence == "sourced", row.at("evidence").get<std::string>() == "sourced")
        << rule->name;
  }
  for (const Json& place : facts->at("eu_adequacy").at("adequate")) {
    auto name = place.get<std::string>();
    if (name.ends_with('*')) name.pop_back();
    const auto& members = shipped_catalog().list("EU-ADEQUATE")->members;
    EXPECT_TRUE(std::any_of(members.begin(), members.end(), [&](const auto& member) {
      return member.place == name;
    })) << name;
  }
}

TEST(PolicyCatalog, EveryRuleSaysWhatItAsksAndWhoSaysSo) {
  for (const Regulation& rule : shipped_catalog().regulations) {
    EXPECT_FALSE(rule.says.empty()) << rule.name;
    EXPECT_FALSE(rule.source.empty()) << rule.name;
    EXPECT_TRUE(rule.evidence == "sourced" || rule.evidence == "from_memory") << rule.name;
    const bool demands = rule.strength != Regulation::Strength::exposure &&
                         rule.strength != Regulation::Strength::none;
    EXPECT_TRUE(!demands || !rule.question.empty() || !rule.ways.empty()) << rule.name;
  }
}

TEST(PolicyCatalog, PlacesOfStarterScenariosAreJurisdictions) {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  ASSERT_TRUE(places);
  for (const Place& place : *places) {
    EXPECT_NE(shipped_catalog().jurisdiction(place.name), nullptr) << place.name;
  }
}

TEST(PolicyCatalog, ProvincesStatesAndUnionsContainEachOther) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(shipped_catalog().around("CA-ON"), (Names{"CA-ON", "CA"}));
  EXPECT_EQ(shipped_catalog().around("DE"), (Names{"DE", "EU", "EEA"}));
  EXPECT_EQ(shipped_catalog().around("NO"), (Names{"NO", "EEA"}));
  EXPECT_EQ(shipped_catalog().sectors_of("public_hospital"),
            (Names{"public_hospital", "health_provider", "public_body"}));
}

TEST(PolicyCatalog, ClassesImplyWhatTheyAre) {
  EXPECT_EQ(shipped_catalog().implied({"phi"}),
            (std::vector<std::string>{"personal_health_information", "health_data",
                                      "sensitive_personal_data", "personal_data"}));
}

TEST(PolicyCatalog, KnowsDays) {
  for (const char* day : {"2026-11-27", "2024-02-29", "2000-02-29"}) EXPECT_TRUE(is_day(day));
  for (const char* word : {"", "2026-1-27", "2026-13-01", "2026-00-10", "2025-02-29", "1900-02-29",
                           "2026-04-31", "27.11.2026", "2026-11-27 ", "20261127"}) {
    EXPECT_FALSE(is_day(word)) << word;
  }
}

/// A copy of the catalog that a test may spoil.
class SpoiltCatalog : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::copy(data_root() / "sim/policy/catalog", folder_, fs::copy_options::recursive);
  }
  void TearDown() override { fs::remove_all(folder_); }

  /// What is said after the text of a file was changed.
  std::string complaint(const std::string& file, const std::string& from, const std::string& to) {
    std::ifstream in(folder_ / file);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t at = text.find(from);
    if (at == std::string::npos) return "the file does not hold " + from;
    text.replace(at, from.size(), to);
    std::ofstream(folder_ / file) << text;
    const auto loaded = load_policy_catalog(folder_);
    return loaded ? "nothing" : to_text(loaded.diagnostics());
  }

  fs::path folder_;
};

TEST_F(SpoiltCatalog, AConditionThatNobodyDefined) {
  const std::string text =
      complaint("regulations/ca.json", "\"agent_agreement\"", "\"agent_agreemnt\"");
  EXPECT_NE(text.find("nothing of this name is defined"), std::string::npos) << text;
  EXPECT_NE(text.find("agent_agreemnt"), std::string::npos) << text;
}

TEST_F(SpoiltCatalog, AJurisdictionThatNobodyDefined) {
  const std::string text =
      complaint("regulations/de.json", "\"jurisdiction\": \"DE\"", "\"jurisdiction\": \"XX\"");
  EXPECT_NE(text.find("XX"), std::string::npos) << text;
}

TEST_F(SpoiltCatalog, ADayThatIsNone) {
  const std::string text = complaint("regulations/de.json", "2025-07-01", "2025-07-32");
  EXPECT_NE(text.find("this is no day"), std::string::npos) << text;
}

TEST_F(SpoiltCatalog, RulesOfOneQuestionThatDifferInKind) {
  const std::string text =
      complaint("regulations/eu.json", "\"strength\": \"conditional\"", "\"strength\": \"soft\"");
  EXPECT_NE(text.find("one strength"), std::string::npos) << text;
}

TEST_F(SpoiltCatalog, ANameTwice) {
  const std::string text = complaint("sectors.json", "\"name\": \"bank\"", "\"name\": \"insurer\"");
  EXPECT_NE(text.find("stands there twice"), std::string::npos) << text;
}

TEST_F(SpoiltCatalog, AFileThatIsNotThere) {
  fs::remove(folder_ / "conditions.json");
  EXPECT_FALSE(load_policy_catalog(folder_));
}

}  // namespace
}  // namespace microdc
