// Tornados and sweeps for people and for programs.
#pragma once

#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/sensitivity/sensitivity.hpp"

namespace microdc {

inline constexpr int sensitivity_schema_version = 1;

std::string tornado_text(const Tornado& tornado, const Scenario& scenario);
std::string sweep_text(const Sweep& sweep);

/// For programs; docs/forecast.md tells the keys. Equal for equal inputs and seed.
OrderedJson tornado_json(const Tornado& tornado, const Scenario& scenario,
                         const std::string& inputs_sha256);
OrderedJson sweep_json(const Sweep& sweep, const Scenario& scenario,
                       const std::string& inputs_sha256);

/// figure,path,low,high,figure_low,figure_base,figure_high,swing in base units, by falling swing.
std::string tornado_csv(const Tornado& tornado);
/// One column per swept path and per figure, one line per point.
std::string sweep_csv(const Sweep& sweep);

}  // namespace microdc
