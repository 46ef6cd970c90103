// The answer for people.
#pragma once

#include <string>

#include "sim/report/report.hpp"

namespace microdc {

/// Headline, latency, throughput, use of the rack, power, cost, comparisons and caveats; plain text
/// of at most 100 columns. What is not known says so, with the reason.
std::string result_text(const Report& report);

}  // namespace microdc
