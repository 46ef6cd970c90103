// Scenarios and their shape as JSON.
#pragma once

#include "hwprofiles/base/json_io.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// The JSON Schema (draft 2020-12) of scenario files; published as scenarios/schema.json.
OrderedJson scenario_schema();

/// A scenario as a file would hold it; reading it gives the same scenario. With `defaults` every
/// field is written, else only what differs from its default.
OrderedJson write_scenario(const Scenario& scenario, bool defaults = true);

}  // namespace microdc
