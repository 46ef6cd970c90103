// Starter scenarios and the data of places.
#include "sim/scenario/starter.hpp"

#include <gtest/gtest.h>

#include <set>

#include "hwprofiles/base/names.hpp"
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
    EXPECT_EQ(sales_tax_of(place, true).has_value(), place.name != "US") << "has states alone";
    for (const auto& figure : {place.electricity_price, place.pue, place.exchange_rate}) {
      ASSERT_TRUE(figure.has_value()) << place.name;
      EXPECT_FALSE(figure->source.empty()) << place.name;
    }
    EXPECT_EQ(place.electricity_price->currency, place.currency) << place.name;
  }
}

std::string found_code(const std::string& wanted) {
  const auto place = find_place(places_of_catalog(), wanted);
  return place ? place->name : "";
}

TEST(Places, AreFoundAsPeopleCallThem) {
  for (const char* german :
       {"DE", "de", "Germany", "Deutschland", "Allemagne", "München", "MÜNCHEN", "munchen",
        "Muenchen", "Mu\u0308nchen", "Munich, Germany", "Frankfurt am Main"}) {
    EXPECT_EQ(found_code(german), "DE") << german;
  }
  EXPECT_EQ(found_code("Zürich"), "CH");
  EXPECT_EQ(found_code("Genève"), "CH");
  EXPECT_EQ(found_code("Montréal"), "CA-QC");
  EXPECT_EQ(found_code("Toronto, Canada"), "CA-ON");
  EXPECT_EQ(found_code("Ontario"), "CA-ON");
  EXPECT_EQ(found_code("Springfield, Ohio"), "US-OH");
  EXPECT_EQ(found_code("Paris, Texas"), "US-TX");  // the region decides, not the namesake
  EXPECT_EQ(found_code("San Francisco, USA"), "US-CA");
  EXPECT_EQ(found_code("Ottawa, ON"), "CA-ON");
  EXPECT_EQ(found_code("Ottawa, ON, Canada"), "CA-ON");
  EXPECT_EQ(found_code("Kingston, ON"), "CA-ON");
  EXPECT_EQ(found_code("Nowhere, ZZ"), "");
  EXPECT_EQ(found_code("USA"), "US");
}

TEST(Places, UnknownOnesAreToldWhatThereIs) {
  const auto error = [](const std::string& wanted) {
    const auto place = find_place(places_of_catalog(), wanted);
    EXPECT_FALSE(place) << wanted;
    return place ? Diagnostic{} : place.diagnostics().items().front();
  };
  EXPECT_NE(error("Österreich").allowed.find("DE (Germany)"), std::string::npos);
  EXPECT_EQ(error("Muenchn").fix, "did you mean DE (Germany)?");
  EXPECT_EQ(error("Canada").allowed,
            "CA-BC (British Columbia, Canada), CA-ON (Ontario, Canada), CA-QC (Quebec, Canada)");
  EXPECT_EQ(error("CA").allowed, error("Canada").allowed);
  EXPECT_NE(error("London").allowed.find("CH (Switzerland)"), std::string::npos);
}

TEST(Places, NoTwoShareAName) {
  std::set<std::string> names;
  for (const Place& place : places_of_catalog()) {
    std::set<std::string> own{spoken_key(place.label.substr(0, place.label.find(',')))};
    for (const std::string& name : place.names) own.insert(spoken_key(name));
    for (const std::string& name : own) EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Starter, EveryLayoutOnEveryOfferPassesEveryRule) {
  const auto frame = starter_frame(answers(), starter_context());
  ASSERT_TRUE(frame.ok()) << to_text(frame.diagnostics());
  // What the place assumes comes with its range.
  EXPECT_EQ(frame->sites[0].pue_range, (Range{1.3, 2.5}));
  EXPECT_TRUE(frame->economics.exchange_rate_range.has_value());
  std::size_t layouts = 0;
  for (const StarterOffer& offer : starter_offers(*context().hardware)) {
    for (const Scenario& layout : starter_layouts(*frame, *offer.server, starter_context())) {
      const Diagnostics findings = check_scenario(layout, starter_context());
      EXPECT_FALSE(findings.has_errors()) << to_text(findings);
      EXPECT_EQ(layout.sites[0].racks[0].servers[0].type, offer.server->name);
      ++layouts;
    }
  }
  EXPECT_GT(layouts, 20U);
}

TEST(Starter, OffersComeByPrice) {
  const auto offers = starter_offers(*context().hardware);
  ASSERT_GT(offers.size(), 10U);
  for (std::size_t i = 1; i < offers.size(); ++i) {
    EXPECT_LE(offers[i - 1].price, offers[i].price);
  }
}

TEST(Starter, AServerThatIsTooSmallHasNoLayout) {
  StarterAnswers large = answers();
  large.model = "llama-3.1-405b";
  const auto frame = starter_frame(large, starter_context());
  ASSERT_TRUE(frame.ok());
  const ServerType& small = *context().hardware->server("gpu-pcie-1x-l4");
  EXPECT_TRUE(starter_layouts(*frame, small, starter_context()).empty());
}

TEST(Starter, PromptsPerDayAreThoseOfAllEmployees) {
  StarterAnswers more = answers();
  more.prompts_per_day = 3000;
  const auto scenario = starter_frame(more, starter_context());
  ASSERT_TRUE(scenario.ok());
  const WorkloadSpec& chat = scenario->workloads.front();
  EXPECT_DOUBLE_EQ(
      static_cast<double>(chat.users) * chat.active_share * chat.prompts_per_active_user, 3000);
}

TEST(Starter, TaxIsWhatTheBuyerCannotDeduct) {
  const auto rate = [](const std::string& place, bool deducts) {
    StarterAnswers buyer = answers();
    buyer.place = *find_place(places_of_catalog(), place);
    buyer.deducts_tax = deducts;
    return starter_frame(buyer, starter_context())->economics.sales_tax;
  };
  EXPECT_EQ(rate("DE", true), 0);
  EXPECT_EQ(rate("DE", false), 0.19);
  EXPECT_EQ(rate("CA-BC", true), 0.07) << "the province's tax is deducted by nobody";
  EXPECT_DOUBLE_EQ(rate("CA-BC", false), 0.12);
  EXPECT_EQ(rate("US-CT", true), rate("US-CT", false));
  EXPECT_EQ(rate("US", false), 0) << "has no rate";
}

TEST(Starter, TheBudgetIsANeed) {
  StarterAnswers bounded = answers();
  EXPECT_FALSE(starter_frame(bounded, starter_context())->needs.budget);
  bounded.budget = Money(60000);
  EXPECT_EQ(starter_frame(bounded, starter_context())->needs.budget, Money(60000));
}

TEST(Starter, UnknownModelsAreBadInput) {
  StarterAnswers wrong = answers();
  wrong.model = "llama-3.1-9b";
  const auto refused = starter_frame(wrong, starter_context());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 2);
}

}  // namespace
}  // namespace microdc::test
