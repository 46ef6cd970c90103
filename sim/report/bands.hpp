// From replications to bands.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/report/report.hpp"

namespace microdc {

/// Quantile of values (at least one, any order) with linear interpolation between order statistics:
/// position share * (n - 1).
double quantile(std::vector<double> values, double share);

/// Bands over replications, each with the figures of its result (result_figures). A figure that one
/// of them lacks gets no band. The order of the replications does not matter.
Bands bands_of(const std::vector<std::map<std::string, double>>& replications);

/// Why the middle of the draws is not the best estimate; for every table that shows both.
inline constexpr std::string_view best_estimate_note =
    "Best estimate: every figure at its stated value. P50: the middle of the draws. They differ "
    "where ranges reach further to one side and several of them add up.";

/// " (59 ms in the middle of 100 draws, 36 ms to 170 ms in 8 of 10)": what stands beside a best
/// estimate in a sentence.
std::string draws_text(const Band& band, std::int64_t draws,
                       const std::function<std::string(double)>& text);

}  // namespace microdc
