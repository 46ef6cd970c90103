// A validation as JSON, as a table of rows, and as text for people.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/validate/validate.hpp"

namespace microdc {

/// `rows`, `groups`, `overall`, … (docs/validation.md); errors are fractions.
OrderedJson to_json(const Validation& validation);
/// `row_id,metric,measured,predicted,p10,p90`, one line per row and metric.
std::string to_csv(const Validation& validation);
/// Where the errors are, and what was left out.
std::string to_text(const Validation& validation);

}  // namespace microdc
