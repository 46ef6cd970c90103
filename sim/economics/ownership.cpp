#include "sim/economics/ownership.hpp"

#include <algorithm>
#include <cmath>

#include "sim/economics/financing.hpp"

namespace microdc {
namespace {

using Kind = FinancingSpec::Kind;

/// The share of the price that the equipment is worth after `time`.
double value_share(const PurchaseTerms& terms, double time) {
  return std::max(0.0, 1 - (1 - terms.residual_share) * time / terms.years);
}

/// Calls sink(kind, time, cost) for every payment. Year ends are 1, 2, … and the last day.
template <class Sink>
void each_financing_payment(const PurchaseTerms& terms, Sink sink) {
  const FinancingSpec& financing = terms.financing;
  if (financing.kind == Kind::cash) {
    sink(CostKind::purchase, 0.0, terms.price());
    return;
  }
  const double down_payment = terms.price() * financing.down_payment;
  sink(CostKind::purchase, 0.0, down_payment);
  const double payment = payment_per_year(terms);
  const bool outlasts = financing.years > terms.years;
  const bool renewed = financing.kind == Kind::lease && !outlasts;
  const double last = renewed ? terms.years : std::min(financing.years, terms.years);
  for (double begin = 0; begin < last; begin += 1) {
    const double end = std::min(begin + 1, last);
    if (end - begin < 1 && outlasts) break;  // owed at the end, with the rest
    sink(CostKind::financing, end, payment * (end - begin));
  }
  if (outlasts) {
    sink(CostKind::financing, terms.years,
         balance(payment, financing.interest, financing.years, terms.years));
  }
  if (!renewed) return;
  for (double start = financing.years; start < terms.years; start += financing.years) {
    const double share = std::min(1.0, (terms.years - start) / financing.years);
    sink(CostKind::purchase, start, down_payment * share);
  }
}

template <class Sink>
void each_running_cost(const YearOfUse& use, double time, double share, Sink sink) {
  sink(CostKind::energy, time, use.energy * share);
  sink(CostKind::staff, time, use.staff * share);
  sink(CostKind::maintenance, time, use.maintenance * share);
  sink(CostKind::support, time, use.support * share);
  sink(CostKind::space, time, use.space * share);
  sink(CostKind::carbon, time, use.carbon * share);
  sink(CostKind::cloud, time, use.cloud * share);
}

const YearOfUse& use_of(std::span<const YearOfUse> years, std::size_t index) {
  static const YearOfUse nothing{};
  return years.empty() ? nothing : years[std::min(index, years.size() - 1)];
}

template <class Sink>
void each_cost(const PurchaseTerms& terms, std::span<const YearOfUse> years, Sink sink) {
  each_financing_payment(terms, sink);
  std::size_t index = 0;
  for (double begin = 0; begin < terms.years; begin += 1, ++index) {
    const double end = std::min(begin + 1, terms.years);
    each_running_cost(use_of(years, index), end, end - begin, sink);
  }
  if (terms.financing.kind == Kind::lease) return;
  sink(CostKind::residual, terms.years, -terms.equipment * terms.residual_share);
}

/// Discount factors; most costs of a year fall due on one day, so the last one is kept.
class Discount {
 public:
  explicit Discount(double rate) : rate_(rate) {}
  double at(double time) {
    if (time != time_) {
      time_ = time;
      factor_ = present_value(1, rate_, time);
    }
    return factor_;
  }

 private:
  double rate_;
  double time_ = 0;
  double factor_ = 1;
};

/// Per 1000 requests and million tokens, over discounted numbers of them.
void fill_unit_costs(const PurchaseTerms& terms, std::span<const YearOfUse> years,
                     OwnershipTotals& totals) {
  double requests = 0;
  double tokens = 0;
  Discount discount(terms.discount_rate);
  std::size_t index = 0;
  for (double begin = 0; begin < terms.years; begin += 1, ++index) {
    const double end = std::min(begin + 1, terms.years);
    const double weight = (end - begin) * discount.at(end);
    requests += use_of(years, index).requests * weight;
    tokens += use_of(years, index).output_tokens * weight;
  }
  if (requests > 0) totals.per_1000_requests = totals.net_present_cost * 1000 / requests;
  if (tokens > 0) totals.per_million_output_tokens = totals.net_present_cost * 1e6 / tokens;
}

void fill_books(const PurchaseTerms& terms, std::vector<OwnershipYear>& rows) {
  const bool owned = terms.financing.kind != Kind::lease;
  const double price = owned ? terms.price() : 0;
  Cents before = Cents::rounded(price);
  for (OwnershipYear& row : rows) {
    row.book_value = Cents::rounded(price * std::max(0.0, 1 - row.end / terms.depreciation_years));
    row.depreciation = before - row.book_value;
    before = row.book_value;
  }
}

}  // namespace

std::string_view name_of(CostKind kind) {
  constexpr std::array<std::string_view, cost_kinds> names{
      "purchase", "financing", "energy", "staff", "maintenance",
      "support",  "space",     "carbon", "cloud", "residual"};
  return names[static_cast<std::size_t>(kind)];
}

double payment_per_year(const PurchaseTerms& terms) {
  const FinancingSpec& financing = terms.financing;
  if (financing.kind == Kind::cash) return 0;
  double owed = terms.price() * (1 - financing.down_payment);
  if (financing.kind == Kind::lease) {
    owed -= present_value(terms.equipment * value_share(terms, financing.years), financing.interest,
                          financing.years);
  }
  return annuity(owed, financing.interest, financing.years);
}

OwnershipTotals ownership_totals(const PurchaseTerms& terms, std::span<const YearOfUse> years) {
  OwnershipTotals totals;
  totals.purchase = terms.price();
  Discount discount(terms.discount_rate);
  each_cost(terms, years, [&](CostKind, double time, double amount) {
    totals.net_present_cost += amount * discount.at(time);
  });
  totals.per_year = annuity(totals.net_present_cost, terms.discount_rate, terms.years);
  fill_unit_costs(terms, years, totals);
  return totals;
}

Ownership ownership(const PurchaseTerms& terms, std::span<const YearOfUse> years) {
  const auto count = static_cast<std::size_t>(std::ceil(terms.years));
  std::vector<std::array<double, cost_kinds>> amounts(count + 1);
  std::array<double, cost_kinds> present{};
  Discount discount(terms.discount_rate);
  each_cost(terms, years, [&](CostKind kind, double time, double amount) {
    const auto row = std::min(count, static_cast<std::size_t>(std::ceil(time)));
    amounts[row][static_cast<std::size_t>(kind)] += amount;
    present[static_cast<std::size_t>(kind)] += amount * discount.at(time);
  });
  Ownership result;
  for (std::size_t i = 0; i <= count; ++i) {
    OwnershipYear row{.number = static_cast<int>(i)};
    row.end = std::min(static_cast<double>(i), terms.years);
    for (std::size_t kind = 0; kind < cost_kinds; ++kind) {
      row.costs[kind] = Cents::rounded(amounts[i][kind]);
      row.total += row.costs[kind];
      result.costs[kind] += row.costs[kind];
    }
    result.total += row.total;
    result.years.push_back(row);
  }
  fill_books(terms, result.years);
  const std::vector<Cents> parts = rounded_parts(present);
  for (std::size_t kind = 0; kind < cost_kinds; ++kind) {
    result.present[kind] = parts[kind];
    result.net_present_cost += parts[kind];
  }
  result.totals = ownership_totals(terms, years);
  return result;
}

}  // namespace microdc
