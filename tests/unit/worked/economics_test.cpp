// The economic examples of docs/worked-examples.md, recomputed here with nothing but the arithmetic
// of that page, and compared with what the product says.
#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"
#include "sim/economics/economics.hpp"
#include "sim/economics/financing.hpp"

namespace microdc {
namespace {

/// The rack of the page: servers 60,000 EUR, facility 10,000 EUR, a Swiss-like 8 % tax, five years
/// at 6 %, 10 % left; energy 4,000, staff 25,000 and maintenance 3,500 EUR a year; 500,000 requests
/// and 150 million answer tokens a year.
PurchaseTerms rack() {
  return {.equipment = 70'000,
          .sales_tax = 0.08,
          .years = 5,
          .discount_rate = 0.06,
          .residual_share = 0.1,
          .depreciation_years = 5};
}
YearOfUse rack_year() {
  return {.energy = 4000,
          .staff = 25'000,
          .maintenance = 3500,
          .requests = 500'000,
          .output_tokens = 150e6};
}

/// 1.06 × 1.06 × … without the product's pow.
double growth(double rate, int years) {
  double factor = 1;
  for (int i = 0; i < years; ++i) factor *= 1 + rate;
  return factor;
}

TEST(WorkedEconomics, Annuity) {
  // 75,600 EUR over three years at 5 %: each year's payment, by paying the debt down.
  const double payment = 27'760.97;
  double debt = 75'600;
  for (int year = 0; year < 3; ++year) debt = debt * 1.05 - payment;
  EXPECT_NEAR(debt, 0, 0.02);
  EXPECT_NEAR(annuity(75'600, 0.05, 3), payment, 0.005);
}

TEST(WorkedEconomics, NetPresentCostAndResidualValue) {
  double cost = 75'600;
  for (int year = 1; year <= 5; ++year) cost += 32'500 / growth(0.06, year);
  cost -= 7000 / growth(0.06, 5);
  EXPECT_NEAR(cost, 207'271.02, 0.005);  // as the page says
  const YearOfUse use = rack_year();
  EXPECT_NEAR(ownership_totals(rack(), {&use, 1}).net_present_cost, cost, 1e-6);
  const Ownership table = ownership(rack(), {&use, 1});
  EXPECT_EQ(table.net_present_cost, Cents(20'727'102));
  EXPECT_EQ(table.total, Cents(23'110'000));  // 75,600 + 5 × 32,500 - 7,000
  EXPECT_EQ(table.years[5].total, Cents(2'550'000));
}

TEST(WorkedEconomics, LevelisedCostAndWhatARequestCosts) {
  double factor = 0;
  for (int year = 1; year <= 5; ++year) factor += 1 / growth(0.06, year);
  const double per_year = 207'271.02 / factor;
  EXPECT_NEAR(per_year, 49'205.39, 0.01);
  const YearOfUse use = rack_year();
  const OwnershipTotals totals = ownership_totals(rack(), {&use, 1});
  EXPECT_NEAR(totals.per_year, per_year, 0.01);
  EXPECT_NEAR(*totals.per_1000_requests, per_year / 500, 1e-3);
  EXPECT_NEAR(*totals.per_million_output_tokens, per_year / 150, 1e-3);
}

TEST(WorkedEconomics, LoanAndLease) {
  PurchaseTerms loan = rack();
  loan.financing = {.kind = FinancingSpec::Kind::loan, .interest = 0.05, .years = 3};
  double loan_cost = 0;
  for (int year = 1; year <= 3; ++year) loan_cost += 27'760.97 / growth(0.06, year);
  EXPECT_NEAR(ownership_totals(loan, {}).net_present_cost, loan_cost - 7000 / growth(0.06, 5),
              0.05);

  PurchaseTerms lease = rack();
  lease.financing = {.kind = FinancingSpec::Kind::lease, .interest = 0.05, .years = 5};
  // The lessor lends 75,600 less what 7,000 in five years are worth today.
  const double lent = 75'600 - 7000 / growth(0.05, 5);
  double factor = 0;
  for (int year = 1; year <= 5; ++year) factor += 1 / growth(0.05, year);
  EXPECT_NEAR(lent / factor, 16'194.87, 0.005);
  EXPECT_NEAR(payment_per_year(lease), lent / factor, 1e-6);
}

/// A day of an office: 12 kWh of IT in 24 h, PUE 1.5, 0.25 EUR/kWh, 300 W when idle.
Scenario office() {
  Scenario scenario;
  scenario.workloads.push_back({.name = "chat", .kind = "office_day", .users = 100});
  SiteSpec site{.name = "here", .racks = {{.name = "rack"}}};
  site.racks[0].servers = {{.name = "gpu", .type = "a100-1x", .count = 2}};
  site.pue = 1.5;
  site.electricity_price = MoneyPerJoule(0.25 / joules_per_kwh);
  scenario.sites.push_back(site);
  scenario.economics.currency = "EUR";
  scenario.economics.exchange_rate = 0.9;
  scenario.economics.working_days_per_year = 250;
  scenario.economics.operation.staff = 0.1;
  scenario.economics.operation.salary = Money(90'000);
  return scenario;
}

RunCost office_cost() {
  SimulationResult day;
  day.duration = 86'400LL * 1'000'000'000;
  day.counts = {.offered = 2000, .completed = 2000};
  day.counts.input_tokens = 1'600'000;
  day.counts.output_tokens = 400'000;
  day.energy.it = Joules(12 * joules_per_kwh);
  day.energy.facility = Joules(18 * joules_per_kwh);
  day.energy.it_idle = Watts(300);
  day.energy.carbon_grams = 18 * 380.0;
  day.sites.push_back({"here", Joules(18 * joules_per_kwh)});
  static const auto hardware = HardwareCatalog::load(data_root() / "hwprofiles/catalog");
  return cost_of_run(office(), *hardware, day);
}

TEST(WorkedEconomics, EnergyOfAYear) {
  const double kwh = 250 * 18 + 115.25 * 24 * 0.3 * 1.5;
  EXPECT_NEAR(kwh, 5744.70, 1e-9);
  const RunCost cost = office_cost();
  EXPECT_NEAR(cost.year.facility->value() / 3.6e6, kwh, 1e-6);
  EXPECT_NEAR(cost.year.energy->value(), 1436.175, 1e-6);
  EXPECT_NEAR(*cost.year.carbon_grams / 1e6, kwh * 380 / 1e6, 1e-9);
}

/// An offer and a rental with the prices of the page, whatever the shipped catalog says.
EconomicsCatalog prices() {
  const auto dollars = [](double amount) {
    return Figure{
        .value = amount, .kind = Provenance::market, .source = "example", .currency = "USD"};
  };
  EconomicsCatalog catalog;
  CloudOffer offer{.name = "mini", .vendor = "example", .reference = true};
  offer.input_price = dollars(0.25);
  offer.output_price = dollars(2);
  catalog.offers = {offer};
  GpuRental rental{.name = "a100", .provider = "example", .accelerator = "a100-sxm-80gb"};
  rental.price_per_hour = dollars(1.29);
  catalog.rentals = {rental};
  catalog.facility.office_hours = Figure{.value = 10};
  return catalog;
}

TEST(WorkedEconomics, Baselines) {
  // A year: 250 days of 1.6 million prompt and 0.4 million answer tokens.
  const double cloud = 0.9 * (400 * 0.25 + 100 * 2.0);
  EXPECT_NEAR(cloud, 270, 1e-9);
  const double rented = 0.9 * 2 * 1.29 * 8766 + 9000;
  const double office_hours = 0.9 * 2 * 1.29 * 2500 + 9000;
  static const auto hardware = HardwareCatalog::load(data_root() / "hwprofiles/catalog");
  OwnershipInputs inputs;
  inputs.use.staff = 0.1 * 90'000;
  const BaselineList list = baselines(office(), *hardware, prices(), office_cost(), inputs);
  ASSERT_EQ(list.baselines.size(), 4U);
  EXPECT_NEAR(list.baselines[0].per_year.value(), cloud, 1e-6);
  EXPECT_NEAR(list.baselines[0].per_1000_requests->value(), 0.54, 1e-9);
  EXPECT_NEAR(list.baselines[1].per_year.value(), rented, 1e-6);
  EXPECT_NEAR(rented, 29'354.65, 0.005);
  EXPECT_NEAR(list.baselines[2].per_year.value(), office_hours, 1e-6);
  EXPECT_NEAR(list.baselines[3].requests_undone, 500'000, 1e-6);
}

}  // namespace
}  // namespace microdc
