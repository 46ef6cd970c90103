// A first scenario from a few answers, to be refined by hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/checks.hpp"
#include "sim/scenario/places.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

struct StarterAnswers {
  std::string name = "office";
  std::int64_t employees = 100;
  /// Of all employees together on a working day; empty: the default of the office_day generator.
  std::optional<double> prompts_per_day;
  Place place;
  std::optional<Money> budget;  ///< for servers, in the place's currency
  std::string model;
};

/// An office day on one server on which the model fits, with accelerators if possible: the one with
/// the most memory bandwidth that the budget buys; the cheapest if no budget is given. It is a starting
/// point, not a recommendation (that is what `plan` is for). `context` needs both catalogs. Errors:
/// unknown model; infeasible: nothing that fits within the budget (the nearest miss is named).
Result<Scenario> starter_scenario(const StarterAnswers& answers, const CheckContext& context);

}  // namespace microdc
