// A plan for people and for programs.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/plan/search.hpp"

namespace microdc {

inline constexpr int plan_schema_version = 1;

/// What a person reads: the recommendation in plain words, why it and not another, how sure.
std::string plan_text(const Plan& plan, const Scenario& scenario, const Catalogs& catalogs);

/// The same for programs; docs/plan.md tells its keys. Equal for equal inputs and seed.
OrderedJson plan_json(const Plan& plan, const Scenario& scenario, const std::string& inputs_sha256);

/// Share of the requests that has to meet every target: "95 %".
std::string attainment_text(const Scenario& scenario);
/// "raise the budget from 60,000 EUR to 64,200 EUR (7 %)": what would let a near miss pass.
std::string relaxation_text(const Judged& judged, const std::string& currency);
/// "Buy 2 × x", "Keep 1 and buy 1 more for 2 × x": what has to be done to have the rack `what`.
std::string decision_text(const Order& order, const Candidate& candidate, const std::string& what);
/// When it can serve: order, delivery with its source, installation.
std::string delivery_text(const Timetable& timetable);
/// When demand reaches what the rack carries; `at_least`: it may carry more.
std::string outgrown_text(const Timetable& timetable, bool at_least, const Scenario& scenario);
/// Bill of materials, power and cooling, dates; empty without a recommendation.
std::string order_section(const Plan& plan, const Scenario& scenario);
/// What the cheapest rack of the other kind costs that meets all needs, or that there is none.
std::string other_kind_that_does_text(const Plan& plan, const Scenario& scenario);
/// With as many digits as tell it from 100 %: "99.945 %", "99.99987 %".
std::string availability_text(double availability);
/// "4.8 hours a year without full service"; minutes or seconds where it is less.
std::string outage_text(double availability);
/// Which need costs most, of a plan with a binding one; or that none costs much.
std::string binding_text(const Plan& plan, const Scenario& scenario);
/// Why not the cheapest, of a plan with a preference: what it costs less, and what the recommended
/// one has before it.
std::string preference_text(const Plan& plan, const Scenario& scenario);

}  // namespace microdc
