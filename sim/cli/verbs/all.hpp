// One function per verb, defined in the file of its name.
#pragma once

#include "sim/cli/verb.hpp"

namespace microdc::cli {

Verb calibrate_verb();
Verb check_verb();
Verb forecast_verb();
Verb compare_verb();
Verb import_model_verb();
Verb list_verb();
Verb new_verb();
Verb plan_verb();
Verb schema_verb();
Verb sensitivity_verb();
Verb show_verb();
Verb simulate_verb();
Verb trace_verb();
Verb validate_verb();

}  // namespace microdc::cli
