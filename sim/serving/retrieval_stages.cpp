#include "sim/serving/retrieval_stages.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {
namespace {

constexpr double activation_bytes = 2;
constexpr double norm_passes = 4;  // reads and writes around a norm and its residual

/// Attention of one text. In an encoder every token sees all: as many pairs as those of a causal
/// chunk behind half as many tokens again.
PrefillAttention attention_of(const RetrievalModel& model, double tokens) {
  return {.new_tokens = tokens,
          .context_tokens = model.causal ? tokens : 1.5 * tokens,
          .q_heads = static_cast<int>(model.heads),
          .kv_heads = static_cast<int>(model.kv_heads),
          .qk_dim = static_cast<int>(model.head_dim),
          .v_dim = static_cast<int>(model.head_dim)};
}

void add(StageCost& cost, const DeviceLaws& laws, const OperatorKind& op, double count) {
  cost.bytes += count * bytes_of(op).value();
  const double flop = flop_of(op).value();
  if (flop > 0) cost.arithmetic += count * flop / laws.peak(arithmetic_format(op)).value();
}

/// A model reads texts in one pass. All of their attention in a layer is one kernel, whose fixed
/// cost, nearly all of that of a text of one token, is paid once.
StageCost encoder_cost(const RetrievalModel& model, const RetrievalCatalog& catalog,
                       const DeviceLaws& laws, double sequences, double tokens) {
  StageCost cost{.seconds = catalog.stage_overhead->value};
  for (const Operator& op : encoder_operators(model, catalog.weights, sequences, tokens)) {
    cost.seconds += op.count * laws.time(op.kind).value();
    add(cost, laws, op.kind, op.count);
  }
  const auto layers = static_cast<double>(model.layers);
  const PrefillAttention attention = attention_of(model, tokens);
  const double one = laws.time(attention).value();
  const double fixed = std::min(one, laws.time(attention_of(model, 1)).value());
  cost.seconds += layers * (sequences * one - (sequences - 1) * fixed);
  add(cost, laws, attention, layers * sequences);
  return cost;
}

/// Reading the index is what takes the time: two operations per element are less than any device
/// does in the time of reading it.
StageCost search_cost(const SearchWork& work, const RetrievalCatalog& catalog,
                      const DeviceLaws& laws, double cores) {
  const double slower = work.walks ? cores : 1;
  return {
      .seconds = catalog.stage_overhead->value + laws.time(Elementwise{work.read * slower}).value(),
      .bytes = work.read.value(),
      .arithmetic = work.arithmetic / laws.peak(catalog.vectors) / Seconds(1),
      .cores = work.walks ? 1 / cores : 1};
}

Diagnostic unknown(std::string place, std::string_view what, const std::string& name,
                   const std::vector<std::string>& known) {
  const auto near = nearest_match(name, known);
  return {.place = std::move(place),
          .message = fmt::format("this {} is not known", what),
          .found = fmt::format("\"{}\"", name),
          .allowed = join_names(known),
          .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""};
}

}  // namespace

Result<KnowledgeBaseParts> parts_of(const KnowledgeBaseSpec& spec, const RetrievalCatalog& catalog,
                                    const std::string& place) {
  using Task = RetrievalModel::Task;
  Diagnostics findings;
  KnowledgeBaseParts parts{.spec = &spec,
                           .embedding = catalog.find(spec.embedding, Task::embedding),
                           .index = find_index(spec.index)};
  if (parts.embedding == nullptr) {
    findings.add(unknown(place + "/embedding", "embedding model", spec.embedding,
                         catalog.names(Task::embedding)));
  }
  if (!spec.reranker.empty()) {
    parts.reranker = catalog.find(spec.reranker, Task::reranking);
    if (parts.reranker == nullptr) {
      findings.add(
          unknown(place + "/reranker", "reranker", spec.reranker, catalog.names(Task::reranking)));
    }
  }
  if (parts.index == nullptr) {
    std::vector<std::string> known;
    for (const IndexKind& kind : index_kinds()) known.push_back(kind.name);
    findings.add(unknown(place + "/index", "index", spec.index, known));
  }
  for (const RetrievalModel* model : {parts.embedding, parts.reranker}) {
    check_length(model, spec.chunk_tokens, "chunks", place + "/chunk_tokens", findings);
  }
  if (findings.has_errors()) return findings;
  parts.shape = {.vectors = static_cast<double>(spec.chunks),
                 .dimension = static_cast<double>(parts.embedding->dimension),
                 .bytes_per_element = bytes_per_element(catalog.vectors)};
  return parts;
}

void check_length(const RetrievalModel* model, std::int64_t tokens, std::string_view what,
                  const std::string& place, Diagnostics& findings) {
  if (model == nullptr || tokens <= model->max_tokens) return;
  findings.add({.place = place,
                .message = fmt::format("{} does not read {} of this length", model->label, what),
                .found = fmt::format("{} tokens", tokens),
                .allowed = fmt::format("at most {} tokens", model->max_tokens),
                .fix = "shorten query or chunks, or choose another model"});
}

Bytes index_bytes(const KnowledgeBaseParts& parts, const RetrievalCatalog& catalog) {
  return parts.index->memory(parts.shape, catalog);
}

Bytes model_bytes(const KnowledgeBaseParts& parts, const RetrievalCatalog& catalog) {
  double parameters = parts.embedding->parameters->value;
  if (parts.reranker != nullptr) parameters += parts.reranker->parameters->value;
  return Bytes(parameters * bytes_per_element(catalog.weights));
}

std::vector<Operator> encoder_operators(const RetrievalModel& model, NumberFormat weights,
                                        double sequences, double tokens) {
  const auto layers = static_cast<double>(model.layers);
  const double rows = sequences * tokens;
  const std::int64_t q_columns = model.heads * model.head_dim;
  const std::int64_t kv_columns = model.kv_heads * model.head_dim;
  const std::int64_t up = (model.gated ? 2 : 1) * model.intermediate;
  const double row = static_cast<double>(model.hidden) * activation_bytes;
  const double activated = static_cast<double>(up + model.intermediate) * activation_bytes;
  const auto gemm = [&](std::int64_t columns, std::int64_t inner) {
    return Operator{Gemm{.m = rows, .n = columns, .k = inner, .format = weights}, layers};
  };
  return {gemm(q_columns + 2 * kv_columns, model.hidden),
          gemm(model.hidden, q_columns),
          gemm(up, model.hidden),
          gemm(model.hidden, model.intermediate),
          {Elementwise{Bytes(norm_passes * rows * row)}, 2 * layers},
          {Elementwise{Bytes(rows * activated)}, layers}};
}

LookupCost lookup_cost(const KnowledgeBaseParts& parts, const RetrievalSpec& retrieval,
                       const RetrievalCatalog& catalog, const DeviceLaws& laws, double cores) {
  const auto query = static_cast<double>(retrieval.query_tokens);
  LookupCost cost;
  const auto at = [&](RetrievalStage stage) -> StageCost& {
    return cost[static_cast<std::size_t>(stage)];
  };
  at(RetrievalStage::embedding) = encoder_cost(*parts.embedding, catalog, laws, 1, query);
  at(RetrievalStage::search) =
      search_cost(parts.index->search(parts.shape, catalog), catalog, laws, cores);
  if (parts.reranker != nullptr) {
    const auto candidates = static_cast<double>(std::min(retrieval.candidates, parts.spec->chunks));
    const double pair = query + static_cast<double>(parts.spec->chunk_tokens);
    at(RetrievalStage::reranking) = encoder_cost(*parts.reranker, catalog, laws, candidates, pair);
  }
  return cost;
}

}  // namespace microdc
