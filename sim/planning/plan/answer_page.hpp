// The page of `microdc plan` for a browser.
#pragma once

#include <string>

#include "sim/planning/plan/search.hpp"
#include "sim/report/html/sections.hpp"

namespace microdc {

/// Not for interrupted plans: they have nothing to show yet.
HtmlPage plan_page(const Plan& plan, const Scenario& scenario, const PageKnowledge& knowledge,
                   const std::string& inputs_sha256);

}  // namespace microdc
