#include "sim/cli/catalogs/find_kind.hpp"

#include <fmt/format.h>

namespace microdc::cli {

Result<const CatalogKind*> find_kind(const std::string& name) {
  std::vector<std::string> known;
  for (const CatalogKind& kind : catalog_kinds()) {
    if (kind.name == name) return &kind;
    known.emplace_back(kind.name);
  }
  const auto near = nearest_match(name, known);
  return Diagnostic{.message = "this kind is not known",
                    .found = fmt::format("\"{}\"", name),
                    .allowed = join_names(known),
                    .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""};
}

}  // namespace microdc::cli
