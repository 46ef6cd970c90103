// Strong units: what may be combined, and that dimensions multiply and cancel.
#include "hwprofiles/base/units.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace microdc {
namespace {

// What must not compile.
template <class A, class B>
concept Addable = requires(A a, B b) { a + b; };
template <class A, class B>
concept Comparable = requires(A a, B b) { a < b; };
static_assert(Addable<Seconds, Seconds>);
static_assert(!Addable<Seconds, Bytes>);
static_assert(!Addable<Seconds, double>);
static_assert(!Comparable<Joules, Watts>);
static_assert(!std::is_convertible_v<double, Seconds>);
static_assert(!std::is_convertible_v<Seconds, double>);

// Dimensions multiply and cancel.
static_assert(std::is_same_v<decltype(Bytes(1) / Seconds(1)), BytesPerSecond>);
static_assert(std::is_same_v<decltype(Bytes(1) / BytesPerSecond(1)), Seconds>);
static_assert(std::is_same_v<decltype(Watts(1) * Seconds(1)), Joules>);
static_assert(std::is_same_v<decltype(Joules(1) * MoneyPerJoule(1)), Money>);
static_assert(std::is_same_v<decltype(1.0 / Seconds(1)), PerSecond>);
static_assert(std::is_same_v<decltype(Seconds(1) / Seconds(1)), double>);

TEST(Units, AreAsSmallAsTheNumber) { EXPECT_EQ(sizeof(Seconds), sizeof(double)); }

TEST(Units, StartAtZero) { EXPECT_EQ(Joules().value(), 0.0); }

TEST(Units, ComputeInBaseUnits) {
  // 4.8 TB/s move 2.4 GB in 0.5 ms.
  EXPECT_DOUBLE_EQ((Bytes(2.4e9) / BytesPerSecond(4.8e12)).value(), 0.0005);
  // 350 W over one hour are 0.35 kWh; at 0.20 per kWh they cost 0.07.
  const Joules energy = Watts(350) * Seconds(seconds_per_hour);
  EXPECT_DOUBLE_EQ(energy.value() / joules_per_kwh, 0.35);
  EXPECT_DOUBLE_EQ((energy * MoneyPerJoule(0.20 / joules_per_kwh)).value(), 0.07);
}

TEST(Units, AddScaleAndCompare) {
  Seconds time(2);
  time += Seconds(3);
  time -= Seconds(1);
  time *= 2;
  EXPECT_EQ(time, Seconds(8));
  EXPECT_EQ(time / 4, Seconds(2));
  EXPECT_EQ(-time + 0.5 * time, Seconds(-4));
  EXPECT_LT(Seconds(1), Seconds(2));
  EXPECT_DOUBLE_EQ(Seconds(1) / Seconds(4), 0.25);
}

}  // namespace
}  // namespace microdc
