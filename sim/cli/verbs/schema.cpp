#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/text_file.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/scenario/write.hpp"

namespace microdc::cli {
namespace {

struct SchemaWords {
  std::string answer;
};

/// Verbs whose answer has a schema in scenarios/schemas.
const std::vector<std::string> answers_with_schema{"simulate", "plan", "forecast", "compare"};

Answer print_schema(const SchemaWords& words) {
  Answer answer;
  if (words.answer.empty()) {
    answer.json = json_text(scenario_schema());
  } else if (std::find(answers_with_schema.begin(), answers_with_schema.end(), words.answer) ==
             answers_with_schema.end()) {
    const auto near = nearest_match(words.answer, answers_with_schema);
    Diagnostics unknown;
    unknown.add({.place = "ANSWER",
                 .message = "the answer of this verb has no schema",
                 .found = fmt::format("\"{}\"", words.answer),
                 .allowed = join_names(answers_with_schema),
                 .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
    return Answer::failure(unknown);
  } else {
    const std::string file = words.answer + ".json";
    const auto read = read_text_file(data_root() / "scenarios/schemas" / file);
    if (!read) return Answer::failure(read.diagnostics());
    answer.json = *read;
    answer.text = answer.json;
    answer.files[file] = answer.json;
    return answer;
  }
  answer.text = answer.json;
  answer.files["schema.json"] = answer.json;
  return answer;
}

}  // namespace

Verb schema_verb() {
  return {"schema", "Print the JSON Schema of scenario files, or of an answer",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<SchemaWords>();
            options.text("ANSWER", words->answer,
                         "Verb whose answer with --json is meant: simulate, plan, forecast or "
                         "compare; by default the schema of scenario files");
            return [words](const CommonOptions&, std::ostream&) { return print_schema(*words); };
          },
          false};
}

}  // namespace microdc::cli
