// Starter scenarios and the data of places.
#include "sim/scenario/starter.hpp"

#include <gtest/gtest.h>

#include <set>

#include "sim/scenario/lookup.hpp"
#include "tests/unit/scenario/support.hpp"

namespace microdc::test {
namespace {

std::vector<Place> places_of_catalog() {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  EXPECT_TRUE(places.ok()) << to_text(places.diagnostics());
  return places ? *places : std::vector<Place>{};
}

StarterAnswers answers() {
  return {.employees = 200, .place = places_of_catalog().front(), .model = "llama-3.1-8b"};
}

CheckContext starter_context() {
  CheckContext with_cpu_engine = context();
  with_cpu_engine.engines.emplace_back("cpu-native");
  return with_cpu_engine;
}

TEST(Places, HaveSourcesAndDifferentNames) {
  std::set<std::string> names;
  for (const Place& place : places_of_catalog()) {
    EXPECT_TRUE(names.insert(place.name).second) << place.name;
    for (const auto& figure : {place.electricity_price, place.pue, place.exchange_rate}) {
      ASSERT_TRUE(figure.has_value()) << place.name;
      EXPECT_FALSE(figure->source.empty()) << place.name;
    }
    EXPECT_EQ(place.electricity_price->currency, place.currency) << place.name;
  }
}

TEST(Starter, MakesAScenarioThatPassesEveryRule) {
  const auto scenario = starter_scenario(answers(), starter_context());
  ASSERT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  EXPECT_EQ(to_text(check_scenario(*scenario, starter_context())), "");
  // What the place assumes comes with its range.
  EXPECT_EQ(scenario->sites[0].pue_range, (Range{1.3, 2.5}));
  EXPECT_TRUE(scenario->economics.exchange_rate_range.has_value());
}

TEST(Starter, PromptsPerDayAreThoseOfAllEmployees) {
  StarterAnswers more = answers();
  more.prompts_per_day = 3000;
  const auto scenario = starter_scenario(more, starter_context());
  ASSERT_TRUE(scenario.ok());
  const WorkloadSpec& chat = scenario->workloads.front();
  EXPECT_DOUBLE_EQ(
      static_cast<double>(chat.users) * chat.active_share * chat.prompts_per_active_user, 3000);
}

TEST(Starter, StaysWithinTheBudgetOrNamesTheNearestMiss) {
  StarterAnswers poor = answers();
  poor.model = "llama-3.1-70b";
  poor.budget = Money(1);
  const auto refused = starter_scenario(poor, starter_context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 3);
  EXPECT_NE(refused.diagnostics().items()[0].found.find("nearest miss"), std::string::npos);

  StarterAnswers rich = poor;
  rich.budget = Money(1e6);
  const auto scenario = starter_scenario(rich, starter_context());
  ASSERT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
  const auto& group = scenario->sites[0].racks[0].servers[0];
  const auto price = catalog_price(*context().hardware, *context().hardware->server(group.type));
  ASSERT_TRUE(price.has_value());
  EXPECT_LE(price->value() * scenario->economics.exchange_rate, 1e6);
}

TEST(Starter, ALargerBudgetBuysFasterMemoryAndNoBudgetTheCheapest) {
  const auto type_for = [](std::optional<Money> budget) {
    StarterAnswers own = answers();
    own.budget = budget;
    const auto scenario = starter_scenario(own, starter_context());
    EXPECT_TRUE(scenario.ok());
    return scenario.ok() ? scenario->sites[0].racks[0].servers[0].type : std::string();
  };
  const auto price = [](const std::string& type) {
    return catalog_price(*context().hardware, *context().hardware->server(type))->value();
  };
  const std::string cheapest = type_for(std::nullopt);
  const std::string small = type_for(Money(20e3));
  const std::string large = type_for(Money(300e3));
  EXPECT_LE(price(cheapest), price(small));
  EXPECT_LT(price(small), price(large));
}

TEST(Starter, UnknownModelsAreBadInput) {
  StarterAnswers wrong = answers();
  wrong.model = "llama-3.1-9b";
  const auto refused = starter_scenario(wrong, starter_context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 2);
}

}  // namespace
}  // namespace microdc::test
