#include "sim/planning/sensitivity/sensitivity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/planning/sensitivity/answer.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc::testing {
namespace {

Scenario service() {
  Scenario scenario;
  scenario.name = "service";
  WorkloadSpec workload{.name = "chat", .kind = "poisson"};
  workload.rate = PerSecond(1);
  workload.duration = Seconds(60);
  workload.input = {.mean = 500};
  workload.output = {.mean = 100};
  scenario.workloads = {workload};
  ServerGroupSpec group{.name = "gpu", .type = "a100-1x", .count = 1};
  SiteSpec site{.name = "here", .racks = {{.name = "rack", .servers = {group}}}};
  site.electricity_price = MoneyPerJoule(0.2 / joules_per_kwh);
  site.electricity_price_range = Range{0.1 / joules_per_kwh, 0.3 / joules_per_kwh};
  scenario.sites = {site};
  scenario.pools = {{.name = "chat", .model = "llama-3.1-8b", .servers = "gpu"}};
  scenario.economics.operation.salary = Money(60'000);
  return scenario;
}

TEST(Leaves, EveryNumberHasItsPathAndCanBeSet) {
  Scenario scenario = service();
  std::set<std::string> paths;
  for (const ScenarioLeaf& leaf : numeric_leaves(scenario)) {
    EXPECT_TRUE(paths.insert(leaf.path).second) << leaf.path;
    Scenario changed = scenario;
    const double middle = std::min(leaf.max, std::max(leaf.min, leaf.value + 1));
    EXPECT_TRUE(set_leaf(changed, leaf.path, middle));
    for (const ScenarioLeaf& after : numeric_leaves(changed)) {
      if (after.path != leaf.path) continue;
      EXPECT_EQ(after.value, leaf.whole ? std::round(middle) : middle) << leaf.path;
      EXPECT_FALSE(after.range);
    }
  }
  EXPECT_TRUE(paths.contains("workloads/0/rate"));
  EXPECT_TRUE(paths.contains("sites/0/electricity_price"));
  EXPECT_TRUE(paths.contains("economics/operation/staff"));
  EXPECT_FALSE(set_leaf(scenario, "sites/0/nothing", 1));
}

TEST(Leaves, LabelsTellPromptsFromAnswers) {
  std::set<std::string> labels;
  std::size_t lengths = 0;
  for (const ScenarioLeaf& leaf : numeric_leaves(service())) {
    if (!leaf.path.starts_with("workloads/0/")) continue;
    labels.insert(leaf.label);
    ++lengths;
  }
  EXPECT_EQ(labels.size(), lengths);
}

TEST(Leaves, PatternsNameItemsOfLists) {
  EXPECT_TRUE(fits("sites/0/pue", "sites/*/pue"));
  EXPECT_TRUE(fits("sites/12/pue", "sites/*/pue"));
  EXPECT_FALSE(fits("sites/0/pue/x", "sites/*/pue"));
  EXPECT_FALSE(fits("sites/0", "sites/*/pue"));
  EXPECT_FALSE(fits("sites/0/room", "sites/*/pue"));
}

TEST(Leaves, MainAssumptionsAreFieldsThatExist) {
  const auto main = load_main_assumptions(data_root() / "sim/planning/catalog/sensitivity.json");
  ASSERT_TRUE(main) << to_text(main.diagnostics());
  Scenario full = service();
  full.workloads[0].users = 10;
  full.pools[0].memory_utilization = 0.9;
  full.pools[0].max_num_seqs = 64;
  full.sites[0].carbon_intensity = 1e-4;
  full.economics.capex = full.economics.facility_capex = Money(1);
  full.economics.operation.support = full.economics.operation.space = Money(1);
  full.economics.operation.carbon_price = Money(1);
  const auto leaves = numeric_leaves(full);
  for (const std::string& pattern : main->variables) {
    EXPECT_TRUE(std::any_of(leaves.begin(), leaves.end(), [&](const ScenarioLeaf& leaf) {
      return fits(leaf.path, pattern);
    })) << pattern;
  }
}

TEST(Tornado, SameBytesWithOneOrTwoWorkers) {
  const Scenario scenario = service();
  const MainAssumptions main{0.2, {"workloads/*/rate", "economics/depreciation_years"}};
  const std::vector<std::string> figures{"cost.per_year.total", "throughput.requests_per_s"};
  std::string before;
  for (const int jobs : {1, 2}) {
    const auto tornado =
        make_tornado(scenario, catalogs(), *economics_catalog(), main, figures, {.jobs = jobs});
    ASSERT_TRUE(tornado) << to_text(tornado.diagnostics());
    const std::string all = tornado_json(*tornado, scenario, "x").dump() +
                            tornado_text(*tornado, scenario) + tornado_csv(*tornado);
    if (jobs == 2) {
      EXPECT_EQ(all, before);
    }
    before = all;
  }
}

TEST(Tornado, TurnsPricesOfServersAndLengthsOfATable) {
  Scenario scenario = service();
  scenario.workloads[0].input = {.kind = LengthSpec::Kind::table, .table = "azure2023_conv_input"};
  const auto assumptions =
      load_main_assumptions(data_root() / "sim/planning/catalog/sensitivity.json");
  ASSERT_TRUE(assumptions);
  const std::vector<std::string> figures{"cost.ownership.costs.purchase", "latency.ttft_s.p50"};
  const auto tornado =
      make_tornado(scenario, catalogs(), *economics_catalog(), *assumptions, figures, {.jobs = 2});
  ASSERT_TRUE(tornado) << to_text(tornado.diagnostics());
  const auto swing = [&](const std::string& path, std::size_t figure) {
    for (const TornadoBar& bar : tornado->bars) {
      if (bar.leaf.path == path) return bar.swing(figure).value_or(0);
    }
    ADD_FAILURE() << path;
    return 0.0;
  };
  EXPECT_GT(swing("economics/server_price_factor", 0), 0);
  EXPECT_EQ(swing("economics/server_price_factor", 1), 0);
  EXPECT_GT(swing("workloads/0/input/table_scale", 1), 0);
  EXPECT_EQ(swing("workloads/0/input/mean", 1), 0) << "says nothing of a table";
}

TEST(Tornado, SwingsAreThoseOfTheFormula) {
  const Scenario scenario = service();
  const MainAssumptions main{0.2, {"economics/depreciation_years"}};
  const auto tornado = make_tornado(scenario, catalogs(), *economics_catalog(), main,
                                    {"cost.per_year.total", "cost.per_year.energy"}, {.jobs = 2});
  ASSERT_TRUE(tornado) << to_text(tornado.diagnostics());
  ASSERT_EQ(tornado->bars.size(), 2U);  // electricity with its range, depreciation
  const TornadoBar& price = tornado->bars[0];
  EXPECT_EQ(price.leaf.path, "sites/0/electricity_price");
  EXPECT_TRUE(price.stated);
  // Half and one and a half times the tariff: the whole cost of energy.
  EXPECT_NEAR(*price.swing(1) / *tornado->base[1], 1, 1e-9);
  EXPECT_NEAR(*price.swing(0), *price.swing(1), 1e-6);
  const TornadoBar& years = tornado->bars[1];
  EXPECT_FALSE(years.stated);
  EXPECT_EQ(years.low.value, 4);
  EXPECT_EQ(years.high.value, 6);
  const double capex_per_year = *tornado->base[0] - *tornado->base[1];
  EXPECT_NEAR(*years.swing(0), capex_per_year * (5.0 / 4 - 5.0 / 6), 1e-6);
  EXPECT_EQ(tornado->order(0).front(), 1U);
  EXPECT_EQ(tornado->order(1).front(), 0U);
}

TEST(Tornado, TurnsWhatTheUserNames) {
  const Scenario scenario = service();
  const MainAssumptions named{0.2, {"workloads/*/output/mean", "pools/0/replicas"}, true};
  const auto tornado = make_tornado(scenario, catalogs(), *economics_catalog(), named,
                                    {"requests.output_tokens"}, {.jobs = 2});
  ASSERT_TRUE(tornado) << to_text(tornado.diagnostics());
  ASSERT_EQ(tornado->bars.size(), 2U);  // and not the tariff, although it has a range
  EXPECT_EQ(tornado->bars[0].leaf.path, "workloads/0/output/mean");
  EXPECT_NEAR(*tornado->bars[0].swing(0) / *tornado->base[0], 0.4, 1e-9);

  const MainAssumptions wrong{0.2, {"workloads/*/outputt/mean", "sites/0/pue"}, true};
  const auto unknown = make_tornado(scenario, catalogs(), *economics_catalog(), wrong,
                                    {"requests.output_tokens"}, {.jobs = 2});
  ASSERT_FALSE(unknown);
  ASSERT_EQ(unknown.diagnostics().items().size(), 1U);
  EXPECT_EQ(unknown.diagnostics().items()[0].place, "--vary");
}

TEST(Tornado, DrawsGiveTheBaseItsBand) {
  const Scenario scenario = service();
  const auto tornado =
      make_tornado(scenario, catalogs(), *economics_catalog(), {0.2, {}},
                   {"cost.per_year.energy", "requests.completed"}, {.jobs = 2, .samples = 8});
  ASSERT_TRUE(tornado) << to_text(tornado.diagnostics());
  ASSERT_EQ(tornado->base_bands.size(), 2U);
  const Band& energy = *tornado->base_bands[0];
  EXPECT_LT(energy.p10, 0.95 * *tornado->base[0]);  // the tariff goes from half to 1.5 times
  EXPECT_GT(energy.p90, 1.05 * *tornado->base[0]);
  EXPECT_EQ(tornado->base_bands[1]->p10, *tornado->base[1]);  // requests are not drawn
  EXPECT_NE(tornado_text(*tornado, scenario).find("(P10 "), std::string::npos);
}

TEST(Tornado, UnknownFigureIsNamed) {
  const auto tornado = make_tornado(service(), catalogs(), *economics_catalog(), {0.2, {}},
                                    {"latency.ttft_s.p99x"}, {.jobs = 2});
  ASSERT_FALSE(tornado);
  EXPECT_EQ(tornado.diagnostics().exit_code(), 2);
  EXPECT_NE(to_text(tornado.diagnostics()).find("did you mean \"latency.ttft_s.p9"),
            std::string::npos);
}

TEST(Sweep, EveryPointHasTheBandsOfTheSameDraws) {
  const Scenario scenario = service();
  const auto axes = parse_sweeps({"economics/depreciation_years=4:5:2"});
  ASSERT_TRUE(axes);
  const auto make = [&](const std::vector<Override>& changes) -> Result<Scenario> {
    Scenario changed = scenario;
    changed.economics.depreciation_years = std::stod(changes[0].value);
    return changed;
  };
  const auto sweep =
      make_sweep(make, *axes, catalogs(), *economics_catalog(),
                 {"cost.per_year.amortisation", "nothing"}, {.jobs = 2, .samples = 4});
  ASSERT_FALSE(sweep);  // no run has such a figure
  const auto good = make_sweep(make, *axes, catalogs(), *economics_catalog(),
                               {"cost.per_year.amortisation"}, {.jobs = 2, .samples = 4});
  ASSERT_TRUE(good) << to_text(good.diagnostics());
  ASSERT_EQ(good->points.size(), 2U);
  const Band& four = *good->points[0].bands[0];
  const Band& five = *good->points[1].bands[0];
  EXPECT_LT(four.p10, four.p90);
  for (const auto end : {&Band::p10, &Band::p50, &Band::p90}) {
    EXPECT_NEAR(four.*end / five.*end, 5.0 / 4, 1e-9);  // the same draws of prices
  }
  const OrderedJson json = sweep_json(*good, scenario, "x");
  EXPECT_EQ(json["points"][0]["bands"]["cost.per_year.amortisation"]["p90"], four.p90);
  EXPECT_TRUE(
      sweep_csv(*good).starts_with("economics/depreciation_years,cost.per_year.amortisation,"
                                   "cost.per_year.amortisation.p10,cost.per_year.amortisation.p50,"
                                   "cost.per_year.amortisation.p90\n"));
}

TEST(SweepAxis, ValuesInEqualStepsWithTheirUnit) {
  const auto axis = parse_sweep("sites/0/electricity_price=0.1:0.3 EUR/kWh:3");
  ASSERT_TRUE(axis);
  EXPECT_EQ(axis->path, "sites/0/electricity_price");
  EXPECT_EQ(axis->values, (std::vector<std::string>{"0.1 EUR/kWh", "0.2 EUR/kWh", "0.3 EUR/kWh"}));
  EXPECT_EQ(parse_sweep("a=100:500:5")->values,
            (std::vector<std::string>{"100", "200", "300", "400", "500"}));
  EXPECT_EQ(parse_sweep("a=3:9:1")->values, std::vector<std::string>{"3"});
  EXPECT_EQ(parse_sweep("a=5:1:3")->values, (std::vector<std::string>{"5", "3", "1"}));
}

TEST(SweepAxis, WhatIsNoSweepSaysSo) {
  for (const char* text : {"", "a", "a=", "a=1", "a=1:2", "=1:2:3", "a=x:2:3", "a=1:2:0",
                           "a=1:2:-1", "a=1:2:1.5", "a=1:2:x", "a=1 s:2 ms:3", "a=nan:1:2",
                           "a=:1:2", ":", "::", "a=1:2:1000000000", "a=1:2:1e9"}) {
    const auto axis = parse_sweep(text);
    ASSERT_FALSE(axis) << text;
    EXPECT_EQ(axis.diagnostics().items()[0].place, "--sweep") << text;
  }
}

TEST(SweepAxis, GridsHaveALimit) {
  EXPECT_TRUE(parse_sweeps({"a=1:2:100", "b=1:2:100"}));
  const auto many = parse_sweeps({"a=1:2:1000", "b=1:2:1000", "c=1:2:1000"});
  ASSERT_FALSE(many);
  EXPECT_NE(to_text(many.diagnostics()).find("1e+09"), std::string::npos);
  EXPECT_FALSE(parse_sweeps({"a=1:2:2", "a=1:2:2"}));
}

TEST(SweepAxis, TheLastAxisRunsFastest) {
  const auto axes = parse_sweeps({"a=1:2:2", "b=1:3:3"});
  ASSERT_TRUE(axes);
  EXPECT_EQ(sweep_points(*axes), 6U);
  EXPECT_EQ(changes_of(*axes, 0)[1].value, "1");
  EXPECT_EQ(changes_of(*axes, 1)[1].value, "2");
  EXPECT_EQ(changes_of(*axes, 1)[0].value, "1");
  EXPECT_EQ(changes_of(*axes, 5)[0].value, "2");
}

}  // namespace
}  // namespace microdc::testing
