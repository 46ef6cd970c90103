// Draws of figures from their ranges.
#include "hwprofiles/laws/figure_draw.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace microdc {
namespace {

struct Room {
  std::string name;
  double pue = 1.5;
  std::optional<Range> pue_range;
};
void describe(FieldVisitor& v, Room& room) {
  v.text({.name = "name", .label = "Name"}, room.name);
  v.ranged({.name = "pue", .label = "PUE", .min = 1, .max = 5, .drawn = true}, room.pue,
           room.pue_range);
}

struct House {
  std::optional<Figure> price = Figure{.value = 100, .low = 60, .high = 180};
  std::optional<Figure> plain = Figure{.value = 7};
  std::optional<Figure> size = Figure{.value = 10, .low = 5, .high = 20};  // not to be drawn
  std::vector<Room> rooms;
};
void describe(FieldVisitor& v, House& house) {
  v.figure({.name = "price", .label = "Price", .drawn = true}, house.price);
  v.figure({.name = "plain", .label = "Plain", .drawn = true}, house.plain);
  v.figure({.name = "size", .label = "Size"}, house.size);
  v.objects({.name = "rooms", .label = "Rooms"}, house.rooms);
}

House drawn_house(House house, const FigureDraw& draw) {
  draw_figures([&](FieldVisitor& v) { describe(v, house); }, "house", draw);
  return house;
}

double share_below(std::vector<double> values, double limit) {
  const auto below =
      std::count_if(values.begin(), values.end(), [&](double value) { return value < limit; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

TEST(FigureDraws, LowValueAndHighAreP10P50AndP90) {
  std::vector<double> prices;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    prices.push_back(drawn_house({}, {1, i}).price->value);
    EXPECT_GT(prices.back(), 0);
  }
  EXPECT_NEAR(share_below(prices, 60), 0.1, 0.01);
  EXPECT_NEAR(share_below(prices, 100), 0.5, 0.01);
  EXPECT_NEAR(share_below(prices, 180), 0.9, 0.01);
}

TEST(FigureDraws, TheMedianIsTheValueAndEndsMayBeMissingOrZero) {
  EXPECT_DOUBLE_EQ(drawn_value(5, 1, 9, 0), 5);
  EXPECT_DOUBLE_EQ(drawn_value(5, std::nullopt, 9, -2), 5);
  EXPECT_DOUBLE_EQ(drawn_value(5, 1, std::nullopt, 2), 5);
  EXPECT_DOUBLE_EQ(drawn_value(0, 0, 3, -2), 0);
  EXPECT_NEAR(drawn_value(0, 0, 3, 1.2815515655446004), 3, 1e-12);
  EXPECT_NEAR(drawn_value(8, 2, 9, -2 * 1.2815515655446004), 0.5, 1e-12);
}

TEST(FigureDraws, WithoutARangeOrNotMarkedNothingVaries) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    House house;
    house.rooms = {{.name = "plain"}};
    house = drawn_house(house, {1, i});
    EXPECT_EQ(house.plain->value, 7);
    EXPECT_EQ(house.size->value, 10);
    EXPECT_EQ(house.rooms[0].pue, 1.5);
  }
}

TEST(FigureDraws, StayWithinTheLimitsOfTheField) {
  House house;
  house.rooms = {{.name = "cellar", .pue = 1.1, .pue_range = Range{1.0, 4.5}}};
  double least = 9;
  double most = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    const double pue = drawn_house(house, {1, i}).rooms[0].pue;
    least = std::min(least, pue);
    most = std::max(most, pue);
  }
  EXPECT_EQ(least, 1);
  EXPECT_EQ(most, 5);
}

TEST(FigureDraws, DependOnSeedFigureAndReplicationOnly) {
  const Room cellar{.name = "cellar", .pue_range = Range{1.2, 2}};
  const Room attic{.name = "attic", .pue_range = Range{1.2, 2}};
  House one;
  one.rooms = {cellar, attic};
  House other;  // the same rooms elsewhere in the list, and another price range
  other.rooms = {attic, {.name = "hall", .pue_range = Range{1.1, 3}}, cellar};
  other.price.reset();
  const House a = drawn_house(one, {3, 8});
  const House b = drawn_house(other, {3, 8});
  EXPECT_EQ(a.rooms[0].pue, b.rooms[2].pue);
  EXPECT_EQ(a.rooms[1].pue, b.rooms[0].pue);
  EXPECT_NE(a.rooms[0].pue, a.rooms[1].pue);
  EXPECT_NE(drawn_house(one, {4, 8}).rooms[0].pue, a.rooms[0].pue);
  EXPECT_NE(drawn_house(one, {3, 9}).rooms[0].pue, a.rooms[0].pue);
}

/// Two times that reach further up than down, as an engine's overheads do.
struct Overheads {
  std::optional<Figure> first = Figure{.value = 10, .low = 0, .high = 60};
  std::optional<Figure> second = Figure{.value = 0, .low = 0, .high = 30};
};
void describe(FieldVisitor& v, Overheads& overheads) {
  v.figure({.name = "first", .label = "First", .drawn = true}, overheads.first);
  v.figure({.name = "second", .label = "Second", .drawn = true}, overheads.second);
}

TEST(FigureDraws, WithSharedLuckASumHasTheMedianOfItsValues) {
  // The two sums in the middle of a thousand.
  const auto middle = [](Luck luck) {
    std::vector<double> sums;
    for (std::uint64_t i = 1; i <= 1000; ++i) {
      Overheads overheads;
      draw_figures([&](FieldVisitor& v) { describe(v, overheads); }, "engine", {1, i}, luck);
      sums.push_back(overheads.first->value + overheads.second->value);
    }
    std::sort(sums.begin(), sums.end());
    return std::pair(sums[499], sums[500]);
  };
  const auto shared = middle(Luck::shared);
  EXPECT_LE(shared.first, 10);
  EXPECT_GE(shared.second, 10);
  EXPECT_GT(middle(Luck::own).first, 14);  // why their luck is shared
}

TEST(FigureDraws, ReplicationsInPairsLieOnBothSides) {
  for (std::uint64_t i = 1; i < 100; i += 2) {
    const double one = drawn_house({}, {1, i}).price->value;
    const double other = drawn_house({}, {1, i + 1}).price->value;
    EXPECT_TRUE((one - 100) * (other - 100) < 0) << one << " " << other;
  }
}

TEST(FigureDraws, ADrawnFigureIsCertain) {
  House house;
  house.rooms = {{.name = "cellar", .pue_range = Range{1.2, 2}}};
  const House once = drawn_house(house, {1, 1});
  const House twice = drawn_house(once, {1, 2});
  EXPECT_EQ(once.price->value, twice.price->value);
  EXPECT_EQ(once.rooms[0].pue, twice.rooms[0].pue);
}

}  // namespace
}  // namespace microdc
