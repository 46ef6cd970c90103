#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      simulate_verb(), plan_verb(),     forecast_verb(),  sensitivity_verb(), compare_verb(),
      new_verb(),      check_verb(),    list_verb(),      show_verb(),        import_model_verb(),
      trace_verb(),    validate_verb(), calibrate_verb(), schema_verb(),
  };
  return all;
}

}  // namespace microdc::cli
