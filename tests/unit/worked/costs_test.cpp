// The examples of docs/worked-examples.md about what simulate says of cost and energy, recomputed
// here with nothing but the arithmetic of that page.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/economics/economics.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/platform/power.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/json.hpp"

namespace microdc {
namespace {

constexpr double joules_of_a_kwh = 3.6e6;  // [J]

/// One day of an office of 100 people: 2,000 requests, 18 kWh of the facility, a cloud that
/// answered some; servers for 50,000 EUR.
Scenario taxed_office() {
  Scenario scenario;
  scenario.workloads.push_back({.name = "chat", .kind = "office_day", .users = 100});
  SiteSpec site{.name = "here", .racks = {{.name = "rack"}}};
  site.electricity_price = MoneyPerJoule(0.25 / joules_of_a_kwh);
  scenario.sites.push_back(site);
  CloudSpec cloud{.name = "cloud"};
  cloud.input_price = Money(0.25);
  cloud.output_price = Money(2);
  scenario.clouds.push_back(cloud);
  EconomicsSpec& economics = scenario.economics;
  economics.currency = "EUR";
  economics.capex = Money(50'000);
  economics.facility_capex = Money(10'000);
  economics.sales_tax = 0.19;
  economics.depreciation_years = 5;
  economics.working_days_per_year = 250;
  economics.operation.staff = 0;
  economics.operation.salary = Money(1);
  economics.operation.maintenance_share = 0;
  economics.operation.carbon_price = Money(100);
  scenario.organisation.employees = 200;
  return scenario;
}

SimulationResult taxed_office_day() {
  SimulationResult day;
  day.duration = 86'400LL * 1'000'000'000;
  day.counts = {.offered = 2000, .completed = 2000};
  day.counts.input_tokens = 1'600'000;
  day.counts.output_tokens = 400'000;
  day.energy.accelerators = Joules(800'000);
  day.energy.it = Joules(12 * joules_of_a_kwh);
  day.energy.facility = Joules(18 * joules_of_a_kwh);
  day.energy.it_idle = Watts(300);
  day.energy.carbon_grams = 18 * 380.0;
  day.sites.push_back({"here", Joules(18 * joules_of_a_kwh)});
  day.clouds.push_back(
      {.name = "cloud", .requests = 100, .input_tokens = 80'000, .output_tokens = 20'000});
  return day;
}

RunCost taxed_cost() { return cost_of_run(taxed_office(), HardwareCatalog(), taxed_office_day()); }

TEST(WorkedCosts, ADayAndARequest) {
  const double amortisation = 50'000 / (5 * 365.25);
  EXPECT_NEAR(amortisation, 27.38, 0.005);  // as the page says
  const double cloud = 0.08 * 0.25 + 0.02 * 2;
  EXPECT_NEAR(cloud, 0.06, 1e-12);
  const double total = amortisation + 4.50 + cloud;
  const PeriodCost& day = taxed_cost().simulated;
  EXPECT_NEAR(day.amortisation->value(), amortisation, 1e-9);
  EXPECT_NEAR(day.energy->value(), 4.50, 1e-9);
  EXPECT_NEAR(day.clouds->value(), cloud, 1e-9);
  EXPECT_NEAR(day.total->value(), total, 1e-9);
  EXPECT_NEAR(total, 31.94, 0.005);
  EXPECT_NEAR(day.per_1000_requests->value(), total / 2, 1e-9);
  EXPECT_NEAR(day.per_million_output_tokens->value(), total / 0.4, 1e-9);
}

TEST(WorkedCosts, AYearAndAUser) {
  // 250 such days; energy as in the example of a year: 1,436.18.
  const double total = 10'000 + 1436.175 + 250 * 0.06;
  EXPECT_NEAR(total, 11'451.18, 0.01);
  const RunCost run = taxed_cost();
  EXPECT_NEAR(run.year.total->value(), total, 1e-6);
  EXPECT_NEAR(run.year.per_1000_requests->value(), total / 500, 1e-8);
  EXPECT_NEAR(run.year_per_user->value(), total / 100, 1e-8);
}

TEST(WorkedCosts, PurchaseWithTaxAndBooks) {
  const PartsList parts = parts_list(taxed_office(), HardwareCatalog(), EconomicsCatalog());
  EXPECT_EQ(parts.equipment(), Cents(6'000'000));
  EXPECT_EQ(parts.sales_tax, Cents(1'140'000));  // 60,000 × 19 %
  EXPECT_EQ(parts.total, Cents(7'140'000));
  // The books: 71,400 / 5 = 14,280 a year; 42,840 are left after two.
  const Ownership own = ownership({.equipment = 60'000, .sales_tax = 0.19}, {});
  EXPECT_EQ(own.years[2].depreciation, Cents(1'428'000));
  EXPECT_EQ(own.years[2].book_value, Cents(4'284'000));
}

TEST(WorkedCosts, UpsForTheFullLoad) {
  // Two servers of four 72 W accelerators, one 200 W CPU, 120 W base and 50 W fans at 94 %.
  HardwareCatalog hardware;
  const auto figure = [](double value) {
    return Figure{.value = value, .kind = Provenance::assumed, .source = "example"};
  };
  Accelerator gpu{.name = "gpu"};
  gpu.tdp = figure(72);
  Cpu cpu{.name = "cpu", .cores = 32};
  cpu.tdp = figure(200);
  cpu.idle_power = figure(60);
  ServerType server{.name = "server"};
  server.accelerator = "gpu";
  server.accelerators = 4;
  server.cpu = "cpu";
  server.sockets = 1;
  server.base_power = figure(120);
  server.fan_power = figure(50);
  server.psu_efficiency = figure(0.94);
  hardware.add(gpu);
  hardware.add(cpu);
  hardware.add(server);
  Scenario scenario = taxed_office();
  scenario.sites[0].racks[0].servers = {{.name = "servers", .type = "server", .count = 2}};
  const double full = 2 * (4 * 72 + 200 + 120 + 50) / 0.94;
  EXPECT_NEAR(full, 1400, 0.5);  // as the page says
  EXPECT_NEAR(rated_power(scenario, hardware)->value(), full, 1e-9);
  EconomicsCatalog prices;
  prices.facility.ups_per_kw = Figure{.value = 500, .currency = "USD"};
  prices.facility.ups_reserve = figure(1.25);
  scenario.economics.facility_capex.reset();
  scenario.economics.exchange_rate = 0.9;
  for (const Part& part : parts_list(scenario, hardware, prices).parts) {
    if (part.item != "ups") continue;
    EXPECT_NEAR(part.quantity, 1.8, 1e-9);  // 1,400 × 1.25 = 1,750 W, in steps of 0.1 kW
    EXPECT_EQ(part.price, Cents(81'000));   // 1.8 × 500 × 0.9
    return;
  }
  FAIL() << "no UPS";
}

TEST(WorkedCosts, LevelisedCostByKind) {
  // The rack of the page's first examples.
  const PurchaseTerms rack{
      .equipment = 70'000, .sales_tax = 0.08, .discount_rate = 0.06, .residual_share = 0.1};
  const YearOfUse year{.energy = 4000, .staff = 25'000, .maintenance = 3500};
  double factor = 0;
  double growth = 1;
  for (int i = 0; i < 5; ++i) factor += 1 / (growth *= 1.06);
  const double purchase = 75'600 / factor;
  const double residual = -7000 / growth / factor;
  EXPECT_NEAR(purchase, 17'947.17, 0.005);
  EXPECT_NEAR(residual, -1241.77, 0.005);
  EXPECT_NEAR(purchase + 32'500 + residual, 49'205.39, 0.01);
  const auto costs = levelised_by_kind(ownership(rack, {&year, 1}));
  const auto of = [&](CostKind kind) { return costs[static_cast<std::size_t>(kind)]; };
  EXPECT_NEAR(of(CostKind::purchase).money().value(), purchase, 0.011);
  EXPECT_NEAR(of(CostKind::residual).money().value(), residual, 0.011);
  EXPECT_NEAR(of(CostKind::energy).money().value(), 4000, 0.011);
  EXPECT_NEAR(of(CostKind::staff).money().value(), 25'000, 0.011);
}

TEST(WorkedCosts, CarbonPriceAndEmployees) {
  // 5,744.70 kWh × 380 g = 2.183 t at 100 EUR; shared by 200 employees over 12 months.
  const Economics economics =
      economics_of(taxed_office(), HardwareCatalog(), EconomicsCatalog(), taxed_cost());
  const double carbon = 5744.70 * 380e-6 * 100;
  EXPECT_NEAR(carbon, 218.30, 0.005);
  EXPECT_NEAR(economics.inputs.use.carbon, carbon, 1e-6);
  ASSERT_TRUE(economics.ownership);
  EXPECT_NEAR(economics.per_employee_month->value(),
              economics.ownership->totals.per_year / (200 * 12), 1e-9);
  // As the page says: 49,205.39 a year of 200 people.
  EXPECT_NEAR(49'205.39 / (200 * 12), 20.50, 0.005);
}

TEST(WorkedCosts, ServerAtThePlug) {
  // Two accelerators draw 200 W each, 2.5 of 32 host cores work, CPU 80 W idle and 208 W at most.
  ServerPowerModel model{.base = Watts(150),
                         .host_idle = Watts(80),
                         .host_per_core = Watts((208 - 80) / 32.0),
                         .fan_full = Watts(60),
                         .processors_full = Watts(900),
                         .psu_efficiency = 0.94};
  const double host = 80 + 4 * 2.5;
  const double fans = 60 * (400 + host) / 900;
  EXPECT_NEAR(fans, 32.67, 0.005);
  const double plug = (400 + host + 150 + fans) / 0.94;
  EXPECT_NEAR(plug, 715.6, 0.05);  // as the page says
  EXPECT_NEAR(model.it_power(Watts(400), 2.5).value(), plug, 1e-9);
  // On and idle: accelerators at 20 W each, no core busy.
  EXPECT_NEAR(model.it_power(Watts(40), 0).value(), (40 + 80 + 150 + 60 * 120 / 900.0) / 0.94,
              1e-9);
}

TEST(WorkedCosts, EnergyOfTheFacilityAndOfAToken) {
  Report report{.scenario = taxed_office(), .result = taxed_office_day()};
  const OrderedJson json = result_json(report);
  EXPECT_NEAR(json["energy"]["facility_kwh"].get<double>(), 12 * 1.5, 1e-9);
  EXPECT_NEAR(json["energy"]["carbon_kg"].get<double>(), 18 * 0.380, 1e-9);
  EXPECT_NEAR(json["energy"]["accelerator_j_per_output_token"].get<double>(), 8e5 / 4e5, 1e-12);
  EXPECT_NEAR(json["power"]["mean_w"].get<double>(), 12'000 / 24.0, 1e-9);
}

TEST(WorkedCosts, AFigureDrawnFromItsRange) {
  // 100 with P10 80 and P90 150: half of P90's z up is half the distance, half down half the ratio.
  const double half = 1.2815515655446004 / 2;
  EXPECT_NEAR(drawn_value(100, 80, 150, 2 * half), 150, 1e-9);
  EXPECT_NEAR(drawn_value(100, 80, 150, half), 125, 1e-9);
  EXPECT_NEAR(drawn_value(100, 80, 150, -half), 100 * std::sqrt(0.8), 1e-9);
  EXPECT_NEAR(100 * std::sqrt(0.8), 89.44, 0.005);
}

TEST(WorkedCosts, QuantilesOfDraws) {
  // Five draws: P10 lies at 0.1 × 4 = 0.4 of the way from the first to the second.
  const std::vector<double> draws{14, 10, 12, 20, 11};
  EXPECT_NEAR(quantile(draws, 0.1), 10 + 0.4 * 1, 1e-12);
  EXPECT_NEAR(quantile(draws, 0.5), 12, 1e-12);
  EXPECT_NEAR(quantile(draws, 0.9), 14 + 0.6 * 6, 1e-12);
}

}  // namespace
}  // namespace microdc
