// The requests of measured runs as they arrived, where they were published.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/trace.hpp"

namespace microdc {

/// By row_id, in order of arrival.
using MeasuredRequests = std::map<std::string, std::vector<TraceRequest>>;

/// Reads row_id, arrival_s, input_tokens and output_tokens of each request. Errors: columns
/// missing, fields that are no numbers.
Result<MeasuredRequests> read_measured_requests(const std::filesystem::path& file);

}  // namespace microdc
