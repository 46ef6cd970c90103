// Models that look documents up and rank them, and the parameters of the indexes they search.
// Data: sim/serving/catalog/retrieval.json; equations: docs/retrieval.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// A transformer that reads a text once: an embedding model, or a cross-encoder that reads a query
/// and a chunk together and scores them.
struct RetrievalModel {
  enum class Task { embedding, reranking };
  std::string name;
  std::vector<std::string> aliases;
  std::string label;
  Task task = Task::embedding;
  std::optional<Figure> parameters;  ///< as published, with the embedding table
  std::int64_t layers = 0;
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  bool gated = false;   ///< two up projections, as in SwiGLU
  bool causal = false;  ///< tokens see only those before them; encoders see all
  std::int64_t vocabulary = 0;
  std::int64_t max_tokens = 0;  ///< longest text
  std::int64_t dimension = 0;   ///< of an embedding; 0: none

  /// Parameters of the matrices that every token passes: without the embedding table.
  [[nodiscard]] double matrix_parameters() const;
};
void describe(FieldVisitor& visitor, RetrievalModel& model);

/// Parameters of a graph index (Malkov and Yashunin, IEEE TPAMI 2020).
struct HnswFigures {
  std::optional<Figure> m;            ///< neighbours of a vector
  std::optional<Figure> ef_search;    ///< candidates kept while searching
  std::optional<Figure> evaluations;  ///< distances computed, over ef_search * m
};
void describe(FieldVisitor& visitor, HnswFigures& figures);

/// Parameters of an index of lists around centroids.
struct IvfFigures {
  std::optional<Figure> lists_per_root;  ///< nlist over the root of the number of vectors
  std::optional<Figure> nprobe;          ///< lists read per search
};
void describe(FieldVisitor& visitor, IvfFigures& figures);

struct RetrievalCatalog {
  std::vector<RetrievalModel> models;
  NumberFormat weights = NumberFormat::bf16;  ///< of the models, as served
  NumberFormat vectors = NumberFormat::fp16;  ///< as the index keeps them
  std::string kernel_source;             ///< whose kernels run the models, where there is a choice
  std::optional<Figure> stage_overhead;  ///< [s] of one stage outside of its kernels
  /// Time of a stage on a CPU socket that also serves a model, over that on a socket of its own.
  std::optional<Figure> slowdown_beside_model;
  HnswFigures hnsw;
  IvfFigures ivf;

  static Result<RetrievalCatalog> load(const std::filesystem::path& file);
  /// By name or alias, ignoring case and punctuation; null if there is none for this task.
  [[nodiscard]] const RetrievalModel* find(std::string_view name, RetrievalModel::Task task) const;
  /// Names of the models for a task.
  [[nodiscard]] std::vector<std::string> names(RetrievalModel::Task task) const;
  /// Shows everything with figures under its key to `visit`, which may change them.
  void visit_items(
      const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit);
};

}  // namespace microdc
