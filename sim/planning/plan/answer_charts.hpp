// Charts of a plan's page.
#pragma once

#include <optional>
#include <string>

#include "sim/planning/plan/search.hpp"
#include "sim/report/html/page.hpp"

namespace microdc {

/// Cost against time to first token of what was simulated; no series if nothing was. What is far
/// slower than anything that meets the needs is left out, and the note counts it.
HtmlChart speed_and_cost_chart(const Plan& plan, const Scenario& scenario);

/// What the cheapest finalists cost a year, with their spread; empty if there is one only.
std::optional<HtmlChart> finalists_chart(const Plan& plan, const std::string& currency);

/// Spread of one figure of the recommended finalist: of everything together and of each source
/// alone. Bars at P50.
HtmlChart spread_chart(const Plan& plan, const Finalist& recommended, const char* title,
                       const std::string& x_label, std::optional<Spread> Finalist::*whole,
                       std::optional<Spread> SourceSpread::*part);

}  // namespace microdc
