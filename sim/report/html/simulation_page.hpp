// The page of `microdc simulate`.
#pragma once

#include <filesystem>

#include "sim/report/html/page.hpp"
#include "sim/report/html/sections.hpp"
#include "sim/report/report.hpp"

namespace microdc {

/// `timeline` is the run's timeline.csv; without it, or if it cannot be read, the page has no
/// course of power.
HtmlPage simulation_page(const Report& report, const PageKnowledge& knowledge,
                         const std::filesystem::path& timeline = {});

}  // namespace microdc
