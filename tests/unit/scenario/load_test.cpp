// Reading scenarios: fields, versions, several mistakes at once, files.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "sim/scenario/write.hpp"
#include "tests/unit/scenario/support.hpp"

namespace microdc::test {
namespace {

TEST(ScenarioFields, DefaultsComeFromTheStruct) {
  const auto scenario = parse_scenario(good_document(), "test.json");
  ASSERT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  EXPECT_EQ(scenario->pools[0].tp, 1);
  EXPECT_EQ(scenario->pools[1].tp, 4);
  EXPECT_EQ(scenario->pools[0].engine, "vllm");
  EXPECT_FALSE(scenario->horizon.has_value());
  EXPECT_DOUBLE_EQ(scenario->workloads[0].rate->value(), 2.0);
  EXPECT_DOUBLE_EQ(scenario->workloads[0].duration->value(), 3600.0);
  // 0.2 EUR/kWh over 3.6e6 J/kWh.
  EXPECT_DOUBLE_EQ(scenario->sites[0].electricity_price->value(), 0.2 / 3.6e6);
}

TEST(ScenarioFields, RangesAreReadCheckedAndChanged) {
  const Json document =
      edited({{"/sites/0/electricity_price",
               R"({"value": "0.2 EUR/kWh", "low": "0.1 EUR/kWh", "high": "0.3 EUR/kWh"})"},
              {"/economics/exchange_rate", R"({"value": 0.9, "low": 0.8, "high": 1})"}});
  const auto read = [&](const std::vector<Override>& changes) {
    return read_scenario(document, "t", changes, context());
  };
  const auto scenario = read({});
  ASSERT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  EXPECT_DOUBLE_EQ(scenario->sites[0].electricity_price_range->high, 0.3 / 3.6e6);
  EXPECT_EQ(scenario->economics.exchange_rate_range, (Range{0.8, 1}));
  const auto plain = read({{"economics/exchange_rate", "0.95"}});
  EXPECT_FALSE(plain->economics.exchange_rate_range.has_value());
  const auto wider = read({{"economics/exchange_rate/high", "1.2"}});
  EXPECT_EQ(wider->economics.exchange_rate_range, (Range{0.8, 1.2}));
  EXPECT_EQ(places(findings_of(document, {{"sites/0/electricity_price/low", "\"0.1 USD/kWh\""}})),
            std::vector<std::string>{"/sites/0/electricity_price/low"});
  EXPECT_EQ(places(findings_of(document, {{"sites/0/pue/low", "1.2"}})),
            std::vector<std::string>{"--set sites/0/pue/low"});
}

TEST(ScenarioFields, MoneyOfAnotherCurrencyIsAnErrorWhereverItStands) {
  const Json document =
      edited({{"/economics/quotes", R"([{"item": "hgx-h100-8", "price": "1 USD"}])"},
              {"/economics/operation", R"({"salary": "1 USD", "carbon_price": "80 USD"})"},
              {"/economics/facility_capex", "\"5 CHF\""},
              {"/needs", R"({"budget": "5 USD"})"},
              {"/clouds", R"([{"name": "api", "offer": "gpt-5-mini", "input_price": "1 USD"}])"}});
  std::vector<std::string> found = places(findings_of(document));
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::string>{"/clouds/0/input_price", "/economics/facility_capex",
                                             "/economics/operation/carbon_price",
                                             "/economics/operation/salary",
                                             "/economics/quotes/0/price", "/needs/budget"}));
}

TEST(ScenarioFields, WritingAndReadingAreInverse) {
  for (const bool defaults : {true, false}) {
    for (const auto& entry : std::filesystem::directory_iterator(data_root() / "scenarios")) {
      if (entry.path().extension() != ".json" || entry.path().filename() == "schema.json") continue;
      const auto first = load_scenario(entry.path());
      ASSERT_TRUE(first.ok()) << to_text(first.diagnostics());
      const OrderedJson written = write_scenario(*first, defaults);
      const auto second = parse_scenario(Json::parse(written.dump()), entry.path().string());
      ASSERT_TRUE(second.ok()) << to_text(second.diagnostics());
      EXPECT_EQ(write_scenario(*second).dump(), write_scenario(*first).dump()) << entry.path();
    }
  }
}

TEST(ScenarioFields, WithoutDefaultsOptionalObjectsStay) {
  const auto scenario =
      parse_scenario(edited({{"/pools/0/speculative", "{}"}, {"/gateway", "{}"}}), "t");
  ASSERT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  const OrderedJson written = write_scenario(*scenario, false);
  EXPECT_TRUE(written["pools"][0].contains("speculative"));
  EXPECT_FALSE(written.contains("gateway"));
  EXPECT_FALSE(written["pools"][0].contains("pp"));
}

