#include "sim/economics/baselines.hpp"

#include <gtest/gtest.h>

#include "sim/economics/economics.hpp"
#include "support.hpp"

namespace microdc {
namespace {

using testing::hardware;
using testing::hours_per_year;
using testing::one_hour;
using testing::small_scenario;

Economics economics(const Scenario& scenario, const SimulationResult& result = one_hour()) {
  return economics_of(scenario, hardware(), *economics_catalog(),
                      cost_of_run(scenario, hardware(), result));
}

std::vector<const Baseline*> of_kind(const Economics& economics, Baseline::Kind kind) {
  std::vector<const Baseline*> found;
  for (const Baseline& baseline : economics.baselines.baselines) {
    if (baseline.kind == kind) found.push_back(&baseline);
  }
  return found;
}

TEST(Baselines, ACloudOfTheScenarioWithItsOwnPrices) {
  Scenario scenario = small_scenario();
  CloudSpec cloud;
  cloud.name = "contract";
  cloud.offer = "gpt-5-mini";
  cloud.jurisdiction = "EU";
  cloud.input_price = Money(2);
  cloud.output_price = Money(6);
  scenario.clouds = {cloud};
  const Economics result = economics(scenario);
  const auto clouds = of_kind(result, Baseline::Kind::cloud_api);
  ASSERT_EQ(clouds.size(), 1U);
  // An hour: 1 million prompt tokens at 2, half a million answer tokens at 6; 2000 requests.
  EXPECT_NEAR(clouds[0]->per_year.value(), 5 * hours_per_year, 1e-6);
  EXPECT_NEAR(clouds[0]->per_1000_requests->value(), 2.5, 1e-9);
  EXPECT_NEAR(clouds[0]->per_million_output_tokens->value(), 10, 1e-9);
  EXPECT_EQ(clouds[0]->jurisdiction, "EU");
  EXPECT_EQ(clouds[0]->operator_jurisdiction, "US");
  EXPECT_FALSE(clouds[0]->lawful);  // policy's to say
}

TEST(Baselines, ReferenceOffersWhereTheScenarioNamesNone) {
  Scenario scenario = small_scenario();
  scenario.economics.exchange_rate = 0.5;
  const Economics result = economics(scenario);
  const auto clouds = of_kind(result, Baseline::Kind::cloud_api);
  ASSERT_GE(clouds.size(), 2U);
  for (const Baseline* baseline : clouds) {
    const CloudOffer* offer = economics_catalog()->offer(baseline->name);
    ASSERT_NE(offer, nullptr);
    const double hour = offer->input_price->value + 0.5 * offer->output_price->value;
    EXPECT_NEAR(baseline->per_year.value(), 0.5 * hour * hours_per_year, 1e-6) << offer->name;
  }
}

TEST(Baselines, RentedAcceleratorsAllYearWithTheSameStaff) {
  Scenario scenario = small_scenario();
  scenario.economics.operation.staff = 0.5;
  scenario.economics.operation.salary = Money(100'000);
  const Economics result = economics(scenario);
  const auto rented = of_kind(result, Baseline::Kind::rented);
  ASSERT_EQ(rented.size(), 1U);  // no office hours without an office
  const double hour =
      economics_catalog()->rentals.empty()
          ? 0
          : economics_catalog()->cheapest_rental("a100-sxm-80gb")->price_per_hour->value;
  EXPECT_NEAR(rented[0]->per_year.value(), 2 * hour * hours_per_year + 50'000, 1e-6);
}

TEST(Baselines, AnOfficeMayRentForItsHoursOnly) {
  Scenario scenario = small_scenario();
  scenario.workloads[0].kind = "office_day";
  scenario.economics.operation.staff = 0;
  scenario.economics.working_days_per_year = 200;
  SimulationResult day = one_hour();
  day.duration = 86400LL * 1'000'000'000;
  const Economics result = economics(scenario, day);
  const auto rented = of_kind(result, Baseline::Kind::rented);
  ASSERT_EQ(rented.size(), 2U);
  const double hours = economics_catalog()->facility.office_hours->value * 200;
  EXPECT_NEAR(rented[1]->per_year.value() / rented[0]->per_year.value(), hours / hours_per_year,
              1e-9);
}

TEST(Baselines, SalesTaxIsOnBothSides) {
  Scenario scenario = small_scenario();
  scenario.economics.operation.staff = 0.5;
  scenario.economics.operation.salary = Money(100'000);
  const Economics net = economics(scenario);
  scenario.economics.sales_tax = 0.2;
  const Economics gross = economics(scenario);
  EXPECT_NEAR(gross.inputs.use.maintenance, 1.2 * net.inputs.use.maintenance, 1e-9);
  EXPECT_EQ(gross.inputs.use.energy, net.inputs.use.energy);
  for (std::size_t i = 0; i < net.baselines.baselines.size(); ++i) {
    const Baseline& before = net.baselines.baselines[i];
    const double work = before.staff_per_year.value();
    EXPECT_NEAR(gross.baselines.baselines[i].per_year.value(),
                1.2 * (before.per_year.value() - work) + work, 1e-6)
        << before.label;
  }
}

TEST(Baselines, NothingLeavesAllWorkUndone) {
  const Economics result = economics(small_scenario());
  const auto nothing = of_kind(result, Baseline::Kind::nothing);
  ASSERT_EQ(nothing.size(), 1U);
  EXPECT_EQ(nothing[0]->per_year.value(), 0);
  EXPECT_FALSE(nothing[0]->per_1000_requests);
  EXPECT_NEAR(nothing[0]->requests_undone, 2000 * hours_per_year, 1e-6);
}

TEST(Baselines, NamesWhatNobodyRentsOut) {
  Scenario scenario = small_scenario();
  scenario.sites[0].racks[0].servers[0].type = "gpu-pcie-2x-h100-nvl";
  const Economics result = economics(scenario);
  EXPECT_TRUE(of_kind(result, Baseline::Kind::rented).empty());
  ASSERT_EQ(result.baselines.missing.size(), 1U);
  EXPECT_NE(result.baselines.missing[0].find("h100-nvl-94gb"), std::string::npos);
}

TEST(Baselines, ACutRunHasNone) {
  SimulationResult cut = one_hour();
  cut.counts.unfinished = 5;
  const Economics result = economics(small_scenario(), cut);
  EXPECT_TRUE(result.baselines.baselines.empty());
  EXPECT_FALSE(result.ownership);
}

TEST(Baselines, AnotherRackCarriesItsTotals) {
  const YearOfUse use{.staff = 1000, .requests = 4000};
  const PurchaseTerms terms{.equipment = 10'000, .years = 1};
  const Baseline rack = rack_baseline("cpu", "a rack without accelerators",
                                      ownership_totals(terms, {&use, 1}), 4000, 5000);
  EXPECT_NEAR(rack.per_year.value(), 11'000, 1e-9);
  EXPECT_NEAR(rack.per_1000_requests->value(), 2750, 1e-9);
  EXPECT_EQ(rack.requests_undone, 1000);
}

TEST(Economics, EachFieldOfOperationCounts) {
  Scenario scenario = small_scenario();
  scenario.sites[0].carbon_intensity = 1e-4;
  SimulationResult hour = one_hour();
  hour.energy.carbon_grams = 1000;
  OperationSpec& operation = scenario.economics.operation;
  operation = {.staff = 2, .salary = Money(50'000), .maintenance_share = 0.1};
  operation.support = Money(3000);
  operation.space = Money(4000);
  operation.carbon_price = Money(80);
  const Economics result = economics(scenario, hour);
  const YearOfUse& use = result.inputs.use;
  EXPECT_DOUBLE_EQ(use.staff, 100'000);
  EXPECT_NEAR(use.maintenance, result.parts.equipment().money().value() / 10, 1e-6);
  EXPECT_DOUBLE_EQ(use.support, 3000);
  EXPECT_DOUBLE_EQ(use.space, 4000);
  EXPECT_NEAR(use.carbon, 80 * hours_per_year / 1000, 1e-6);
  EXPECT_NEAR(use.energy, 0.6 * hours_per_year, 1e-6);
  EXPECT_TRUE(result.inputs.not_counted.empty());
  ASSERT_TRUE(result.ownership);
}

TEST(Economics, EmployeesAreTheOrganisationsOrTheUsers) {
  Scenario scenario = small_scenario();
  EXPECT_FALSE(economics(scenario).per_employee_month);
  scenario.workloads[0].users = 40;
  Economics result = economics(scenario);
  EXPECT_NEAR(result.per_employee_month->value() * 40 * 12, result.ownership->totals.per_year,
              1e-6);
  scenario.organisation.employees = 100;
  EXPECT_EQ(economics(scenario).inputs.employees, 100);
}

TEST(Economics, SaysWhichSalaryIsMissing) {
  Scenario scenario = small_scenario();
  scenario.economics.currency = "GBP";
  const Economics result = economics(scenario);
  EXPECT_FALSE(result.ownership);
  EXPECT_EQ(result.inputs.missing,
            std::vector<std::string>{"salary in GBP (economics/operation/salary)"});
}

}  // namespace
}  // namespace microdc
