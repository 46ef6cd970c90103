#include <fmt/format.h>

#include "sim/cli/catalogs/catalogs.hpp"
#include "sim/serving/index.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/scheduler.hpp"

namespace microdc::cli {
namespace {

CatalogKind retrieval_models() {
  return {"retrieval_models", "models that find documents (embedding) or rank them (reranking)",
          [](const Catalogs& catalogs) {
            std::vector<CatalogItem> list;
            for (const RetrievalModel& model : catalogs.retrieval.models) {
              const bool embeds = model.task == RetrievalModel::Task::embedding;
              list.push_back(
                  {model.name,
                   fmt::format("{}: {}, {:.0f} million parameters, texts of up to {} tokens",
                               model.label,
                               embeds ? fmt::format("embedding of {} dimensions", model.dimension)
                                      : "reranking",
                               model.parameters->value / 1e6, model.max_tokens)});
            }
            return list;
          },
          [](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
            const RetrievalCatalog& known = catalogs.retrieval;
            const RetrievalModel* model = known.find(wanted, RetrievalModel::Task::embedding);
            if (model == nullptr) model = known.find(wanted, RetrievalModel::Task::reranking);
            if (model == nullptr) return std::nullopt;
            return show_fields(describing(*model));
          }};
}

/// The description, and the parameters of the kinds that have some.
CatalogKind indexes() {
  CatalogKind kind = plain_kind("indexes", "how the vectors of a knowledge base are searched",
                                [](const Catalogs&) { return registry_items(index_kinds()); });
  kind.show = [plain = kind.show](const Catalogs& catalogs,
                                  const std::string& wanted) -> std::optional<ShownItem> {
    if (wanted == "hnsw") return show_fields(describing(catalogs.retrieval.hnsw));
    if (wanted == "ivf") return show_fields(describing(catalogs.retrieval.ivf));
    return plain(catalogs, wanted);
  };
  return kind;
}

}  // namespace

std::vector<CatalogKind> serving_kinds() {
  const CatalogKind engines{
      "engines", "serving engines",
      [](const Catalogs& catalogs) {
        std::vector<CatalogItem> list;
        for (const auto& [name, engine] : catalogs.engines.engines()) {
          list.push_back({name, engine.label});
        }
        return list;
      },
      [](const Catalogs& catalogs, const std::string& wanted) -> std::optional<ShownItem> {
        const ServingEngine* engine = catalogs.engines.find(wanted);
        if (engine == nullptr) return std::nullopt;
        return show_fields(describing(*engine));
      }};
  return {engines,
          plain_kind("routers", "how the gateway chooses a replica",
                     [](const Catalogs&) { return registry_items(router_kinds()); }),
          plain_kind("schedulers", "the order in which waiting requests enter a batch",
                     [](const Catalogs&) { return registry_items(scheduler_kinds()); }),
          retrieval_models(), indexes()};
}

}  // namespace microdc::cli
