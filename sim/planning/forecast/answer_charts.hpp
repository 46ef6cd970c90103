// Charts of a forecast's page.
#pragma once

#include <string>
#include <vector>

#include "sim/planning/forecast/forecast.hpp"
#include "sim/report/html/page.hpp"

namespace microdc {

/// "2027"; without a date "year 1".
std::vector<std::string> year_labels(const Forecast& forecast);

/// How often each strategy is the best.
HtmlChart best_chart(const Forecast& forecast);
/// What each costs a year, P10 to P90.
HtmlChart strategy_cost_chart(const Forecast& forecast, const std::string& currency);
/// Cost to date of buying and keeping, and of the cloud where there is one.
HtmlChart cost_to_date_chart(const Forecast& forecast, const std::string& currency);
/// Of keeping and refreshing after 1, 2, … years, how often each is best.
HtmlChart refresh_chart(const Forecast& forecast);
/// First token of the rack as it is, with the target.
HtmlChart first_token_chart(const Forecast& forecast, const Scenario& scenario);
/// The best open model that fits the rack, and the best that can be bought. Only with quality.
HtmlChart quality_chart(const Forecast& forecast);

}  // namespace microdc
