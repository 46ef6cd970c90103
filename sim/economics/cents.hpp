// Exact amounts of money, for sums that have to add up.
#pragma once

#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "hwprofiles/base/units.hpp"

namespace microdc {

/// A whole number of hundredths of the scenario's currency, whatever that currency calls them. Sums
/// are exact. Beyond 9e16 units of currency an amount stays at that limit.
class Cents {
 public:
  constexpr Cents() = default;
  constexpr explicit Cents(std::int64_t hundredths) : hundredths_(hundredths) {}
  /// The nearest hundredth; halves go away from zero. What is no number becomes zero.
  static Cents rounded(Money amount);
  static Cents rounded(double amount) { return rounded(Money(amount)); }

  [[nodiscard]] constexpr std::int64_t hundredths() const { return hundredths_; }
  [[nodiscard]] Money money() const { return Money(static_cast<double>(hundredths_) / 100); }

  constexpr auto operator<=>(const Cents&) const = default;
  constexpr Cents operator-() const { return Cents(-hundredths_); }
  Cents& operator+=(Cents other);
  Cents& operator-=(Cents other) { return *this += -other; }
  friend Cents operator+(Cents a, Cents b) { return a += b; }
  friend Cents operator-(Cents a, Cents b) { return a -= b; }

 private:
  std::int64_t hundredths_ = 0;
};

/// Rounds parts of a whole so that they sum to their rounded sum: each is rounded down, and the
/// hundredths that are left go to the largest remainders, of equal ones to the first. Each part is
/// within one hundredth of its amount. Amounts are within 4e15 units of currency.
std::vector<Cents> rounded_parts(std::span<const double> amounts);

}  // namespace microdc
