// Amounts as people type them.
#include "sim/cli/amount.hpp"

#include <gtest/gtest.h>

namespace microdc::cli {
namespace {

struct Typed {
  const char* text;
  double value;
  const char* currency;
};

TEST(ReadAmount, TakesWhatPeopleType) {
  for (const Typed& typed : {Typed{"60000 EUR", 60000, "EUR"},
                             Typed{"60.000 EUR", 60000, "EUR"},
                             Typed{"60,000 EUR", 60000, "EUR"},
                             Typed{"60 000 EUR", 60000, "EUR"},
                             Typed{"60'000 CHF", 60000, "CHF"},
                             Typed{"60\u2019000 CHF", 60000, "CHF"},
                             Typed{"60\u202f000\u00a0€", 60000, "EUR"},
                             Typed{"1.250.000 EUR", 1250000, "EUR"},
                             Typed{"60k EUR", 60000, "EUR"},
                             Typed{"60 k€", 60000, "EUR"},
                             Typed{"1.5M EUR", 1500000, "EUR"},
                             Typed{"1,5 Mio EUR", 1500000, "EUR"},
                             Typed{"€60000", 60000, "EUR"},
                             Typed{"60000 €", 60000, "EUR"},
                             Typed{"£5k", 5000, "GBP"},
                             Typed{"EUR 60000", 60000, "EUR"},
                             Typed{"60000 eur", 60000, "EUR"},
                             Typed{"60.000,50 EUR", 60000.5, "EUR"},
                             Typed{"60,000.50 EUR", 60000.5, "EUR"},
                             Typed{"$80k CAD", 80000, "CAD"},
                             Typed{"CA$80,000", 80000, "CAD"},
                             Typed{"C$80,000", 80000, "CAD"},
                             Typed{"100 000 $ CA", 100000, "CAD"},
                             Typed{"$80k US", 80000, "USD"},
                             Typed{"US$ 1.5 million", 1500000, "USD"},
                             Typed{"1.5m EUR", 1500000, "EUR"},
                             Typed{"€1.2 million", 1200000, "EUR"},
                             Typed{"1,5 Mio. €", 1500000, "EUR"},
                             Typed{"€60000 EUR", 60000, "EUR"},
                             Typed{"60kEUR", 60000, "EUR"},
                             Typed{"Fr. 60'000.-", 60000, "CHF"},
                             Typed{"EUR -5", -5, "EUR"},
                             Typed{"99.5 EUR", 99.5, "EUR"},
                             Typed{"0.125 EUR", 0.125, "EUR"},
                             Typed{"-5 EUR", -5, "EUR"}}) {
    const auto amount = read_amount(typed.text, "EUR");
    ASSERT_TRUE(amount) << typed.text << ": " << to_text(amount.diagnostics());
    EXPECT_DOUBLE_EQ(amount->value, typed.value) << typed.text;
    EXPECT_EQ(amount->currency, typed.currency) << typed.text;
  }
}

TEST(ReadNumber, ReadsSeparatorsAsReadAmountDoes) {
  for (const auto& [text, value] : {std::pair{"2.000", 2000.0},
                                    {"2,000", 2000},
                                    {"2 000", 2000},
                                    {"2000", 2000},
                                    {"2k", 2000},
                                    {"2.5", 2.5},
                                    {"2,5", 2.5},
                                    {"1.250.000", 1250000}}) {
    const auto number = read_number(text);
    ASSERT_TRUE(number) << text << ": " << to_text(number.diagnostics());
    EXPECT_DOUBLE_EQ(*number, value) << text;
  }
}

TEST(ReadNumber, RefusesWithHowToWriteIt) {
  for (const char* text : {"2.000k", "1,234.567", "20.00.000", "nan", "", "many", "2 EUR", "2/d"}) {
    const auto number = read_number(text);
    ASSERT_FALSE(number) << text;
    EXPECT_NE(number.diagnostics().items().front().allowed.find("\"2,000\""), std::string::npos);
  }
}

TEST(ReadAmount, ADollarIsThatOfThePlaceIfItHasOne) {
  EXPECT_EQ(read_amount("$60k", "CAD")->currency, "CAD");
  EXPECT_EQ(read_amount("60k $", "EUR")->currency, "USD");
}

TEST(ReadAmount, RefusesWhatHasNoSingleMeaning) {
  for (const char* text :
       {"30000", "60000 ct", "1.500k EUR", "60.00.000 EUR", "1,234.567 EUR", "6 00 EUR", "EUR", "",
        "lots of EUR", "60 EUR/kWh", "nan EUR", "1e5 EUR", "60..000 EUR", "1,2,3 EUR", "€60000 CHF",
        "$60000 EUR", "60 XY$", "60.000'000,000 EUR"}) {
    EXPECT_FALSE(read_amount(text, "EUR")) << text;
  }
}

}  // namespace
}  // namespace microdc::cli
