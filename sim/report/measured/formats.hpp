// The formats of measurements, one file each, and what they share.
#pragma once

#include "sim/report/measured/measured.hpp"

namespace microdc {

MeasuredFormat vllm_bench_format();
MeasuredFormat aiperf_format();
MeasuredFormat metric_csv_format();

/// One note that names keys without a counterpart in a result.
void note_ignored(const std::vector<std::string>& keys, const std::string& file,
                  Diagnostics& findings);

/// The same for metric,value,unit, which people write by hand: with what is compared, and the name
/// nearest to each.
void note_unknown_metrics(const std::vector<std::string>& metrics, const std::string& file,
                          Diagnostics& findings);

}  // namespace microdc
