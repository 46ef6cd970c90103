// The member `cost` of a result.
#pragma once

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/report.hpp"

namespace microdc {

OrderedJson cost_json(const Report& report);

}  // namespace microdc
