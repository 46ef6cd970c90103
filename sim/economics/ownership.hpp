// What it costs to own something for years: purchase, financing, running costs, residual value,
// discounted. Plain numbers in, plain numbers out; what they are taken from is in
// ownership_inputs.hpp.
//
//   net present cost  = Σ cost(t) / (1 + discount rate)^t
//   levelised cost    = net present cost / annuity factor(discount rate, years)
//   per 1000 requests = 1000 net present cost / Σ requests(t) / (1 + discount rate)^t
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/economics/cents.hpp"
#include "sim/scenario/decision.hpp"

namespace microdc {

/// Kinds of cost, in the order in which they are shown.
enum class CostKind {
  purchase,   ///< paid at once, with tax: price in cash, down payment
  financing,  ///< payments on a loan, rents of a lease, what is owed at the end
  energy,
  staff,
  maintenance,
  support,
  space,
  carbon,
  cloud,     ///< requests served elsewhere
  residual,  ///< below zero: what the equipment still sells for
};
inline constexpr std::size_t cost_kinds = 10;
/// "purchase", "financing", …
std::string_view name_of(CostKind kind);

/// What is bought and on which terms. Money in the scenario's currency.
struct PurchaseTerms {
  double equipment = 0;  ///< servers and facility, without tax
  double sales_tax = 0;  ///< share of it
  FinancingSpec financing;
  double years = 5;  ///< over which it is judged
  double discount_rate = 0;
  double residual_share = 0;  ///< of `equipment`, left after `years`
  double depreciation_years = 5;

  [[nodiscard]] double price() const { return equipment * (1 + sales_tax); }
};

/// One year's costs and use.
struct YearOfUse {
  double energy = 0;
  double staff = 0;
  double maintenance = 0;
  double support = 0;
  double space = 0;
  double carbon = 0;
  double cloud = 0;
  double requests = 0;
  double output_tokens = 0;
};

struct OwnershipTotals {
  double purchase = 0;          ///< price with tax, however it is paid
  double net_present_cost = 0;  ///< of all years
  double per_year = 0;          ///< levelised: the equal payment a year of the same present value
  // Levelised too; empty without requests or tokens.
  std::optional<double> per_1000_requests;
  std::optional<double> per_million_output_tokens;
};

/// A lease's rent per year: the price less down payment and less what the lessor still gets for the
/// equipment at the end, as an annuity at the implicit interest. A loan's payment per year. Zero
/// for cash. Value falls in equal parts from the price to residual_share after `years`, and on.
double payment_per_year(const PurchaseTerms& terms);

/// `years` are the years of use from the first on; the last stands for all later ones. Costs of a
/// year fall due at its end, a last part of a year counts with its share. A loan that is longer
/// than the judged years is paid back at their end, a longer lease is paid in full; a shorter lease
/// is renewed on equal terms, with the down payment in proportion. With a lease the equipment is
/// returned: no residual value. No text, no allocation.
OwnershipTotals ownership_totals(const PurchaseTerms& terms, std::span<const YearOfUse> years);

/// A year of the cash flow.
struct OwnershipYear {
  int number = 0;  ///< 0: the day of the purchase
  double end = 0;  ///< when it ends [years from the purchase]
  std::array<Cents, cost_kinds> costs{};
  Cents total;         ///< exactly the sum of `costs`
  Cents depreciation;  ///< of the books, no payment: equal parts of the price; leased: none
  Cents book_value;    ///< at the end of the year
  [[nodiscard]] Cents cost(CostKind kind) const { return costs[static_cast<std::size_t>(kind)]; }
};

struct Ownership {
  std::vector<OwnershipYear> years;
  std::array<Cents, cost_kinds> costs{};    ///< sums over the years, not discounted
  Cents total;                              ///< their sum, and that of the years' totals
  std::array<Cents, cost_kinds> present{};  ///< discounted; exactly add up to net_present_cost
  Cents net_present_cost;
  OwnershipTotals totals;
};
/// The same in full, to the cent.
Ownership ownership(const PurchaseTerms& terms, std::span<const YearOfUse> years);

}  // namespace microdc
