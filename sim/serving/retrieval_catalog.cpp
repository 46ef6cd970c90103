#include "sim/serving/retrieval_catalog.hpp"

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"

namespace microdc {
namespace {

struct CatalogFile {
  std::string description;
  std::string weights, vectors;
  RetrievalCatalog catalog;
};

FieldInfo count(std::string_view name, std::string_view label, double max) {
  return {.name = name, .label = label, .min = 1, .max = max, .required = true};
}

void describe_times(FieldVisitor& v, RetrievalCatalog& catalog) {
  v.figure({.name = "stage_overhead",
            .label = "Per stage",
            .help = "HTTP, tokeniser and framework around the kernels of one stage",
            .dimension = Dimension::time,
            .min = 0,
            .max = 60,
            .required = true,
            .drawn = true},
           catalog.stage_overhead);
  v.figure({.name = "slowdown_beside_model",
            .label = "Slower beside a model",
            .help = "on a CPU socket that also serves a model",
            .min = 1,
            .max = 100,
            .required = true,
            .drawn = true},
           catalog.slowdown_beside_model);
}

void describe(FieldVisitor& v, CatalogFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "models", .label = "Models", .required = true}, file.catalog.models);
  v.text({.name = "weights", .label = "Format of the models", .required = true}, file.weights);
  v.text({.name = "vectors", .label = "Format of the index", .required = true}, file.vectors);
  v.text({.name = "kernel_source", .label = "Kernels", .required = true},
         file.catalog.kernel_source);
  describe_times(v, file.catalog);
  v.object({.name = "hnsw", .label = "Graph index"}, file.catalog.hnsw);
  v.object({.name = "ivf", .label = "Index of lists"}, file.catalog.ivf);
}

void take_format(const std::string& name, const char* place, NumberFormat& format,
                 Diagnostics& findings) {
  const auto parsed = parse_number_format(name);
  if (parsed) format = *parsed;
  for (Diagnostic finding : parsed.diagnostics().items()) {
    finding.place = place;
    findings.add(std::move(finding));
  }
}

}  // namespace

void describe(FieldVisitor& v, RetrievalModel& m) {
  v.text({.name = "name", .label = "Model", .required = true}, m.name);
  v.texts({.name = "aliases", .label = "Other spellings"}, m.aliases);
  v.text({.name = "label", .label = "Name for people", .required = true}, m.label);
  v.choice({.name = "task", .label = "Task", .required = true}, {"embedding", "reranking"}, m.task);
  v.figure({.name = "parameters",
            .label = "Parameters",
            .help = "as published, with the embedding table",
            .min = 1e6,
            .max = 1e12,
            .required = true},
           m.parameters);
  v.integer(count("layers", "Layers", 1000), m.layers);
  v.integer(count("hidden", "Hidden size", 1e5), m.hidden);
  v.integer(count("intermediate", "Size of the MLP", 1e6), m.intermediate);
  v.integer(count("heads", "Heads", 1000), m.heads);
  v.integer(count("kv_heads", "Heads of keys and values", 1000), m.kv_heads);
  v.integer(count("head_dim", "Size of a head", 1000), m.head_dim);
  v.boolean({.name = "gated", .label = "Gated MLP"}, m.gated);
  v.boolean({.name = "causal", .label = "Sees only tokens before"}, m.causal);
  v.integer(count("vocabulary", "Vocabulary", 1e7), m.vocabulary);
  v.integer(count("max_tokens", "Longest text", 1e7), m.max_tokens);
  v.integer({.name = "dimension", .label = "Dimension of an embedding", .min = 0, .max = 1e5},
            m.dimension);
}

void describe(FieldVisitor& v, HnswFigures& figures) {
  v.figure({.name = "m", .label = "M", .help = "neighbours of a vector", .min = 2, .max = 1000},
           figures.m);
  v.figure({.name = "ef_search",
            .label = "efSearch",
            .help = "candidates kept while searching",
            .min = 1,
            .max = 1e5},
           figures.ef_search);
  v.figure({.name = "evaluations",
            .label = "Distances over efSearch x M",
            .min = 0.1,
            .max = 10,
            .drawn = true},
           figures.evaluations);
}

void describe(FieldVisitor& v, IvfFigures& figures) {
  v.figure({.name = "lists_per_root",
            .label = "nlist over the root of the vectors",
            .min = 0.1,
            .max = 100},
           figures.lists_per_root);
  v.figure({.name = "nprobe", .label = "nprobe", .help = "lists read", .min = 1, .max = 1e5},
           figures.nprobe);
}

double RetrievalModel::matrix_parameters() const {
  const auto q_columns = static_cast<double>(heads * head_dim);
  const auto kv_columns = static_cast<double>(kv_heads * head_dim);
  const auto width = static_cast<double>(hidden);
  const double mlp = (gated ? 3.0 : 2.0) * width * static_cast<double>(intermediate);
  return static_cast<double>(layers) * (2 * width * (q_columns + kv_columns) + mlp);
}

Result<RetrievalCatalog> RetrievalCatalog::load(const std::filesystem::path& file) {
  const auto json = read_json_file(file);
  if (!json) return json.diagnostics();
  CatalogFile content;
  Diagnostics findings =
      read_fields([&](FieldVisitor& v) { describe(v, content); }, *json, file.string());
  if (findings.has_errors()) return findings;
  take_format(content.weights, "/weights", content.catalog.weights, findings);
  take_format(content.vectors, "/vectors", content.catalog.vectors, findings);
  const HnswFigures& hnsw = content.catalog.hnsw;
  const IvfFigures& ivf = content.catalog.ivf;
  if (!hnsw.m || !hnsw.ef_search || !hnsw.evaluations || !ivf.lists_per_root || !ivf.nprobe) {
    findings.add({.file = file.string(),
                  .message = "a parameter of the indexes is missing",
                  .allowed = "all of hnsw and ivf"});
  }
  if (findings.has_errors()) return findings;
  return {std::move(content.catalog), std::move(findings)};
}

const RetrievalModel* RetrievalCatalog::find(std::string_view name,
                                             RetrievalModel::Task task) const {
  const std::string wanted = name_key(name);
  for (const RetrievalModel& model : models) {
    if (model.task != task) continue;
    if (name_key(model.name) == wanted) return &model;
    for (const std::string& alias : model.aliases) {
      if (name_key(alias) == wanted) return &model;
    }
  }
  return nullptr;
}

std::vector<std::string> RetrievalCatalog::names(RetrievalModel::Task task) const {
  std::vector<std::string> list;
  for (const RetrievalModel& model : models) {
    if (model.task == task) list.push_back(model.name);
  }
  return list;
}

void RetrievalCatalog::visit_items(
    const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit) {
  visit("retrieval", [this](FieldVisitor& v) {
    describe_times(v, *this);
    v.object({.name = "hnsw", .label = "Graph index"}, hnsw);
    v.object({.name = "ivf", .label = "Index of lists"}, ivf);
  });
}

}  // namespace microdc
