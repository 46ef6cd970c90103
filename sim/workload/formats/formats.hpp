// The registrations of all trace formats.
#pragma once

#include "sim/workload/trace_read.hpp"

namespace microdc {

TraceFormat azure_format();
TraceFormat burstgpt_format();
TraceFormat generic_csv_format();
TraceFormat generic_jsonl_format();
TraceFormat microdc_format();
TraceFormat mooncake_format();
TraceFormat servegen_format();

}  // namespace microdc
