// The examples of docs/worked-examples.md about plan and compare, recomputed here with nothing but
// the arithmetic of that page.
#include <gtest/gtest.h>

#include <array>

#include "sim/planning/compare/compare.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/bounds.hpp"

namespace microdc {
namespace {

TEST(WorkedPlan, AvailabilityWithASpareServer) {
  // Eight accelerators at 0.1 failures a year and 0.1 for the rest, away for 2 days each time.
  FailureFigures figures;
  figures.accelerator_failures_per_year = Figure{.value = 0.1};
  figures.server_failures_per_year = Figure{.value = 0.1};
  figures.repair_time = Figure{.value = 2 * 86'400.0};
  ServerType type;
  type.accelerators = 8;
  const double up = 1 / (1 + 0.9 * 2 / 365.25);
  EXPECT_NEAR(up, 0.995096, 5e-7);  // as the page says
  EXPECT_NEAR(server_availability(type, {}, figures), up, 1e-12);
  EXPECT_NEAR(availability_of_servers(up, 2, 0), up * up, 1e-12);
  EXPECT_NEAR(up * up, 0.990216, 5e-7);
  const double with_spare = up * up * up + 3 * (1 - up) * up * up;
  EXPECT_NEAR(availability_of_servers(up, 2, 1), with_spare, 1e-12);
  EXPECT_NEAR(with_spare, 0.999928, 5e-7);
}

TEST(WorkedPlan, RelaxationOfANeed) {
  const Miss budget{.need = Need::budget, .value = 64'200, .limit = 60'000};
  EXPECT_NEAR(budget.excess(), 0.07, 1e-12);
  // 99.4 % instead of 99.5: 0.6 % of the hours without service are 20 % more than 0.5 %.
  const Miss availability{
      .need = Need::availability, .value = 0.994, .limit = 0.995, .at_most = false};
  EXPECT_NEAR(availability.excess(), 0.006 / 0.005 - 1, 1e-9);
  const Miss quality{.need = Need::quality, .value = 72, .limit = 81, .at_most = false};
  EXPECT_NEAR(quality.excess(), 81.0 / 72 - 1, 1e-12);
}

ComparedRun compared_run(std::array<std::int64_t, 3> costs, double ttft) {
  ComparedRun run;
  run.per_year.emplace();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::array kinds{CostKind::purchase, CostKind::energy, CostKind::staff};
    (*run.per_year)[static_cast<std::size_t>(kinds[i])] = Cents(100 * costs[i]);
  }
  run.figures["latency.ttft_s.p95"] = ttft;
  return run;
}

TEST(WorkedCompare, DifferencesByKindAddUp) {
  ScenarioComparison comparison;
  comparison.runs = {compared_run({6000, 1000, 3000}, 0.8), compared_run({5000, 1500, 2500}, 1.0)};
  const auto difference = cost_difference(comparison.runs[0], comparison.runs[1]);
  ASSERT_TRUE(difference);
  Cents sum;
  for (const Cents cost : *difference) sum += cost;
  EXPECT_EQ(sum, Cents(-100'000));  // 9,000 - 10,000
  EXPECT_EQ((*difference)[static_cast<std::size_t>(CostKind::energy)], Cents(50'000));
  const ComparedFigure figure = compared_figures(comparison).front();
  EXPECT_NEAR(*figure.differences[1], 0.2, 1e-12);
  EXPECT_NEAR(*figure.relative[1], 0.25, 1e-12);
}

}  // namespace
}  // namespace microdc
