// A comparison for people and for programs.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/compare/compare.hpp"
#include "sim/report/html/sections.hpp"

namespace microdc {

inline constexpr int compare_schema_version = 1;

/// The answer in two sentences.
std::string compare_headline(const ScenarioComparison& comparison);
/// "500 EUR more for energy, 20 EUR less for carbon": kinds of cost that differ, the largest
/// first.
std::vector<std::string> cost_reasons(const ComparedRun& first, const ComparedRun& other,
                                      const std::string& currency);

/// The page for a terminal.
std::string compare_text(const ScenarioComparison& comparison);
/// docs/compare.md tells its keys. Equal for equal inputs and seed.
OrderedJson compare_json(const ScenarioComparison& comparison);
/// The same figures as a table: a line per scenario and figure.
std::string compare_csv(const ScenarioComparison& comparison);
/// The page for a browser; `knowledge` tells sources.
HtmlPage compare_page(const ScenarioComparison& comparison, const PageKnowledge& knowledge);

}  // namespace microdc
