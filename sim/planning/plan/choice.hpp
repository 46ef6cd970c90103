// Which of the finalists is recommended: of those that cost alike the surer, then the faster one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/planning/plan/search.hpp"

namespace microdc {

/// The `count` cheapest that meet all needs, by cost. One with the same servers as a cheaper one is
/// taken only if it answers better or sooner, by more than the share `tolerance`.
std::vector<std::size_t> finalists_of(const std::vector<Judged>& judged, std::size_t count,
                                      double tolerance);

struct Choice {
  std::optional<std::size_t> recommended;  ///< index into `judged`; empty: there is no finalist
  std::optional<Plan::Preference> preference;
};

/// Of the finalists, in order of cost, those of which `confidence` of the draws meet all needs, or
/// the surest if none is so sure. Among these every one counts as equally dear whose cost exceeds
/// the least by at most the share `tolerance`, or that is cheaper in more than 1 - confidence of
/// the shared draws. Of these the surest; of equally sure ones the one with the least time to the
/// first token; and what is faster by no more than `tolerance` gives way to what is cheaper.
Choice choose_finalist(const std::vector<Judged>& judged, const std::vector<Finalist>& finalists,
                       double tolerance);

}  // namespace microdc
