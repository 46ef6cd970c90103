// From replications to bands.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/report/report.hpp"

namespace microdc {

/// Quantile of values (at least one, any order) with linear interpolation between order statistics:
/// position share * (n - 1).
double quantile(std::vector<double> values, double share);

/// Bands over replications, each with the figures of its result (result_figures). A figure that one
/// of them lacks gets no band. The order of the replications does not matter.
Bands bands_of(const std::vector<std::map<std::string, double>>& replications);

}  // namespace microdc
