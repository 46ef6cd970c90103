#include <fmt/format.h>

#include "hwprofiles/work/operators.hpp"
#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/cli/model_summary.hpp"

namespace microdc::cli {

std::vector<CatalogKind> model_kinds() {
  const CatalogKind models{
      "models", "language models",
      [](const Catalogs& catalogs) {
        std::vector<CatalogItem> list;
        for (const auto& [name, card] : catalogs.models.cards()) list.push_back({name, card.label});
        return list;
      },
      [](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
        const ModelCard* card = catalogs.models.find(wanted);
        if (card == nullptr) return std::nullopt;
        ShownItem shown = show_fields(describing(*card));
        shown.text += model_summary_text(*card);
        return shown;
      }};
  const CatalogKind formats =
      plain_kind("formats", "number formats of weights and caches", [](const Catalogs&) {
        std::vector<CatalogItem> list;
        for (const std::string_view name : number_format_names()) {
          const auto format = parse_number_format(name);
          if (format) {
            list.push_back({std::string(name), fmt::format("{} bytes per element, computes in {}",
                                                           bytes_per_element(*format),
                                                           name_of(compute_format(*format)))});
          }
        }
        return list;
      });
  return {models, formats};
}

}  // namespace microdc::cli
