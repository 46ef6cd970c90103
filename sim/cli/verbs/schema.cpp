#include <nlohmann/json.hpp>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/scenario/write.hpp"

namespace microdc::cli {

Verb schema_verb() {
  return {"schema", "Print the JSON Schema of scenario files",
          [](OptionSet&) -> RunVerb {
            return [](const CommonOptions&, std::ostream&) {
              Answer answer;
              answer.json = json_text(scenario_schema());
              answer.text = answer.json;
              answer.files["schema.json"] = answer.json;
              return answer;
            };
          },
          false};
}

}  // namespace microdc::cli
