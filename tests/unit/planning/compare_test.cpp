// Comparisons: what differs, by how much, and that the parts of a difference add up.
#include "sim/planning/compare/compare.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/planning/compare/answer.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/serving/simulation.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;

Scenario office(std::int64_t users = 30) { return testing::chat_office("office", users, 600, 100); }

CompareInput input_of(const std::string& name, const Scenario& scenario) {
  CompareInput input{.name = name, .file = name + ".json", .inputs_sha256 = name};
  input.scenario = scenario;
  input.catalogs = catalogs();
  auto streams = make_streams(scenario, ".");
  EXPECT_TRUE(streams) << to_text(streams.diagnostics());
  input.streams = std::move(*streams);
  return input;
}

ScenarioComparison compared(const std::vector<CompareInput>& inputs,
                            CompareSettings settings = {}) {
  auto comparison = compare_scenarios(inputs, settings);
  EXPECT_TRUE(comparison) << to_text(comparison.diagnostics());
  return comparison ? std::move(*comparison) : ScenarioComparison{};
}

const InputChange* change_at(const std::vector<InputChange>& changes, const std::string& path) {
  const auto at = std::find_if(changes.begin(), changes.end(),
                               [&](const InputChange& change) { return change.path == path; });
  return at == changes.end() ? nullptr : &*at;
}

TEST(Changes, NumbersTextsAndWhatIsInOneOnly) {
  const Scenario first = office();
  Scenario other = first;
  other.name = "another name does not count";
  other.pools[0].replicas = 2;
  other.sites[0].pue = 1.2;
  other.sites[0].racks[0].servers[0].type = "gpu-pcie-1x-l40s";
  other.pools.push_back({.name = "letters", .model = "qwen3-14b"});
  other.needs.budget = Money(50000);
  const auto changes = changed_inputs(first, other);
  ASSERT_EQ(changes.size(), 5u);
  // What one only has, then texts, then numbers by the size of their ratio.
  EXPECT_EQ(changes[0].path, "pools/letters");
  EXPECT_EQ(changes[0].from, "");
  EXPECT_NE(changes[0].to.find("model qwen3-14b"), std::string::npos);
  EXPECT_EQ(changes[1].path, "needs/budget");
  EXPECT_EQ(changes[1].to, "50000 USD");
  EXPECT_EQ(changes[2].path, "sites/office/racks/rack/servers/servers/type");
  EXPECT_EQ(changes[2].from, "gpu-pcie-1x-l4");
  EXPECT_EQ(changes[3].path, "pools/chat/replicas");
  EXPECT_DOUBLE_EQ(*changes[3].ratio, 2);
  EXPECT_EQ(changes[4].path, "sites/office/pue");
  EXPECT_EQ(changes[4].label, "PUE");
}

TEST(Changes, EqualScenariosHaveNone) { EXPECT_TRUE(changed_inputs(office(), office()).empty()); }

TEST(Changes, ARenamedItemIsTheSameItem) {
  Scenario other = office();
  other.pools[0].name = "talk";
  other.pools[0].replicas = 3;
  const auto changes = changed_inputs(office(), other);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_NE(change_at(changes, "pools/chat/name"), nullptr);
  EXPECT_NE(change_at(changes, "pools/chat/replicas"), nullptr);
}

TEST(Changes, ARangeThatChangesIsAChange) {
  Scenario other = office();
  other.sites[0].pue_range = Range{1.2, 1.9};
  const auto changes = changed_inputs(office(), other);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].to, "1.54 (1.2 to 1.9)");
}

TEST(Compare, TheSameScenarioTwiceDiffersInNothing) {
  const ScenarioComparison comparison =
      compared({input_of("a", office()), input_of("b", office())}, {.samples = 2});
  ASSERT_EQ(comparison.runs.size(), 2u);
  for (const ComparedFigure& figure : compared_figures(comparison)) {
    if (!figure.values[0]) continue;
    EXPECT_EQ(figure.relative[1], 0.0) << figure.path;
    ASSERT_TRUE(figure.relative_bands[1]) << figure.path;
    EXPECT_EQ(figure.relative_bands[1]->p10, 0.0) << figure.path;
    EXPECT_EQ(figure.relative_bands[1]->p90, 0.0) << figure.path;
  }
  EXPECT_TRUE(comparison.changes[1].empty());
}

