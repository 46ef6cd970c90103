#include "sim/report/number_text.hpp"

#include <gtest/gtest.h>

#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

TEST(NumberText, ThreeSignificantDigits) {
  EXPECT_EQ(rounded_text(0), "0");
  EXPECT_EQ(rounded_text(0.012345), "0.0123");
  EXPECT_EQ(rounded_text(1.005), "1.00");
  EXPECT_EQ(rounded_text(999.6), "1,000");
  EXPECT_EQ(rounded_text(1234567), "1,230,000");
  EXPECT_EQ(rounded_text(-45678), "-45,700");
  EXPECT_EQ(count_text(19366), "19,366");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(-1000), "-1,000");
}

TEST(NumberText, UnitsThatKeepNumbersShort) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(8.5e-5), "85.0 µs");
  EXPECT_EQ(duration_text(0.0123), "12.3 ms");
  EXPECT_EQ(duration_text(0.99999), "1.00 s");
  EXPECT_EQ(duration_text(448), "7 min 28 s");
  EXPECT_EQ(duration_text(120), "2 min");
  EXPECT_EQ(duration_text(86400), "24 h");
  EXPECT_EQ(duration_text(5400), "1 h 30 min");
  EXPECT_EQ(duration_text(864000), "10.0 d");
  EXPECT_EQ(power_text(999.9), "1.00 kW");
  EXPECT_EQ(power_text(778), "778 W");
  EXPECT_EQ(energy_text(0.458), "458 Wh");
  EXPECT_EQ(energy_text(1234), "1.23 MWh");
  EXPECT_EQ(money_text(33000, "USD"), "33,000 USD");
  EXPECT_EQ(share_text(0.0571), "5.71 %");
}

TEST(TextLayout, AlignsByCharactersNotBytes) {
  EXPECT_EQ(aligned({{"a", "µ"}, {"bcd", "xyz"}}), "  a      µ\n  bcd  xyz\n");
  EXPECT_EQ(text_width("µs – 1"), 6U);
}

TEST(TextLayout, WrapsToThePage) {
  const std::string text = wrapped(std::string(60, 'a') + " " + std::string(60, 'b'), "  - ", 4);
  EXPECT_EQ(text, "  - " + std::string(60, 'a') + "\n    " + std::string(60, 'b') + "\n");
}

TEST(NumberText, RoughNumbersHaveTwoDigits) {
  EXPECT_EQ(rough_text(4413), "4,400");
  EXPECT_EQ(rough_text(120), "120");
  EXPECT_EQ(rough_text(64), "64");
  EXPECT_EQ(rough_text(9.52), "9.5");
  EXPECT_EQ(rough_text(1), "1");
}

}  // namespace
}  // namespace microdc
