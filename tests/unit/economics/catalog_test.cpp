#include "sim/economics/catalog.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "hwprofiles/base/json_io.hpp"
#include "support.hpp"

namespace microdc {
namespace {

const EconomicsCatalog& catalog() { return *economics_catalog(); }

TEST(EconomicsCatalog, Loads) {
  ASSERT_TRUE(economics_catalog()) << to_text(economics_catalog().diagnostics());
  EXPECT_GT(catalog().offers.size(), 100U);
  EXPECT_GT(catalog().rentals.size(), 10U);
}

TEST(EconomicsCatalog, RentedAcceleratorsAreThoseOfTheHardwareCatalog) {
  for (const GpuRental& rental : catalog().rentals) {
    const Accelerator* accelerator = testing::hardware().accelerator(rental.accelerator);
    ASSERT_NE(accelerator, nullptr) << rental.name;
    EXPECT_EQ(accelerator->name, rental.accelerator) << rental.name;
    if (!rental.spot_price_per_hour) continue;
    EXPECT_LE(rental.spot_price_per_hour->value, rental.price_per_hour->value) << rental.name;
  }
}

TEST(EconomicsCatalog, AnswersAreNeverCheaperThanPromptsAndCachesNeverDearer) {
  for (const CloudOffer& offer : catalog().offers) {
    EXPECT_GE(offer.output_price->value, offer.input_price->value) << offer.name;
    EXPECT_TRUE(offer.ttft && offer.tpot) << offer.name;
    if (!offer.cached_input_price) continue;
    EXPECT_LE(offer.cached_input_price->value, offer.input_price->value) << offer.name;
  }
}

TEST(EconomicsCatalog, EverySwitchIsForALinkOfTheHardwareCatalog) {
  for (const NetworkSwitch& item : catalog().facility.switches) {
    EXPECT_NE(testing::hardware().link(item.link), nullptr) << item.link;
  }
}

TEST(EconomicsCatalog, SalariesAreThoseOfThePlaceOrTheCurrency) {
  EXPECT_EQ(catalog().salary("CA-ON", "CAD")->name, "CA");
  EXPECT_EQ(catalog().salary("DE", "EUR")->name, "DE");
  EXPECT_EQ(catalog().salary("AT", "EUR")->name, "EU");
  EXPECT_EQ(catalog().salary("DE", "USD")->name, "US");
  EXPECT_EQ(catalog().salary("GB", "GBP"), nullptr);
}

TEST(EconomicsCatalog, DrawsMovePricesWithinReplicationsAndAreReproducible) {
  EconomicsCatalog one = catalog();
  EconomicsCatalog again = catalog();
  EconomicsCatalog other = catalog();
  draw_figures(one, {1, 1});
  draw_figures(again, {1, 1});
  draw_figures(other, {1, 2});
  EXPECT_EQ(one.facility.rack->value, again.facility.rack->value);
  EXPECT_NE(one.facility.rack->value, other.facility.rack->value);
  EXPECT_NE(one.salaries[0].salary->value, other.salaries[0].salary->value);
}

}  // namespace
}  // namespace microdc