TEST(Compare, CostsAndTheirDifferencesAddUp) {
  Scenario dearer = office();
  dearer.economics.operation.staff = 0.4;
  dearer.sites[0].pue = 1.9;
  const ScenarioComparison comparison = compared({input_of("a", office()), input_of("b", dearer)});
  const ComparedRun& a = comparison.runs[0];
  const ComparedRun& b = comparison.runs[1];
  const auto difference = cost_difference(a, b);
  ASSERT_TRUE(difference);
  Cents sum;
  for (const Cents cost : *difference) sum += cost;
  EXPECT_EQ(sum, b.total_per_year - a.total_per_year);
  EXPECT_EQ(a.total_per_year, Cents::rounded(a.figures.at("cost.ownership.per_year")));
  EXPECT_EQ(b.total_per_year, Cents::rounded(b.figures.at("cost.ownership.per_year")));
  // Staff and energy explain all of it.
  const auto of = [&](CostKind kind) { return (*difference)[static_cast<std::size_t>(kind)]; };
  EXPECT_GT(of(CostKind::staff), of(CostKind::energy));
  EXPECT_GT(of(CostKind::energy), Cents());
  EXPECT_NEAR(static_cast<double>((sum - of(CostKind::staff) - of(CostKind::energy)).hundredths()),
              0, 2);
  const auto reasons = cost_reasons(a, b, "USD");
  ASSERT_GE(reasons.size(), 2u);
  EXPECT_NE(reasons[0].find("more for staff"), std::string::npos);
  EXPECT_NE(reasons[1].find("more for energy"), std::string::npos);
  const OrderedJson json = compare_json(comparison);
  EXPECT_DOUBLE_EQ(json["scenarios"][1]["cost_difference"]["total"].get<double>(),
                   sum.money().value());
}

TEST(Compare, AnswersDoNotDependOnTheNumberOfWorkers) {
  const std::vector<CompareInput> inputs{input_of("a", office(20)), input_of("b", office(40)),
                                         input_of("c", office(60))};
  const auto answer = [&](int jobs) {
    const ScenarioComparison comparison = compared(inputs, {.jobs = jobs, .samples = 2});
    return compare_json(comparison).dump() + compare_csv(comparison) + compare_text(comparison);
  };
  EXPECT_EQ(answer(1), answer(2));
}

TEST(Compare, ARunThatFailsIsNamed) {
  Scenario broken = office();
  broken.pools[0].kv_cache_tokens = 0;
  broken.pools[0].model = "llama-3.1-70b";  // does not fit
  const auto comparison = compare_scenarios({input_of("a", office()), input_of("b", broken)}, {});
  ASSERT_FALSE(comparison);
  EXPECT_EQ(comparison.diagnostics().items().front().file, "b.json");
}

TEST(Compare, AFigureThatOneLacksHasNoDifference) {
  ScenarioComparison comparison;
  ComparedRun a{.name = "a", .figures = {{"power.mean_w", 100}, {"power.peak_w", 0}}};
  ComparedRun b{.name = "b", .figures = {{"power.peak_w", 50}}};
  comparison.runs = {a, b};
  const auto figures = compared_figures(comparison);
  ASSERT_EQ(figures.size(), 2u);
  EXPECT_EQ(figures[0].path, "power.mean_w");
  EXPECT_FALSE(figures[0].relative[1]);
  EXPECT_EQ(figures[1].differences[1], 50);
  EXPECT_FALSE(figures[1].relative[1]) << "a share of zero means nothing";
}

}  // namespace
}  // namespace microdc
