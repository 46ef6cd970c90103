// A plan for people and for programs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/plan/law.hpp"
#include "sim/planning/plan/search.hpp"

namespace microdc {

inline constexpr int plan_schema_version = 1;

/// What a person reads: the recommendation in plain words, why it and not another, how sure.
/// `law`: law_of the plan.
std::string plan_text(const Plan& plan, const Scenario& scenario, const Catalogs& catalogs,
                      const std::optional<PlanLaw>& law);

/// The same for programs; docs/plan.md tells its keys. Equal for equal inputs and seed.
OrderedJson plan_json(const Plan& plan, const Scenario& scenario, const std::optional<PlanLaw>& law,
                      const std::string& inputs_sha256);

/// Share of the requests that has to meet every target: "95 %".
std::string attainment_text(const Scenario& scenario);
/// The same as a percentile: "P95".
std::string quantile_name(const Scenario& scenario);
/// Why the purchases of the recommended rack and of the best of the other kind are not equal.
inline constexpr std::string_view same_money_note =
    "Dearest purchase allowed: that of the recommended rack. Racks come in whole servers, so the "
    "sums differ.";
/// "It costs 79,100 CAD to buy and 59,500 CAD a year, all in (…)": with the spread over the draws.
std::string price_text(const Plan& plan, const Scenario& scenario);
/// "raise the budget from 60,000 EUR to 64,200 EUR (7 %)": what would let a near miss pass.
std::string relaxation_text(const Judged& judged, const std::string& currency);
/// Of its servers: the share of the time, hours without service, and what these are of.
std::string availability_text(const Judged& judged);
/// "Buy 2 × x", "Keep 1 and buy 1 more for 2 × x": what has to be done to have the rack `what`.
std::string decision_text(const Order& order, const Candidate& candidate, const std::string& what);
/// When it can serve: order, delivery with its source, installation.
std::string delivery_text(const Timetable& timetable);
/// When demand reaches what the rack carries; `at_least`: it may carry more.
std::string outgrown_text(const Timetable& timetable, bool at_least, const Scenario& scenario);
/// Bill of materials, power and cooling, dates; empty without a recommendation.
std::string order_section(const Plan& plan, const Scenario& scenario);
/// The recommended rack beside the best of the other kind (servers without or with accelerators).
struct OtherKind {
  std::string title;                   ///< "CPU-centric for at most the same money"
  std::vector<std::string> head = {};  ///< of the table; empty: nothing to compare with
  std::vector<std::vector<std::string>> rows = {};  ///< the recommended one first
  std::vector<std::string> notes = {};  ///< why these, and what the other kind would need
};
/// Of a plan with a recommendation.
OtherKind other_kind_of(const Plan& plan, const Scenario& scenario,
                        const HardwareCatalog& hardware);
/// "It meets every need up to 1.8 times the load: about 250 more employees."; empty: not known.
std::string reserve_text(const Plan& plan, const Scenario& scenario);
/// What a cheaper rack would take: the need that costs most, the nearest miss; or that there is
/// neither.
std::vector<std::string> limits_texts(const Plan& plan, const Scenario& scenario);
/// Why not the cheapest, of a plan with a preference: what it costs less, and what the recommended
/// one has before it.
/// `name`: how a candidate is called.
std::string preference_text(const Plan& plan, const Scenario& scenario,
                            const std::function<std::string(const Candidate&)>& name);
/// Indices of `judged` that a table or chart shows: at most `rows` of those given, and the
/// recommended one behind them if it is not among these.
std::vector<std::size_t> first_and_recommended(const Plan& plan, std::vector<std::size_t> shown,
                                               std::size_t rows);
/// Whether no other one beats the recommended one.
bool on_front(const Plan& plan);
inline constexpr std::string_view off_front_note =
    "Others beat the recommended one in the best estimate; it was chosen for what the draws say.";
/// "2 servers of type 1 x L40S server (PCIe)"
std::string servers_text(const Candidate& candidate, const HardwareCatalog& hardware);
/// The same with what they serve: for people who know no identifiers.
std::string described_text(const Candidate& candidate, const HardwareCatalog& hardware);

}  // namespace microdc
