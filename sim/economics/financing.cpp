#include "sim/economics/financing.hpp"

#include <cmath>

namespace microdc {

double present_value(double amount, double rate, double years) {
  return amount * std::pow(1 + rate, -years);
}

double annuity_factor(double rate, double years) {
  const double whole = std::floor(years);
  const double part = years - whole;
  // 1 - (1 + rate)^-whole without cancellation at small rates
  const double full = rate == 0 ? whole : -std::expm1(-whole * std::log1p(rate)) / rate;
  return full + present_value(part, rate, years);
}

double annuity(double amount, double rate, double years) {
  const double factor = annuity_factor(rate, years);
  return factor > 0 ? amount / factor : 0;
}

double balance(double payment, double rate, double years, double after) {
  if (after >= years) return 0;
  const double paid = std::floor(after);
  return payment * annuity_factor(rate, years - paid) * std::pow(1 + rate, after - paid);
}

}  // namespace microdc
