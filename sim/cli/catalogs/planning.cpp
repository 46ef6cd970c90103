#include <fmt/format.h>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/planning/forecast/trends.hpp"

namespace microdc::cli {

std::vector<CatalogKind> planning_kinds() {
  return {{"trends", "what changes over the years, as `microdc forecast` assumes",
           [](const Catalogs&) {
             std::vector<CatalogItem> list;
             if (!trend_catalog()) return list;
             for (const Trend& trend : trend_catalog()->trends) {
               const Figure& figure = *trend.per_year;
               list.push_back(
                   {trend.name, fmt::format("{}: × {:g} a year ({:g} to {:g})", trend.label,
                                            figure.value, figure.low.value_or(figure.value),
                                            figure.high.value_or(figure.value))});
             }
             return list;
           },
           [](const Catalogs&, const std::string& wanted) -> std::optional<ShownItem> {
             if (!trend_catalog()) return std::nullopt;
             for (const Trend& trend : trend_catalog()->trends) {
               if (trend.name == wanted) return show_fields(describing(trend));
             }
             return std::nullopt;
           }}};
}

}  // namespace microdc::cli
