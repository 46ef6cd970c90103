#include <fmt/format.h>

#include <memory>

#include "sim/cli/catalogs/find_kind.hpp"
#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

Answer show(const std::string& kind_name, const std::string& name, const CommonOptions& options) {
  const Result<const CatalogKind*> kind = find_kind(kind_name);
  if (!kind) return Answer::failure(kind.diagnostics());
  const Result<Catalogs> catalogs = load_catalogs(data_root(), options.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  Answer answer;
  if (auto item = (*kind)->show(*catalogs, name)) {
    answer.text = std::move(item->text);
    answer.json = std::move(item->json);
    answer.files["show.json"] = answer.json;
    return answer;
  }
  std::vector<std::string> known;
  for (const CatalogItem& item : (*kind)->list(*catalogs)) known.push_back(item.name);
  const auto near = nearest_match(name, known);
  answer.findings.add({.message = fmt::format("there is nothing of this name in {}", kind_name),
                       .found = fmt::format("\"{}\"", name),
                       .allowed = join_names(known),
                       .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
  return answer;
}

}  // namespace

Verb show_verb() {
  return {"show", "Show one item of a catalog, with the sources of its figures",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<std::pair<std::string, std::string>>();
            options.text("KIND", words->first, "A kind of `microdc list`", {.required = true});
            options.text("NAME", words->second, "A name of `microdc list KIND`",
                         {.required = true});
            return [words](const CommonOptions& common, std::ostream&) {
              return show(words->first, words->second, common);
            };
          },
          false};
}

}  // namespace microdc::cli
