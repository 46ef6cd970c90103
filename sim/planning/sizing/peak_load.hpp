// What an office asks of its rack when it asks most.
#pragma once

#include "sim/scenario/scenario.hpp"

namespace microdc {

/// Requests and their lengths in the busiest minutes of a working day.
struct PeakLoad {
  double requests_per_s = 0;
  double input_tokens = 0;   ///< mean of a prompt
  double output_tokens = 0;  ///< mean of an answer
  double long_prompt = 0;    ///< 95 % of all prompts are no longer [tokens]

  [[nodiscard]] double output_tokens_per_s() const { return requests_per_s * output_tokens; }
};

/// Of an office_day workload: the rate of the busiest hour of its day profile, in the minute than
/// which 95 % of that hour are calmer. Errors: unknown day profile or table of lengths.
Result<PeakLoad> peak_load(const WorkloadSpec& spec);

}  // namespace microdc
