// The registrations of all kinds of workloads.
#pragma once

#include "sim/workload/generators.hpp"

namespace microdc {

WorkloadKind burst_kind();
WorkloadKind closed_loop_kind();
WorkloadKind constant_kind();
WorkloadKind gamma_kind();
WorkloadKind office_day_kind();
WorkloadKind poisson_kind();
WorkloadKind trace_kind();

}  // namespace microdc
