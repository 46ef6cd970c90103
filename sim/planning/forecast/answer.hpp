// A forecast for people and for programs.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/forecast/forecast.hpp"

namespace microdc {

inline constexpr int forecast_schema_version = 1;

/// What a person reads: buy, wait or lease; when the rack is outgrown, what to refresh when, when
/// it beats the cloud, how good models get; tables per year; what it rests on.
std::string forecast_text(const Forecast& forecast, const Scenario& scenario);

/// The same for programs; docs/forecast.md tells its keys. Equal for equal inputs and seed.
OrderedJson forecast_json(const Forecast& forecast, const Scenario& scenario,
                          const std::string& inputs_sha256);

/// One line per strategy, year and figure: strategy,year,figure,unit,p10,p50,p90. An empty cell:
/// not known.
std::string forecast_csv(const Forecast& forecast, const Scenario& scenario);

}  // namespace microdc
