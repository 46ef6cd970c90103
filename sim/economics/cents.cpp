#include "sim/economics/cents.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace microdc {
namespace {

constexpr std::int64_t limit = 9'000'000'000'000'000'000;

}  // namespace

Cents Cents::rounded(Money amount) {
  if (std::isnan(amount.value())) return Cents();
  constexpr auto most = static_cast<double>(limit);
  return Cents(
      static_cast<std::int64_t>(std::clamp(std::round(amount.value() * 100), -most, most)));
}

Cents& Cents::operator+=(Cents other) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(hundredths_, other.hundredths_, &sum)) {
    sum = other.hundredths_ > 0 ? limit : -limit;
  }
  hundredths_ = std::clamp(sum, -limit, limit);
  return *this;
}

std::vector<Cents> rounded_parts(std::span<const double> amounts) {
  std::vector<Cents> parts;
  std::vector<double> remainders;
  double sum = 0;
  Cents lowered;
  for (const double amount : amounts) {
    const double whole = std::floor(amount * 100);
    parts.emplace_back(static_cast<std::int64_t>(whole));
    remainders.push_back(amount * 100 - whole);
    sum += amount;
    lowered += parts.back();
  }
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  const std::int64_t left = (Cents::rounded(sum) - lowered).hundredths();
  for (std::size_t i = 0; i < order.size() && static_cast<std::int64_t>(i) < left; ++i) {
    parts[order[i]] += Cents(1);
  }
  return parts;
}

}  // namespace microdc
