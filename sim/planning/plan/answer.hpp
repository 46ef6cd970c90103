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

}  // namespace microdc
