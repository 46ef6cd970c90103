// The members `residency`, `routing` and `clouds` of a result.
#pragma once

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/report.hpp"

namespace microdc {

/// Null if no law binds the organisation.
OrderedJson residency_json(const std::optional<ResidencyAudit>& audit);
/// Null if nothing was routed by complexity.
OrderedJson routing_json(const std::optional<RoutingOutcome>& outcome);
OrderedJson clouds_json(const SimulationResult& result);

}  // namespace microdc
