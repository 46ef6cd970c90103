#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/cli/catalogs/find_kind.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/table.hpp"
#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

std::string as_text(const std::vector<CatalogItem>& items) {
  std::vector<std::vector<std::string>> rows;
  for (const CatalogItem& item : items) rows.push_back({item.name, item.description});
  return text_table(rows);
}

std::string as_json(const std::vector<CatalogItem>& items) {
  OrderedJson list = OrderedJson::array();
  for (const CatalogItem& item : items) {
    list.push_back({{"name", item.name}, {"description", item.description}});
  }
  return json_text(list);
}

std::vector<CatalogItem> kinds_themselves() {
  std::vector<CatalogItem> items;
  for (const CatalogKind& kind : catalog_kinds()) {
    items.push_back({std::string(kind.name), std::string(kind.description)});
  }
  return items;
}

Answer list(const std::string& wanted, const CommonOptions& options) {
  Answer answer;
  std::vector<CatalogItem> items;
  if (wanted.empty()) {
    items = kinds_themselves();
  } else {
    const Result<const CatalogKind*> kind = find_kind(wanted);
    if (!kind) return Answer::failure(kind.diagnostics());
    const Result<Catalogs> catalogs = load_catalogs(data_root(), options.hardware);
    if (!catalogs) return Answer::failure(catalogs.diagnostics());
    items = (*kind)->list(*catalogs);
  }
  answer.text = as_text(items);
  answer.json = as_json(items);
  answer.files["list.json"] = answer.json;
  return answer;
}

}  // namespace

Verb list_verb() {
  return {"list", "List what catalogs and registries hold",
          [](OptionSet& options) -> RunVerb {
            auto kind = std::make_shared<std::string>();
            options.text("KIND", *kind, "What to list; without it, the kinds are listed");
            return
                [kind](const CommonOptions& common, std::ostream&) { return list(*kind, common); };
          },
          false};
}

}  // namespace microdc::cli