TEST(ScenarioFields, PublishedSchemaIsUpToDate) {
  std::ifstream file(data_root() / "scenarios/schema.json");
  const std::string published{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(published == scenario_schema().dump(2) + "\n")
      << "write it anew: microdc schema -o scenarios";
}

TEST(ScenarioFields, EveryFieldIsExplained) {
  const OrderedJson schema = scenario_schema();
  std::vector<const OrderedJson*> open{&schema};
  while (!open.empty()) {
    const OrderedJson& object = *open.back();
    open.pop_back();
    for (const auto& [key, property] : object.at("properties").items()) {
      EXPECT_TRUE(property.contains("title")) << key;
      if (property.contains("properties")) open.push_back(&property);
      if (property.contains("items") && property["items"].contains("properties")) {
        open.push_back(&property["items"]);
      }
    }
  }
}

TEST(ScenarioLoad, NewerFilesAreRefused) {
  const Diagnostics findings =
      findings_of(edited({{"/schema_version", "2"}, {"/from_the_future", "true"}}));
  ASSERT_EQ(findings.items().size(), 1u);
  EXPECT_EQ(findings.items()[0].place, "/schema_version");
  EXPECT_NE(findings.items()[0].message.find("needs a newer microdc"), std::string::npos);
  EXPECT_EQ(findings.exit_code(), 2);
}

TEST(ScenarioLoad, AllKindsOfMistakesAreReportedInOnePass) {
  const Json document = edited({{"/workloads/0/rate", "\"5 apples\""},
                                {"/sites/0/pue", "0.5"},
                                {"/sites/0/electricity_price", "\"0.2 CHF/kWh\""},
                                {"/pools/0/enigne", "\"vllm\""},
                                {"/workloads/1/pool", "\"huge\""},
                                {"/pools/1/tp", "1"}});
  EXPECT_EQ(places(findings_of(document, {{"pools/0/replicsa", "3"}})),
            (std::vector<std::string>{"--set pools/0/replicsa", "/workloads/0/rate", "/sites/0/pue",
                                      "/pools/0/enigne", "/sites/0/electricity_price",
                                      "/workloads/1/pool", "/pools/1/model"}));
}

TEST(ScenarioLoad, ConsequencesOfAWrongFieldAreNotReported) {
  // The rate is there, only wrong: "needs a rate" would mislead. So would rules about an object
  // that is no object.
  EXPECT_EQ(places(findings_of(edited({{"/workloads/0/rate", "7"}}))),
            std::vector<std::string>{"/workloads/0/rate"});
  EXPECT_EQ(places(findings_of(edited({{"/pools", "3"}, {"/workloads", "[]"}}))),
            (std::vector<std::string>{"/pools", "/workloads"}));
  EXPECT_EQ(places(findings_of(edited(
                {{"/sites/0/racks/0", "3"}, {"/pools/0/servers", ""}, {"/pools/1/servers", ""}}))),
            std::vector<std::string>{"/sites/0/racks/0"});
}

TEST(ScenarioLoad, DocumentsOfOtherTypesAreRefused) {
  for (const char* text : {"[]", "3", "null", "\"text\"", "{}"}) {
    EXPECT_EQ(findings_of(Json::parse(text)).exit_code(), 2) << text;
  }
}

TEST(ScenarioLoad, MissingAndDamagedFilesAreReported) {
  EXPECT_FALSE(load_scenario("no/such/file.json").ok());
  const auto path = std::filesystem::path(testing::TempDir()) / "damaged-scenario.json";
  ASSERT_FALSE(write_file_atomically(path, "{\"name\": \n x}").has_errors());
  const auto damaged = load_scenario(path);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.diagnostics().items()[0].place, "line 2, column 2");
  std::filesystem::remove(path);
}

TEST(ScenarioLoad, TracePathsAreRelativeToTheScenario) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "scenario-with-trace";
  std::filesystem::create_directories(folder);
  ASSERT_FALSE(write_file_atomically(folder / "t.csv", "x").has_errors());
  const Json document = edited({{"/workloads/0/kind", "\"trace\""},
                                {"/workloads/0/rate", ""},
                                {"/workloads/0/trace_file", "\"t.csv\""}});
  ASSERT_FALSE(write_file_atomically(folder / "s.json", document.dump()).has_errors());
  const auto scenario = load_scenario(folder / "s.json", {}, context());
  EXPECT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace microdc::test
