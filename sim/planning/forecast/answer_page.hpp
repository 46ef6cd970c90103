// The page of `microdc forecast` for a browser.
#pragma once

#include <string>

#include "sim/planning/forecast/forecast.hpp"
#include "sim/report/html/sections.hpp"

namespace microdc {

/// Not for interrupted forecasts: they have nothing to show yet.
HtmlPage forecast_page(const Forecast& forecast, const Scenario& scenario,
                       const PageKnowledge& knowledge, const std::string& inputs_sha256);

}  // namespace microdc
