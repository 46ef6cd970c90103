#include "sim/planning/plan/judge.hpp"

#include <algorithm>
#include <limits>

namespace microdc {
namespace {

constexpr double unknown_cost = std::numeric_limits<double>::infinity();

double price(const Judged& judged) { return judged.evaluation.purchase.value_or(unknown_cost); }

/// Whether `a` comes nearer to the needs: by the largest relaxation, then by all of them, then by
/// cost.
bool comes_nearer(const Judged& a, const Judged& b) {
  const auto all = [](const Judged& judged) {
    double sum = 0;
    for (const Miss& miss : judged.misses) sum += miss.excess();
    return sum;
  };
  if (a.excess() != b.excess()) return a.excess() < b.excess();
  if (all(a) != all(b)) return all(a) < all(b);
  return comparable_cost(a) < comparable_cost(b);
}

/// Share of the requests that missed a target. A run that was given up says it of those that had
/// ended: one more than allowed missed, the others were within.
double missed_share(const Evaluation& evaluation, double attainment) {
  if (!evaluation.stopped) return 1 - evaluation.within_share();
  const std::int64_t missed = misses_allowed(attainment, evaluation.offered) + 1;
  return static_cast<double>(missed) / static_cast<double>(missed + evaluation.within);
}

std::optional<std::size_t> cheapest_that_does(const std::vector<Judged>& judged) {
  const std::vector<std::size_t> order = by_cost(judged);
  return order.empty() ? std::nullopt : std::optional(order.front());
}

bool is_of_latency(Need need) {
  return need == Need::ttft || need == Need::tpot || need == Need::e2e || need == Need::throughput;
}

bool dominates(const Judged& a, const Judged& b) {
  const double qa = a.quality.value_or(0), qb = b.quality.value_or(0);
  const bool no_worse =
      comparable_cost(a) <= comparable_cost(b) && ttft_or_never(a) <= ttft_or_never(b) && qa >= qb;
  return no_worse && (comparable_cost(a) < comparable_cost(b) ||
                      ttft_or_never(a) < ttft_or_never(b) || qa > qb);
}

}  // namespace

double largest_excess(const std::vector<Miss>& misses) {
  double most = 0;
  for (const Miss& miss : misses) most = std::max(most, miss.excess());
  return most;
}

double Judged::excess() const { return largest_excess(misses); }

const Finalist* Plan::finalist_of(std::size_t index) const {
  const auto at = std::find_if(finalists.begin(), finalists.end(),
                               [index](const Finalist& f) { return f.judged == index; });
  return at == finalists.end() ? nullptr : &*at;
}

bool is_cpu_centric(const Candidate& candidate, const HardwareCatalog& hardware) {
  const ServerType* type = hardware.server(candidate.server);
  return type != nullptr && type->accelerator.empty();
}

double comparable_cost(const Judged& judged) {
  return judged.evaluation.per_year.value_or(price(judged));
}

double ttft_or_never(const Judged& judged) {
  return judged.evaluation.ttft.value_or(std::numeric_limits<double>::infinity());
}

std::vector<Miss> misses_of(const Evaluation& evaluation, const Scenario& scenario) {
  std::vector<Miss> misses;
  if (!evaluation.failure.empty()) {
    return {{.need = Need::memory, .text = evaluation.failure}};
  }
  const NeedsSpec& needs = scenario.needs;
  const auto at_most = [&](Need need, const std::optional<double>& value, auto limit) {
    if (limit && value && *value > limit->value()) {
      misses.push_back({need, *value, limit->value(), true, ""});
    }
  };
  at_most(Need::budget, evaluation.purchase, needs.budget);
  at_most(Need::power, evaluation.peak_power, needs.power);
  at_most(Need::budget_per_year, evaluation.per_year, needs.budget_per_year);
  const bool enough = !evaluation.stopped && evaluation.within_share() >= needs.attainment;
  if (enough) return misses;
  // Which target it is: those that the attainment's quantile misses.
  const std::size_t before = misses.size();
  at_most(Need::ttft, evaluation.ttft, scenario.slo.ttft);
  at_most(Need::tpot, evaluation.tpot, scenario.slo.tpot);
  at_most(Need::e2e, evaluation.e2e, scenario.slo.e2e);
  if (misses.size() == before) {
    // Each target is met by enough requests, all of them together are not.
    misses.push_back({Need::throughput, missed_share(evaluation, needs.attainment),
                      std::max(1e-9, 1 - needs.attainment), true, ""});
  }
  return misses;
}

std::vector<Miss> room_misses(const Judged& judged, const Scenario& scenario) {
  std::vector<Miss> misses;
  if (!judged.evaluation.peak_power) return misses;
  const auto sites = static_cast<double>(judged.candidate.sites.size());
  const auto spare = static_cast<double>(judged.candidate.spare_sites);
  // Sites that stand by draw what they draw idle.
  const double standing_by = spare / sites * judged.evaluation.idle_power.value_or(0);
  const double peak = (*judged.evaluation.peak_power - standing_by) / (sites - spare);
  for (const std::size_t index : judged.candidate.sites) {
    const RoomSpec& room = scenario.sites[index].room;
    for (const auto& limit : {room.power, room.cooling}) {
      if (limit && peak > limit->value()) {
        misses.push_back({Need::power, peak, limit->value(), true, ""});
      }
    }
  }
  return misses;
}

std::vector<std::size_t> by_cost(const std::vector<Judged>& judged) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].feasible()) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (comparable_cost(judged[a]) != comparable_cost(judged[b]))
      return comparable_cost(judged[a]) < comparable_cost(judged[b]);
    return price(judged[a]) < price(judged[b]);
  });
  return order;
}

