#include "sim/planning/forecast/grid.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace microdc {
namespace {

OperatingPoint point(double within, double ttft, double energy) {
  return {.within = within, .ttft = ttft, .energy = energy, .energy_cost = energy, .carbon = 1};
}

/// Loads 1 and 4, sizes 0.25, 1 and 2, one hardware. TTFT = 0.1 s · load · size, energy = 100 ·
/// load.
OperatingGrid powers() {
  std::vector<OperatingPoint> points;
  for (const double load : {1.0, 4.0}) {
    for (const double size : {0.25, 1.0, 2.0}) {
      points.push_back(point(0.99, 0.1 * load * size, 100 * load));
    }
  }
  return {{.loads = {1, 4}, .sizes = {0.25, 1, 2}, .hardware = {{}}, .progress = {1}}, 0.9, points};
}

TEST(OperatingGrid, PowersOfTheCoordinatesAreExact) {
  const OperatingGrid grid = powers();
  for (const double load : {1.0, 1.7, 3.9, 4.0}) {
    for (const double size : {0.25, 0.3, 1.0, 1.9}) {
      const Operation at = grid.at(load, size, 1);
      EXPECT_NEAR(*at.ttft, 0.1 * load * size, 1e-12);
      EXPECT_NEAR(*at.energy, 100 * load, 1e-9);
    }
  }
}

TEST(OperatingGrid, BeyondTheAxesTheirEndsHold) {
  const OperatingGrid grid = powers();
  EXPECT_EQ(*grid.at(100, 1, 1).ttft, *grid.at(4, 1, 1).ttft);
  EXPECT_EQ(*grid.at(1, 0.01, 5).ttft, *grid.at(1, 0.25, 1).ttft);
  EXPECT_EQ(grid.capacity(1, 1), 4);  // as far as was looked
}

/// One size, loads 1 and 4; a draw that takes twice the time and half more energy.
OperatingGrid with_a_draw() {
  return {{.loads = {1, 4}, .sizes = {1, 2}, .hardware = {{}}, .progress = {1}, .draws = 1},
          0.9,
          {point(0.95, 0.1, 100), point(0.9, 0.2, 200), point(0.9, 0.4, 300), point(0.5, 1, 400)},
          {point(0.93, 0.2, 150), point(0.5, 0.8, 450)}};
}

TEST(OperatingGrid, ADrawChangesEverythingAsOnThePresentRack) {
  const OperatingGrid grid = with_a_draw();
  EXPECT_NEAR(*grid.at(1, 1, 1).ttft, 0.1, 1e-12);
  EXPECT_NEAR(*grid.at(1, 1, 1, 1).ttft, 0.2, 1e-12);
  EXPECT_NEAR(grid.at(1, 1, 1, 1).within, 0.93, 1e-12);
  // Larger models have no draw of their own: the same factors.
  EXPECT_NEAR(*grid.at(4, 2, 1, 1).ttft, 2, 1e-12);
  EXPECT_NEAR(*grid.at(4, 2, 1, 1).energy, 600, 1e-9);
  // Odds of 9 become 1 under four times the load.
  EXPECT_NEAR(grid.at(4, 2, 1, 1).within, 1 / (1 + 9.0), 1e-12);
  EXPECT_LT(grid.capacity(1, 1, 1), grid.capacity(1, 1));
  EXPECT_GT(grid.capacity(1, 1, 1), 1);
}

TEST(OperatingGrid, ADrawThatBreaksDownKeepsItsEnergy) {
  const OperatingGrid grid(
      {.loads = {1, 4}, .sizes = {1}, .hardware = {{}}, .progress = {1}, .draws = 1}, 0.9,
      {point(0.95, 0.1, 100), point(0.9, 0.2, 200)}, {point(0.2, 3, 150), OperatingPoint{}});
  EXPECT_FALSE(grid.at(4, 1, 1, 1).ttft);
  EXPECT_EQ(grid.at(4, 1, 1, 1).within, 0);
  EXPECT_NEAR(*grid.at(4, 1, 1, 1).energy, 300, 1e-9);  // half more, as under the load before
}

TEST(OperatingGrid, ABrokenDownRackHasNoLatencyAndKeepsItsEnergy) {
  const OperatingGrid grid({.loads = {1, 2}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.9,
                           {point(0.99, 0.1, 100), OperatingPoint{}});
  const Operation between = grid.at(1.5, 1, 1);
  EXPECT_FALSE(between.ttft);
  EXPECT_NEAR(*between.energy, 100, 1e-9);
  EXPECT_LT(between.within, 0.9);
  EXPECT_EQ(grid.at(2, 1, 1).within, 0);
  const double capacity = grid.capacity(1, 1);
  EXPECT_GT(capacity, 1);
  EXPECT_LT(capacity, 2);
  EXPECT_NEAR(grid.at(capacity, 1, 1).within, 0.9, 1e-6);
}

TEST(OperatingGrid, TheLargestModelFitsIntoMemory) {
  OperatingPoint too_large;
  too_large.failure = "the model does not fit";
  const OperatingGrid grid({.loads = {1}, .sizes = {0.5, 1, 2}, .hardware = {{}}, .progress = {1}},
                           0.9, {point(1, 0.1, 1), point(1, 0.2, 1), too_large});
  EXPECT_EQ(*grid.largest_size(1), 1);  // nothing between 1 and 2 is known to fit
  const OperatingGrid slow({.loads = {1}, .sizes = {0.5, 1, 2}, .hardware = {{}}, .progress = {1}},
                           0.9, {point(1, 0.1, 1), point(1, 0.2, 1), point(0.3, 0.4, 1)});
  EXPECT_GT(*slow.largest_size(1), 1);
  EXPECT_LT(*slow.largest_size(1), 2);
  const OperatingGrid none({.loads = {1}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.9,
                           {point(0.3, 0.1, 1)});
  EXPECT_FALSE(none.largest_size(1));
  EXPECT_EQ(none.capacity(1, 1), 0);
}

TEST(OperatingPoint, LinesKeepEveryBit) {
  OperatingPoint before = point(0.1 + 0.2, 1.0 / 3, 1e-300);
  before.failure = "tab\tand \"quotes\"\nand lines";
  before.requests = 123456789.125;
  before.tpot.reset();
  const std::string line = to_line(before);
  EXPECT_EQ(line.find_first_of("\t\n"), std::string::npos);
  const auto after = operating_point_of_line(line);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->failure, before.failure);
  EXPECT_EQ(after->within, before.within);
  EXPECT_EQ(after->ttft, before.ttft);
  EXPECT_EQ(after->energy, before.energy);
  EXPECT_EQ(after->requests, before.requests);
  EXPECT_FALSE(after->tpot);
  EXPECT_FALSE(operating_point_of_line("{\"within\": 0.5"));
}

}  // namespace
}  // namespace microdc
