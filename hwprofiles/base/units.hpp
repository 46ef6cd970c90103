// Strong units: a physical quantity is a double with its dimension in the type.
// Values are always in the base units of the dimension (seconds, bytes, FLOP, joules, one unit of
// currency); text such as "4.8 TB/s" is read and written by quantity_text.hpp at the edges.
#pragma once

#include <compare>

namespace microdc {

/// A quantity with exponents of time [s], data [byte], arithmetic work [FLOP], energy [J] and money
/// [1 unit of the scenario's currency]. Powers other than these five do not occur in this product.
template <int TimeExp, int DataExp, int WorkExp, int EnergyExp, int MoneyExp>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double value) : value_(value) {}

  /// The number in base units.
  [[nodiscard]] constexpr double value() const { return value_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity(-value_); }
  constexpr Quantity& operator+=(Quantity other) {
    value_ += other.value_;
    return *this;
  }
  constexpr Quantity& operator-=(Quantity other) {
    value_ -= other.value_;
    return *this;
  }
  constexpr Quantity& operator*=(double factor) {
    value_ *= factor;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return a -= b; }
  friend constexpr Quantity operator*(Quantity a, double factor) { return a *= factor; }
  friend constexpr Quantity operator*(double factor, Quantity a) { return a *= factor; }
  friend constexpr Quantity operator/(Quantity a, double divisor) {
    return Quantity(a.value_ / divisor);
  }

 private:
  double value_ = 0;
};

namespace detail {
template <int T, int D, int W, int E, int M>
constexpr auto make_quantity(double value) {
  if constexpr (T == 0 && D == 0 && W == 0 && E == 0 && M == 0) {
    return value;
  } else {
    return Quantity<T, D, W, E, M>(value);
  }
}
}  // namespace detail

template <int T1, int D1, int W1, int E1, int M1, int T2, int D2, int W2, int E2, int M2>
constexpr auto operator*(Quantity<T1, D1, W1, E1, M1> a, Quantity<T2, D2, W2, E2, M2> b) {
  return detail::make_quantity<T1 + T2, D1 + D2, W1 + W2, E1 + E2, M1 + M2>(a.value() * b.value());
}
template <int T1, int D1, int W1, int E1, int M1, int T2, int D2, int W2, int E2, int M2>
constexpr auto operator/(Quantity<T1, D1, W1, E1, M1> a, Quantity<T2, D2, W2, E2, M2> b) {
  return detail::make_quantity<T1 - T2, D1 - D2, W1 - W2, E1 - E2, M1 - M2>(a.value() / b.value());
}
template <int T, int D, int W, int E, int M>
constexpr auto operator/(double a, Quantity<T, D, W, E, M> b) {
  return detail::make_quantity<-T, -D, -W, -E, -M>(a / b.value());
}

using Seconds = Quantity<1, 0, 0, 0, 0>;
using PerSecond = Quantity<-1, 0, 0, 0, 0>;
using Bytes = Quantity<0, 1, 0, 0, 0>;
using BytesPerSecond = Quantity<-1, 1, 0, 0, 0>;
using Flop = Quantity<0, 0, 1, 0, 0>;
using FlopPerSecond = Quantity<-1, 0, 1, 0, 0>;
using Joules = Quantity<0, 0, 0, 1, 0>;
using Watts = Quantity<-1, 0, 0, 1, 0>;
using Money = Quantity<0, 0, 0, 0, 1>;
using MoneyPerSecond = Quantity<-1, 0, 0, 0, 1>;
using MoneyPerJoule = Quantity<0, 0, 0, -1, 1>;

inline constexpr double seconds_per_hour = 3600.0;
inline constexpr double seconds_per_day = 86400.0;
/// One year of 365.25 days.
inline constexpr double seconds_per_year = 365.25 * seconds_per_day;
inline constexpr double joules_per_kwh = 3.6e6;

}  // namespace microdc
