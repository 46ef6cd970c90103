#include "sim/planning/validate/score.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "sim/planning/validate/run_observer.hpp"

namespace microdc {

double median_of(std::vector<double> sample) { return *sample_quantile(sample, 0.5); }

ErrorStatistics error_statistics(const std::vector<const Comparison*>& comparisons) {
  ErrorStatistics statistics{.n = comparisons.size()};
  if (comparisons.empty()) return statistics;
  std::vector<double> absolute;
  std::vector<double> relative;
  std::size_t within = 0;
  for (const Comparison* c : comparisons) {
    relative.push_back((c->predicted - c->measured) / c->measured);
    absolute.push_back(std::abs(relative.back()));
    if (c->measured >= c->p10 && c->measured <= c->p90) ++within;
  }
  statistics.median_ape = median_of(absolute);
  statistics.p90_ape = *sample_quantile(absolute, 0.9);
  statistics.bias = median_of(relative);
  statistics.coverage = static_cast<double>(within) / static_cast<double>(comparisons.size());
  return statistics;
}

std::vector<ScoredGroup> score_groups(const std::vector<Comparison>& comparisons) {
  const auto key = [](const Comparison& c) {
    return std::tie(c.gpu, c.model, c.source, c.engine, c.metric);
  };
  std::vector<const Comparison*> sorted;
  for (const Comparison& c : comparisons) sorted.push_back(&c);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Comparison* a, const Comparison* b) { return key(*a) < key(*b); });
  std::vector<ScoredGroup> groups;
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin;
    while (end < sorted.size() && key(*sorted[end]) == key(*sorted[begin])) ++end;
    const Comparison& first = *sorted[begin];
    groups.push_back({first.gpu, first.model, first.source, first.engine, first.arch, first.metric,
                      error_statistics({sorted.begin() + static_cast<std::ptrdiff_t>(begin),
                                        sorted.begin() + static_cast<std::ptrdiff_t>(end)})});
    begin = end;
  }
  return groups;
}

std::map<std::string, double> overall_errors(const std::vector<ScoredGroup>& groups) {
  std::map<std::string, std::vector<double>> errors;
  for (const ScoredGroup& group : groups) errors[group.metric].push_back(group.errors.median_ape);
  std::map<std::string, double> overall;
  for (auto& [metric, sample] : errors) overall[metric] = median_of(sample);
  return overall;
}

}  // namespace microdc
