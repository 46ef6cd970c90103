// The page of `microdc plan` for a browser.
#pragma once

#include <optional>
#include <string>

#include "sim/planning/plan/law.hpp"
#include "sim/planning/plan/search.hpp"
#include "sim/report/html/sections.hpp"

namespace microdc {

/// Not for interrupted plans: they have nothing to show yet. `law`: law_of the plan.
HtmlPage plan_page(const Plan& plan, const Scenario& scenario, const std::optional<PlanLaw>& law,
                   const PageKnowledge& knowledge, const std::string& inputs_sha256);

}  // namespace microdc
