#include "sim/economics/parts_list.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace microdc {
namespace {

using testing::hardware;
using testing::small_scenario;

/// A scenario with one server type.
Scenario with_server(const std::string& type, std::int64_t count) {
  Scenario scenario = small_scenario();
  scenario.sites[0].racks[0].servers = {{.name = "servers", .type = type, .count = count}};
  return scenario;
}

PartsList list_of(const Scenario& scenario) {
  return parts_list(scenario, hardware(), *economics_catalog());
}

const Part* part_of(const PartsList& list, const std::string& item) {
  for (const Part& part : list.parts) {
    if (part.item == item) return &part;
  }
  return nullptr;
}

/// A type that the catalog prices by parts.
const char* const by_parts = "gpu-pcie-2x-rtx-pro-6000";

TEST(PartsList, PartsAreTheWholeToTheCent) {
  for (const auto& [name, server] : hardware().servers()) {
    Scenario scenario = with_server(name, 3);
    scenario.economics.exchange_rate = 0.8731;
    scenario.economics.sales_tax = 0.081;
    const PartsList list = list_of(scenario);
    Cents sum = list.sales_tax;
    for (const Part& part : list.parts) sum += part.price;
    EXPECT_EQ(sum, list.total) << name;
    EXPECT_EQ(list.sales_tax, Cents::rounded(list.equipment().money() * 0.081)) << name;
  }
}

TEST(PartsList, ThePriceLevelOfServersScalesCatalogPricesAlone) {
  Scenario scenario = with_server(by_parts, 1);
  const PartsList usual = list_of(scenario);
  scenario.economics.server_price_factor = 0.75;
  const PartsList cheaper = list_of(scenario);
  ASSERT_EQ(cheaper.parts.size(), usual.parts.size());
  for (std::size_t i = 0; i < usual.parts.size(); ++i) {
    const Part& before = usual.parts[i];
    const Part& after = cheaper.parts[i];
    const double factor = before.group.empty() ? 1 : 0.75;
    EXPECT_EQ(after.unit_price, Cents::rounded(before.unit_price.money() * factor)) << after.item;
    EXPECT_EQ(after.source.find("server_price_factor") != std::string::npos, factor != 1);
  }
  const Part* accelerator = part_of(cheaper, "rtx-pro-6000-96gb");
  EXPECT_EQ(*accelerator->low,
            Cents::rounded(part_of(usual, "rtx-pro-6000-96gb")->low->money() * 0.75));
  scenario.economics.quotes = {{.item = by_parts, .price = Money(20'000)}};
  EXPECT_EQ(list_of(scenario).servers, Cents::rounded(Money(20'000)));
}

TEST(PartsList, EveryPartNamesItsSource) {
  const PartsList list = list_of(with_server(by_parts, 2));
  EXPECT_TRUE(list.complete());
  for (const Part& part : list.parts) {
    EXPECT_FALSE(part.source.empty()) << part.item;
    EXPECT_EQ(part.from, Part::From::catalog) << part.item;
  }
  EXPECT_EQ(part_of(list, "rtx-pro-6000-96gb")->quantity, 4);
  EXPECT_EQ(part_of(list, "rack")->quantity, 1);
  EXPECT_EQ(part_of(list, "pdu")->quantity, 2);
}

TEST(PartsList, AQuoteOfAPartGoesBeforeTheCatalogUnderAnyAlias) {
  Scenario scenario = with_server(by_parts, 1);
  scenario.economics.quotes = {{.item = "RTX PRO 6000",
                                .price = Money(7999.5),
                                .vendor = "a shop",
                                .date = "2026-11-20",
                                .lead_time = Seconds(30 * seconds_per_day)}};
  const PartsList list = list_of(scenario);
  const Part* part = part_of(list, "rtx-pro-6000-96gb");
  ASSERT_NE(part, nullptr);
  EXPECT_EQ(part->price, Cents(1'599'900));
  EXPECT_EQ(part->from, Part::From::quote);
  EXPECT_EQ(part->source, "a shop");
  EXPECT_DOUBLE_EQ(list.lead_time->value(), 30 * seconds_per_day);
}

TEST(PartsList, AQuoteOfTheServerReplacesItsParts) {
  Scenario scenario = with_server(by_parts, 2);
  scenario.economics.quotes = {{.item = by_parts, .price = Money(25'000)},
                               {.item = "rtx-pro-6000-96gb", .price = Money(1)}};
  const PartsList list = server_parts(scenario, hardware());
  ASSERT_EQ(list.parts.size(), 1U);
  EXPECT_EQ(list.total, Cents(5'000'000));
}

TEST(PartsList, TheScenarioReplacesServersAndFacility) {
  Scenario scenario = with_server(by_parts, 1);
  scenario.economics.capex = Money(20'000);
  scenario.economics.facility_capex = Money(0);
  const PartsList list = list_of(scenario);
  EXPECT_EQ(list.total, Cents(2'000'000));
  EXPECT_EQ(list.servers, Cents(2'000'000));
  EXPECT_EQ(list.parts.front().from, Part::From::scenario);
}

TEST(PartsList, MoreRackUnitsThanARackHoldsTakeMoreRacks) {
  const ServerType* server = hardware().server(by_parts);
  ASSERT_NE(server, nullptr);
  const std::int64_t fill = 42 / server->rack_units;
  EXPECT_EQ(part_of(list_of(with_server(by_parts, fill)), "rack")->quantity, 1);
  EXPECT_EQ(part_of(list_of(with_server(by_parts, fill + 1)), "rack")->quantity, 2);
}

TEST(PartsList, WhatIsOwnedCostsNothingAndStandsInItsRack) {
  Scenario scenario = with_server(by_parts, 3);
  const PartsList all_new = list_of(scenario);
  scenario.sites[0].racks[0].servers[0].owned = 2;
  const PartsList list = list_of(scenario);
  // By hand: one of three is bought, two of three are owned.
  EXPECT_EQ(list.servers + list.servers + list.servers, all_new.servers);
  EXPECT_EQ(list.owned, list.servers + list.servers);
  EXPECT_EQ(part_of(list, by_parts)->from, Part::From::owned);
  EXPECT_EQ(part_of(list, by_parts)->price, Cents());
  EXPECT_EQ(part_of(list, "rack"), nullptr);
  EXPECT_EQ(part_of(list, "pdu"), nullptr);
  EXPECT_NE(part_of(list, "installation"), nullptr);
  EXPECT_LT(part_of(list, "ups")->quantity, part_of(all_new, "ups")->quantity);
  scenario.sites[0].racks[0].servers[0].owned = 3;
  EXPECT_EQ(list_of(scenario).total, Cents());
}

TEST(PartsList, WhatIsOwnedNeedsNoPrice) {
  Scenario scenario = with_server("gh200-1x", 1);
  ASSERT_FALSE(server_parts(scenario, hardware()).complete()) << "the catalog has no price";
  scenario.sites[0].racks[0].servers[0].owned = 1;
  const PartsList owned = server_parts(scenario, hardware());
  EXPECT_TRUE(owned.complete());
  EXPECT_EQ(owned.total, Cents());
  EXPECT_FALSE(owned.owned_missing.empty());
}

TEST(PartsList, OwnedServersStandInAsManyRacksAsTheyFill) {
  const std::int64_t fill = 42 / hardware().server(by_parts)->rack_units;
  Scenario scenario = with_server(by_parts, fill + 1);
  scenario.sites[0].racks[0].servers[0].owned = fill + 1;
  EXPECT_EQ(list_of(scenario).total, Cents());
  // One more than two racks hold: a third is bought.
  scenario.sites[0].racks[0].servers[0].count = 2 * fill + 1;
  EXPECT_EQ(part_of(list_of(scenario), "rack")->quantity, 1);
}

TEST(PartsList, AUpsThatStandsIsTakenOff) {
  Scenario scenario = with_server(by_parts, 2);
  const double needed = part_of(list_of(scenario), "ups")->quantity;
  scenario.sites[0].room.ups = Watts(1000);
  EXPECT_NEAR(part_of(list_of(scenario), "ups")->quantity, needed - 1, 0.1 + 1e-9);
}

TEST(PartsList, LeadTimesAreOfQuotesElseOfTheCatalog) {
  const Scenario scenario = with_server(by_parts, 1);
  const double catalog = hardware().accelerator("rtx-pro-6000-96gb")->lead_time->value;
  const PartsList list = list_of(scenario);
  const Part* gpu = part_of(list, "rtx-pro-6000-96gb");
  ASSERT_TRUE(gpu->lead_time);
  EXPECT_EQ(gpu->lead_time->value(), catalog);
  EXPECT_EQ(list.lead_time, gpu->lead_time);
  EXPECT_NE(gpu->lead_time_source.find("market"), std::string::npos);
}

TEST(PartsList, NamesWhatHasNoPrice) {
  Scenario scenario = with_server("no-such-server", 1);
  scenario.sites[0].racks[0].switch_link = "string";
  const PartsList list = list_of(scenario);
  EXPECT_FALSE(list.complete());
  EXPECT_EQ(list.missing,
            (std::vector<std::string>{
                "price of no-such-server (hardware catalog)",
                "price of switch string (economics catalog)",
                "power of the servers at full load, for the UPS (hardware catalog)"}));
}

}  // namespace
}  // namespace microdc
