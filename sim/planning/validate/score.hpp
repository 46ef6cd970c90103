// Errors of predictions, by group and over all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace microdc {

/// One measured figure and its prediction.
struct Comparison {
  std::string row_id, gpu, model, source, engine, arch;
  std::string metric;
  double measured = 0;
  double predicted = 0;
  double p10 = 0;  ///< what the measurement would lie above in 9 of 10 cases
  double p90 = 0;
};

/// Statistics of |predicted - measured| / measured.
struct ErrorStatistics {
  std::size_t n = 0;
  double median_ape = 0;  ///< fraction: 0.1 is 10 %
  double p90_ape = 0;
  double bias = 0;      ///< median of (predicted - measured) / measured
  double coverage = 0;  ///< share of measurements within [p10, p90]
};
ErrorStatistics error_statistics(const std::vector<const Comparison*>& comparisons);

struct ScoredGroup {
  std::string gpu, model, source, engine, arch, metric;
  ErrorStatistics errors;
};
/// Groups of equal gpu, model, source, engine and metric, in that order.
std::vector<ScoredGroup> score_groups(const std::vector<Comparison>& comparisons);

/// Median over the groups' median_ape, by metric.
std::map<std::string, double> overall_errors(const std::vector<ScoredGroup>& groups);

/// Median of a sample, the mean of the two middle ones if it is even; the sample must not be empty.
double median_of(std::vector<double> sample);

}  // namespace microdc
