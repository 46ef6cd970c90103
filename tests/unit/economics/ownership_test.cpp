#include "sim/economics/ownership.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "sim/economics/financing.hpp"

namespace microdc {
namespace {

using Kind = FinancingSpec::Kind;

PurchaseTerms terms_of(Kind kind, double years) {
  PurchaseTerms terms{.equipment = 100'000, .years = years, .discount_rate = 0.06};
  terms.financing.kind = kind;
  return terms;
}

TEST(Financing, AnnuityPaysItsAmountBack) {
  // 1000 at 10 % over two years: 1000 / (1/1.1 + 1/1.21)
  EXPECT_NEAR(annuity(1000, 0.1, 2), 1000 / (1 / 1.1 + 1 / 1.21), 1e-9);
  EXPECT_DOUBLE_EQ(annuity(1000, 0, 4), 250);
  EXPECT_NEAR(annuity_factor(1e-9, 10), 10, 1e-6);
  for (const double years : {0.5, 1.0, 2.25, 7.0}) {
    const double payment = annuity(1000, 0.08, years);
    EXPECT_NEAR(balance(payment, 0.08, years, 0), 1000, 1e-9) << years;
    EXPECT_EQ(balance(payment, 0.08, years, years), 0) << years;
  }
}

TEST(Financing, TheBalanceFallsByThePaymentAndGrowsByTheInterest) {
  const double payment = annuity(1000, 0.08, 3);
  const double after_one = 1000 * 1.08 - payment;
  EXPECT_NEAR(balance(payment, 0.08, 3, 1), after_one, 1e-9);
  EXPECT_NEAR(balance(payment, 0.08, 3, 1.5), after_one * std::sqrt(1.08), 1e-9);
}

// Borrowing at the rate at which one discounts is neither gain nor loss, whatever the term.
TEST(Ownership, ALoanAtTheDiscountRateCostsWhatCashCosts) {
  const YearOfUse use{.energy = 5000, .staff = 20'000};
  for (const double years : {1.0, 2.5, 5.0, 7.3}) {
    PurchaseTerms cash = terms_of(Kind::cash, years);
    cash.residual_share = 0.2;
    PurchaseTerms loan = cash;
    loan.financing = {.kind = Kind::loan, .interest = 0.06, .years = 3, .down_payment = 0.25};
    const double expected = ownership_totals(cash, {&use, 1}).net_present_cost;
    for (const double term : {0.25, 1.0, 3.0, 4.5, 10.0}) {
      loan.financing.years = term;
      EXPECT_NEAR(ownership_totals(loan, {&use, 1}).net_present_cost, expected, 1e-6)
          << years << " years, loan over " << term;
    }
  }
}

TEST(Ownership, ALeaseAtTheDiscountRateCostsWhatOwningCosts) {
  const YearOfUse use{.energy = 5000};
  PurchaseTerms cash = terms_of(Kind::cash, 4);
  cash.residual_share = 0.3;
  PurchaseTerms lease = cash;
  lease.financing = {.kind = Kind::lease, .interest = 0.06, .years = 4, .down_payment = 0.1};
  EXPECT_NEAR(ownership_totals(lease, {&use, 1}).net_present_cost,
              ownership_totals(cash, {&use, 1}).net_present_cost, 1e-6);
}

TEST(Ownership, AShorterLeaseIsRenewedAndALongerOneIsPaidInFull) {
  PurchaseTerms lease = terms_of(Kind::lease, 4);
  lease.discount_rate = 0;
  lease.financing = {.kind = Kind::lease, .interest = 0, .years = 2, .down_payment = 0.1};
  lease.residual_share = 0.5;  // 0.75 after two years
  // Rent: (90,000 - 75,000) / 2 = 7,500 a year; twice 10,000 at the beginning of each lease.
  EXPECT_NEAR(payment_per_year(lease), 7500, 1e-9);
  EXPECT_NEAR(ownership_totals(lease, {}).net_present_cost, 4 * 7500 + 2 * 10'000, 1e-9);
  lease.years = 2;
  lease.financing.years = 5;  // worth nothing in the end: 90,000 / 5 = 18,000 a year
  EXPECT_NEAR(payment_per_year(lease), 18'000, 1e-9);
  EXPECT_NEAR(ownership_totals(lease, {}).net_present_cost, 100'000, 1e-9);
}

TEST(Ownership, WithoutDiscountingThePresentCostIsTheSum) {
  PurchaseTerms terms = terms_of(Kind::cash, 2.5);
  terms.discount_rate = 0;
  terms.sales_tax = 0.2;
  terms.residual_share = 0.1;
  const YearOfUse use{.energy = 1000, .requests = 10'000, .output_tokens = 2e6};
  const OwnershipTotals totals = ownership_totals(terms, {&use, 1});
  EXPECT_DOUBLE_EQ(totals.purchase, 120'000);
  EXPECT_NEAR(totals.net_present_cost, 120'000 + 2.5 * 1000 - 10'000, 1e-9);
  EXPECT_NEAR(totals.per_year, 112'500 / 2.5, 1e-9);
  EXPECT_NEAR(*totals.per_1000_requests, 112'500 / 25.0, 1e-9);
  EXPECT_NEAR(*totals.per_million_output_tokens, 112'500 / 5.0, 1e-9);
}

TEST(Ownership, NothingPerRequestWithoutRequests) {
  const OwnershipTotals totals = ownership_totals(terms_of(Kind::cash, 5), {});
  EXPECT_FALSE(totals.per_1000_requests);
  EXPECT_FALSE(totals.per_million_output_tokens);
}

TEST(Ownership, TheLastYearOfUseStandsForAllLater) {
  const YearOfUse years[] = {{.energy = 100}, {.energy = 300}};
  PurchaseTerms terms{.years = 4};
  EXPECT_NEAR(ownership_totals(terms, years).net_present_cost, 100 + 3 * 300, 1e-9);
}

TEST(Ownership, TheBooksLosePriceInEqualParts) {
  PurchaseTerms terms = terms_of(Kind::cash, 3);
  terms.depreciation_years = 4;
  const Ownership result = ownership(terms, {});
  EXPECT_EQ(result.years[1].depreciation, Cents(2'500'000));
  EXPECT_EQ(result.years[3].book_value, Cents(2'500'000));
  terms.financing.kind = Kind::lease;
  EXPECT_EQ(ownership(terms, {}).years[1].depreciation, Cents());
}

PurchaseTerms random_terms(std::mt19937_64& random) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  PurchaseTerms terms{.equipment = uniform(0, 5e6), .sales_tax = uniform(0, 0.25)};
  terms.financing.kind = static_cast<Kind>(std::uniform_int_distribution<int>(0, 2)(random));
  terms.financing.interest = uniform(0, 0.2);
  terms.financing.years = uniform(0.25, 12);
  terms.financing.down_payment = uniform(0, 0.5);
  terms.years = uniform(1, 12);
  terms.discount_rate = uniform(-0.05, 0.2);
  terms.residual_share = uniform(0, 0.5);
  terms.depreciation_years = uniform(1, 8);
  return terms;
}

/// Rows of a cash flow against its sums, to the cent.
void expect_adds_up(const Ownership& result) {
  Cents of_years;
  Cents of_kinds;
  Cents present;
  for (const OwnershipYear& year : result.years) {
    Cents row;
    for (const Cents cost : year.costs) row += cost;
    ASSERT_EQ(row, year.total);
    of_years += year.total;
  }
  for (std::size_t kind = 0; kind < cost_kinds; ++kind) {
    Cents column;
    for (const OwnershipYear& year : result.years) column += year.costs[kind];
    ASSERT_EQ(column, result.costs[kind]);
    of_kinds += result.costs[kind];
    present += result.present[kind];
  }
  ASSERT_EQ(of_years, result.total);
  ASSERT_EQ(of_kinds, result.total);
  ASSERT_EQ(present, result.net_present_cost);
}

// Property: rows and columns of any cash flow add up exactly, and the table to the cent says what
// the plain numbers say.
TEST(Ownership, AnyCashFlowAddsUpToTheCent) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> amount(0, 400'000);
  for (int i = 0; i < 3000; ++i) {
    const PurchaseTerms terms = random_terms(random);
    std::vector<YearOfUse> years(1 + i % 4);
    for (YearOfUse& year : years) {
      year = {.energy = amount(random),
              .staff = amount(random),
              .maintenance = amount(random),
              .support = amount(random),
              .space = amount(random),
              .carbon = amount(random),
              .cloud = amount(random),
              .requests = amount(random)};
    }
    const Ownership result = ownership(terms, years);
    expect_adds_up(result);
    ASSERT_NEAR(result.net_present_cost.money().value(), result.totals.net_present_cost,
                0.005 + 1e-6);
    Cents depreciation;
    for (const OwnershipYear& year : result.years) depreciation += year.depreciation;
    const double price = terms.financing.kind == Kind::lease ? 0 : terms.price();
    ASSERT_EQ(depreciation + result.years.back().book_value, Cents::rounded(price));
  }
}

}  // namespace
}  // namespace microdc
