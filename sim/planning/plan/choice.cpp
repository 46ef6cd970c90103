#include "sim/planning/plan/choice.hpp"

#include <algorithm>
#include <limits>

#include "sim/planning/plan/judge.hpp"

namespace microdc {
namespace {

constexpr double no_value = std::numeric_limits<double>::infinity();

bool same_servers(const Candidate& a, const Candidate& b) {
  return a.server == b.server && a.all_servers() == b.all_servers() && a.sites == b.sites &&
         a.spare == b.spare;
}

/// Whether `a` answers neither better nor sooner than `b`.
bool no_better(const Judged& a, const Judged& b, double tolerance) {
  const auto no_sooner = [&](const std::optional<double>& mine, const std::optional<double>& its) {
    return mine.value_or(no_value) * (1 + tolerance) >= its.value_or(no_value);
  };
  return a.quality.value_or(0) <= b.quality.value_or(0) &&
         no_sooner(a.evaluation.ttft, b.evaluation.ttft) &&
         no_sooner(a.evaluation.tpot, b.evaluation.tpot);
}

/// Draws in which `finalist` costs more than `least`; all if costs of draws are not known.
int draws_dearer(const Finalist& finalist, const Finalist& least) {
  if (finalist.costs.empty() || finalist.costs.size() != least.costs.size()) return finalist.draws;
  int dearer = 0;
  for (std::size_t i = 0; i < finalist.costs.size(); ++i) {
    dearer += finalist.costs[i] > least.costs[i];
  }
  return dearer;
}

bool is_sure(const Finalist& finalist) {
  return finalist.draws_feasible >= confidence * finalist.draws;
}

/// Keeps the finalists of which as many draws as of any meet all needs.
void keep_surest(std::vector<const Finalist*>& finalists) {
  int most = 0;
  for (const Finalist* finalist : finalists) most = std::max(most, finalist->draws_feasible);
  std::erase_if(finalists, [&](const Finalist* f) { return f->draws_feasible < most; });
}

}  // namespace

std::vector<std::size_t> finalists_of(const std::vector<Judged>& judged, std::size_t count,
                                      double tolerance) {
  std::vector<std::size_t> chosen;
  for (const std::size_t i : by_cost(judged)) {
    if (chosen.size() == count) break;
    const bool beaten = std::any_of(chosen.begin(), chosen.end(), [&](std::size_t cheaper) {
      return same_servers(judged[i].candidate, judged[cheaper].candidate) &&
             no_better(judged[i], judged[cheaper], tolerance);
    });
    if (!beaten) chosen.push_back(i);
  }
  return chosen;
}

Choice choose_finalist(const std::vector<Judged>& judged, const std::vector<Finalist>& finalists,
                       double tolerance) {
  if (finalists.empty()) return {};
  std::vector<const Finalist*> left;
  for (const Finalist& finalist : finalists) {
    if (is_sure(finalist)) left.push_back(&finalist);
  }
  if (left.empty()) {
    for (const Finalist& finalist : finalists) left.push_back(&finalist);
    keep_surest(left);
  }
  const Finalist& least = *left.front();
  std::erase_if(left, [&](const Finalist* f) {
    const bool within = comparable_cost(judged[f->judged]) <=
                        (1 + tolerance) * comparable_cost(judged[least.judged]);
    return !within && draws_dearer(*f, least) >= confidence * f->draws;
  });
  keep_surest(left);
  double fastest = no_value;
  for (const Finalist* f : left) fastest = std::min(fastest, ttft_or_never(judged[f->judged]));
  const auto chosen = *std::find_if(left.begin(), left.end(), [&](const Finalist* f) {
    return ttft_or_never(judged[f->judged]) <= (1 + tolerance) * fastest;
  });
  Choice choice{.recommended = chosen->judged};
  const Finalist& cheapest = finalists.front();
  if (chosen == &cheapest) return choice;
  using Reason = Plan::Preference::Reason;
  const bool surer = chosen->draws_feasible > cheapest.draws_feasible;
  choice.preference = {
      .over = cheapest.judged,
      .reason = !surer              ? Reason::faster
                : is_sure(cheapest) ? Reason::surer
                                    : Reason::sure,
      .dearer = comparable_cost(judged[chosen->judged]) - comparable_cost(judged[cheapest.judged]),
      .draws_dearer = draws_dearer(*chosen, cheapest)};
  if (left.front() != chosen && left.front() != &cheapest) {
    choice.preference->slower = left.front()->judged;
  }
  return choice;
}

}  // namespace microdc