std::vector<std::size_t> pareto_front(const std::vector<Judged>& judged) {
  std::vector<std::size_t> front;
  for (const std::size_t i : by_cost(judged)) {
    const bool beaten = std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return dominates(judged[other], judged[i]);
    });
    if (!beaten) front.push_back(i);
  }
  return front;
}

std::optional<std::size_t> nearest_miss(const std::vector<Judged>& judged,
                                        std::optional<std::size_t> recommended) {
  const std::optional<std::size_t> cheapest = cheapest_that_does(judged);
  std::optional<std::size_t> nearest;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].feasible() || judged[i].excess() == unknown_cost) continue;
    if (recommended) {
      const Judged& least = judged[cheapest.value_or(*recommended)];
      const bool cheaper = judged[i].evaluation.per_year
                               ? comparable_cost(judged[i]) < comparable_cost(least)
                               : price(judged[i]) < price(least);
      if (!cheaper) continue;
    }
    if (!nearest || comes_nearer(judged[i], judged[*nearest])) nearest = i;
  }
  return nearest;
}

std::optional<Plan::Binding> binding_need(const std::vector<Judged>& judged,
                                          std::size_t recommended) {
  const Judged& least = judged[cheapest_that_does(judged).value_or(recommended)];
  std::optional<Plan::Binding> binding;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    const Judged& near = judged[i];
    if (near.misses.size() != 1) continue;
    // A target that is missed by far is no limit that anybody would relax.
    if (is_of_latency(near.misses.front().need) && near.excess() > near_miss) continue;
    // What was given up early may be asked for its whole week: it costs at least so much.
    const auto cost =
        near.evaluation.stopped ? std::optional(near.least_per_year) : near.evaluation.per_year;
    if (!cost) continue;
    // No advice where one that needs no relaxation costs as little.
    if (*cost >= comparable_cost(least)) continue;
    const double saving = comparable_cost(judged[recommended]) - *cost;
    if (saving <= 0 || (binding && saving <= binding->saving)) continue;
    binding = {judged[i].misses.front().need, i, saving};
  }
  return binding;
}

std::optional<std::size_t> cheapest_of_other_kind(const std::vector<Judged>& judged,
                                                  std::size_t recommended,
                                                  const HardwareCatalog& hardware) {
  const bool cpu = is_cpu_centric(judged[recommended].candidate, hardware);
  for (const std::size_t i : by_cost(judged)) {
    if (is_cpu_centric(judged[i].candidate, hardware) != cpu) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> best_of_other_kind(const std::vector<Judged>& judged,
                                              std::size_t recommended,
                                              const HardwareCatalog& hardware) {
  const bool cpu = is_cpu_centric(judged[recommended].candidate, hardware);
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (is_cpu_centric(judged[i].candidate, hardware) == cpu) continue;
    if (price(judged[i]) > price(judged[recommended])) continue;
    if (!judged[i].evaluation.failure.empty()) continue;
    if (!best) {
      best = i;
      continue;
    }
    const Judged& other = judged[*best];
    const bool better = judged[i].feasible() != other.feasible() ? judged[i].feasible()
                        : judged[i].feasible() ? comparable_cost(judged[i]) < comparable_cost(other)
                                               : comes_nearer(judged[i], other);
    if (better) best = i;
  }
  return best;
}

}  // namespace microdc
