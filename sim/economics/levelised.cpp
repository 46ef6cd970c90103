#include "sim/economics/levelised.hpp"

#include <algorithm>
#include <numeric>

namespace microdc {

std::array<Cents, cost_kinds> levelised_by_kind(std::span<const double, cost_kinds> present,
                                                double per_year) {
  std::array<Cents, cost_kinds> costs{};
  const double sum = std::accumulate(present.begin(), present.end(), 0.0);
  if (sum == 0) return costs;
  std::array<double, cost_kinds> amounts{};
  for (std::size_t i = 0; i < cost_kinds; ++i) amounts[i] = present[i] * (per_year / sum);
  const std::vector<Cents> rounded = rounded_parts(amounts);
  std::copy(rounded.begin(), rounded.end(), costs.begin());
  return costs;
}

std::array<Cents, cost_kinds> levelised_by_kind(const Ownership& ownership) {
  std::array<double, cost_kinds> present{};
  for (std::size_t i = 0; i < cost_kinds; ++i) present[i] = ownership.present[i].money().value();
  return levelised_by_kind(present, ownership.totals.per_year);
}

double staff_per_year(const Ownership& ownership) {
  const auto costs = levelised_by_kind(ownership);
  const auto of = [&](CostKind kind) { return costs[static_cast<std::size_t>(kind)]; };
  return (of(CostKind::staff) + of(CostKind::support)).money().value();
}

std::string_view label_of(CostKind kind) {
  switch (kind) {
    case CostKind::financing: return "payments on loan or lease";
    case CostKind::support: return "software and support";
    case CostKind::space: return "floor space";
    case CostKind::residual: return "less residual value at the end";
    default: return name_of(kind);
  }
}

}  // namespace microdc
