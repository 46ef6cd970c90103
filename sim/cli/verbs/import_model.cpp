#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "models/model_card.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/model_summary.hpp"
#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

/// "ORG--NAME.json" and "ORG/NAME/config.json" are named NAME, in lower case.
std::string name_from_path(const std::filesystem::path& path) {
  std::string name = path.stem().string();
  if (name == "config" && path.has_parent_path()) name = path.parent_path().filename().string();
  if (const auto at = name.rfind("--"); at != std::string::npos) name = name.substr(at + 2);
  for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return name;
}

Answer import_model(const std::string& file, std::string name) {
  const Result<Json> config = read_json_file(file);
  if (!config) return Answer::failure(config.diagnostics());
  if (name.empty()) name = name_from_path(file);
  const Result<ModelCard> card = import_hugging_face(*config, name, file);
  if (!card) return Answer::failure(card.diagnostics());
  Answer answer;
  answer.findings = card.diagnostics();
  answer.text = show_fields(describing(*card)).text + model_summary_text(*card);
  const OrderedJson written = write_fields(describing(*card));
  answer.json = json_text({{"card", written},
                           {"summary", model_summary_json(*card)},
                           {"findings", findings_to_json(card.diagnostics())}});
  answer.files[name + ".json"] = json_text(written);
  return answer;
}

}  // namespace

Verb import_model_verb() {
  return {"import-model", "Turn a Hugging Face config.json into a model card",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<std::pair<std::string, std::string>>();
            options.text("CONFIG", words->first, "config.json of the model", {.required = true});
            options.text("--name", words->second,
                         "Name of the card; by default that of the file or its folder");
            return [words](const CommonOptions&, std::ostream&) {
              return import_model(words->first, words->second);
            };
          },
          false};
}

}  // namespace microdc::cli
