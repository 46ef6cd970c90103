// Which of the simulated candidates to take, and what else their figures say.
#pragma once

#include <vector>

#include "sim/planning/plan/search.hpp"

namespace microdc {

/// Largest relaxation that these would take; 0 without any.
double largest_excess(const std::vector<Miss>& misses);
/// What candidates are compared by: cost per year; where no year is known (no tariff), the
/// purchase; infinite if neither is.
double comparable_cost(const Judged& judged);
/// Infinite if too few requests were answered.
double ttft_or_never(const Judged& judged);

/// Needs that an evaluation does not meet, in the order of Need.
std::vector<Miss> misses_of(const Evaluation& evaluation, const Scenario& scenario);

/// Circuits and cooling of its sites that a simulated candidate overloads.
std::vector<Miss> room_misses(const Judged& judged, const Scenario& scenario);

/// Feasible ones by cost per year, then purchase price, then order.
std::vector<std::size_t> by_cost(const std::vector<Judged>& judged);
/// Feasible ones that no other feasible one beats in cost per year, time to first token and
/// quality.
std::vector<std::size_t> pareto_front(const std::vector<Judged>& judged);
/// Of those that miss something, the one that would take the least relaxation; with a
/// recommendation, only ones that cost less a year (or less to buy, where the year is not known)
/// than every one that misses nothing.
std::optional<std::size_t> nearest_miss(const std::vector<Judged>& judged,
                                        std::optional<std::size_t> recommended);
/// See Plan::Binding. Only near misses of one need are compared: what lies beyond was not
/// simulated. What saves no more than one that misses nothing, and was not recommended because it
/// is less sure, is no reason to relax anything.
std::optional<Plan::Binding> binding_need(const std::vector<Judged>& judged,
                                          std::size_t recommended);
/// See Plan::other_kind_that_does.
std::optional<std::size_t> cheapest_of_other_kind(const std::vector<Judged>& judged,
                                                  std::size_t recommended,
                                                  const HardwareCatalog& hardware);
/// See Plan::other_kind.
std::optional<std::size_t> best_of_other_kind(const std::vector<Judged>& judged,
                                              std::size_t recommended,
                                              const HardwareCatalog& hardware);

}  // namespace microdc
