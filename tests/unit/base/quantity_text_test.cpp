// Quantities as text: "4.8 TB/s", "0.19 EUR/kWh".
#include "hwprofiles/base/quantity_text.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"

namespace microdc {
namespace {

struct Reading {
  const char* text;
  Dimension dimension;
  double value;
  const char* currency = "";
};

/// Shown in the name of a test; the default would be bytes that differ from run to run.
void PrintTo(const Reading& reading, std::ostream* out) { *out << reading.text; }

class ReadQuantity : public ::testing::TestWithParam<Reading> {};

TEST_P(ReadQuantity, GivesTheValueInBaseUnits) {
  const Reading& reading = GetParam();
  const auto parsed = parse_quantity(reading.text, reading.dimension);
  ASSERT_TRUE(parsed.ok()) << to_text(parsed.diagnostics());
  EXPECT_DOUBLE_EQ(parsed->value, reading.value);
  EXPECT_EQ(parsed->currency, reading.currency);
}

INSTANTIATE_TEST_SUITE_P(
    Known, ReadQuantity,
    ::testing::Values(
        Reading{"12", Dimension::none, 12}, Reading{"95 %", Dimension::none, 0.95},
        Reading{"-1.5", Dimension::none, -1.5}, Reading{"200 ms", Dimension::time, 0.2},
        Reading{"90 min", Dimension::time, 5400}, Reading{"1 y", Dimension::time, seconds_per_year},
        Reading{"3600 /h", Dimension::rate, 1}, Reading{"80 GiB", Dimension::bytes, 80 * 1073741824.0},
        Reading{"80 GB", Dimension::bytes, 80e9}, Reading{"4.8 TB/s", Dimension::bytes_per_second, 4.8e12},
        Reading{"400 Gbit/s", Dimension::bytes_per_second, 50e9},
        Reading{"989 TFLOP/s", Dimension::flop_per_second, 9.89e14},
        Reading{"0.35 kW", Dimension::power, 350}, Reading{"1 kWh", Dimension::energy, 3.6e6},
        Reading{"1200 EUR", Dimension::money, 1200, "EUR"},
        Reading{"1200EUR", Dimension::money, 1200, "EUR"},
        Reading{"0.36 CHF/kWh", Dimension::money_per_energy, 1e-7, "CHF"},
        Reading{"360 g/kWh", Dimension::carbon_intensity, 1e-4},
        Reading{"  30\ts  ", Dimension::time, 30}, Reading{"1e3 W", Dimension::power, 1000},
        Reading{"0", Dimension::time, 0}, Reading{"0", Dimension::money, 0}));

struct Mistake {
  const char* text;
  Dimension dimension;
  const char* message;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << '"' << mistake.text << '"'; }

class WrongQuantity : public ::testing::TestWithParam<Mistake> {};

TEST_P(WrongQuantity, SaysWhatIsWrongAndWhatIsAllowed) {
  const Mistake& mistake = GetParam();
  const auto parsed = parse_quantity(mistake.text, mistake.dimension);
  ASSERT_FALSE(parsed.ok()) << parsed->value;
  ASSERT_EQ(parsed.diagnostics().items().size(), 1u);
  const Diagnostic& error = parsed.diagnostics().items().front();
  EXPECT_EQ(error.message, mistake.message);
  EXPECT_EQ(error.found, '"' + std::string(mistake.text) + '"');
  EXPECT_NE(error.allowed.find(allowed_units(mistake.dimension)), std::string::npos);
}

constexpr const char* no_number = "this is not a finite number with a unit";

INSTANTIATE_TEST_SUITE_P(
    Each, WrongQuantity,
    ::testing::Values(
        Mistake{"", Dimension::time, no_number}, Mistake{"s", Dimension::time, no_number},
        Mistake{"fast", Dimension::none, no_number}, Mistake{"nan s", Dimension::time, no_number},
        Mistake{"inf W", Dimension::power, no_number},
        Mistake{"1e999 s", Dimension::time, no_number},
        Mistake{"350", Dimension::power, "the unit is missing"},
        Mistake{"350 w", Dimension::power, "unit \"w\" does not fit here"},
        Mistake{"3 GB", Dimension::time, "unit \"GB\" does not fit here"},
        Mistake{"3 s s", Dimension::time, "unit \"s s\" does not fit here"},
        Mistake{"1,5 s", Dimension::time, "unit \",5 s\" does not fit here"},
        Mistake{"5 s", Dimension::none, "unit \"s\" does not fit here"},
        Mistake{"1200", Dimension::money, "the unit is missing"},
        Mistake{"1200 euro", Dimension::money, "the currency is missing"},
        Mistake{"60k EUR", Dimension::money, "numbers in files are written out"},
        Mistake{"60,000 EUR", Dimension::money, "numbers in files are written out"},
        Mistake{"0.2 /kWh", Dimension::money_per_energy, "the currency is missing"},
        Mistake{"0.2 EUR", Dimension::money_per_energy, "unit \"\" does not fit here"}));

TEST(WriteQuantity, ChoosesTheUnitAPersonWould) {
  EXPECT_EQ(format_quantity(4.8e12, Dimension::bytes_per_second), "4.8 TB/s");
  EXPECT_EQ(format_quantity(350, Dimension::power), "350 W");
  EXPECT_EQ(format_quantity(0.025, Dimension::time), "25 ms");
  EXPECT_EQ(format_quantity(0.5, Dimension::none), "0.5");
  EXPECT_EQ(format_quantity(1200, Dimension::money, "USD"), "1200 USD");
  EXPECT_EQ(format_quantity(0.19 / joules_per_kwh, Dimension::money_per_energy, "EUR"),
            "0.19 EUR/kWh");
  EXPECT_EQ(format_quantity(381 / joules_per_kwh, Dimension::carbon_intensity), "381 g/kWh");
}

const std::vector<Dimension>& all_dimensions() {
  static const std::vector<Dimension> all{
      Dimension::none,  Dimension::time,  Dimension::rate,
      Dimension::bytes, Dimension::power, Dimension::bytes_per_second,
      Dimension::money, Dimension::energy, Dimension::flop_per_second,
      Dimension::money_per_energy, Dimension::carbon_intensity};
  return all;
}

TEST(WriteQuantity, ReadsBackAsTheSameNumberWhateverTheNumber) {
  std::mt19937_64 random(7);
  for (const Dimension dimension : all_dimensions()) {
    for (int i = 0; i < 2000; ++i) {
      // Random mantissas over forty decades; the generator itself is defined by the standard.
      const double mantissa = 1.0 + static_cast<double>(random() >> 12) * 0x1p-52;
      const double value = std::ldexp(mantissa, static_cast<int>(random() % 128) - 64);
      const std::string text = format_quantity(value, dimension, "EUR");
      const auto parsed = parse_quantity(text, dimension);
      ASSERT_TRUE(parsed.ok()) << text;
      const bool per_kwh = dimension == Dimension::money_per_energy ||
                           dimension == Dimension::carbon_intensity;
      // These two are always written per kWh, which not every double survives to the last bit.
      if (per_kwh) ASSERT_DOUBLE_EQ(parsed->value, value) << text;
      else ASSERT_EQ(parsed->value, value) << text;
    }
  }
}

TEST(WriteQuantity, ReadsBackFarFromEverydayNumbers) {
  for (const Dimension dimension : all_dimensions()) {
    for (const double value : {0.0, -1.0, 1e290, 1e-290, std::numeric_limits<double>::epsilon()}) {
      const std::string text = format_quantity(value, dimension, "EUR");
      const auto parsed = parse_quantity(text, dimension);
      ASSERT_TRUE(parsed.ok()) << text;
      EXPECT_DOUBLE_EQ(parsed->value, value) << text;
    }
  }
}

TEST(Units, OfEveryDimensionAreNamed) {
  for (const Dimension dimension : all_dimensions()) EXPECT_NE(allowed_units(dimension), "");
  EXPECT_EQ(base_unit(Dimension::bytes_per_second), "B/s");
  EXPECT_EQ(base_unit(Dimension::none), "");
}

}  // namespace
}  // namespace microdc
