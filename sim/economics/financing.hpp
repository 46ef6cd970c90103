// Compound interest. Payments are made at the end of each year; the last part of a year pays its
// share of a payment at its own end, so that a term need not be a whole number of years.
#pragma once

namespace microdc {

/// What `amount` after `years` is worth today: amount / (1 + rate)^years.
double present_value(double amount, double rate, double years);

/// What a payment of 1 a year for `years` is worth today; years if the rate is zero. `rate` is
/// above -1, `years` not below zero.
double annuity_factor(double rate, double years);

/// The payment a year that is worth `amount` today; zero if there are no years.
double annuity(double amount, double rate, double years);

/// What is still owed after `after` of the `years` of an annuity, interest since the last payment
/// included. Zero after the term.
double balance(double payment, double rate, double years, double after);

}  // namespace microdc
