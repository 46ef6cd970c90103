// Charts as the data that charts.js draws.
#pragma once

#include <string>
#include <vector>

#include "sim/report/html/page.hpp"

namespace microdc {

/// JSON that may stand in an HTML script element: "<", ">" and "&" are written as escapes.
std::string charts_json(const std::vector<HtmlChart>& charts);

}  // namespace microdc
