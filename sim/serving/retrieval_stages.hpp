// What looking documents up costs on one device: embedding the query, searching the index,
// reranking what was found. Times are those of the device's laws; equations: docs/retrieval.md.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "hwprofiles/laws/device_laws.hpp"
#include "sim/scenario/organisation.hpp"
#include "sim/serving/index.hpp"

namespace microdc {

enum class RetrievalStage { embedding, search, reranking };
inline constexpr std::array<std::string_view, 3> retrieval_stage_names{"embedding", "search",
                                                                       "reranking"};
inline constexpr std::size_t retrieval_stage_count = retrieval_stage_names.size();

/// One stage of one lookup. All zero: there is none.
struct StageCost {
  double seconds = 0;
  double bytes = 0;       ///< compulsory traffic
  double arithmetic = 0;  ///< FLOP / peak [s at peak]
  double cores = 1;       ///< share of the device's cores that are busy
};
using LookupCost = std::array<StageCost, retrieval_stage_count>;

/// A knowledge base with its models and index looked up.
struct KnowledgeBaseParts {
  const KnowledgeBaseSpec* spec = nullptr;
  const RetrievalModel* embedding = nullptr;
  const RetrievalModel* reranker = nullptr;  ///< null: none
  const IndexKind* index = nullptr;
  IndexShape shape;
};
/// Errors, at `place`: unknown model or index, chunks that a model cannot read.
Result<KnowledgeBaseParts> parts_of(const KnowledgeBaseSpec& spec, const RetrievalCatalog& catalog,
                                    const std::string& place);

/// An error at `place` if the model (null: none) does not read texts of so many tokens; `what`
/// names them: "chunks", "a query with a chunk".
void check_length(const RetrievalModel* model, std::int64_t tokens, std::string_view what,
                  const std::string& place, Diagnostics& findings);

/// Memory of the index, and of the weights of both models.
Bytes index_bytes(const KnowledgeBaseParts& parts, const RetrievalCatalog& catalog);
Bytes model_bytes(const KnowledgeBaseParts& parts, const RetrievalCatalog& catalog);

/// Operators of a model that reads `sequences` texts of `tokens` each in one pass, without
/// attention, which sees one text at a time.
std::vector<Operator> encoder_operators(const RetrievalModel& model, NumberFormat weights,
                                        double sequences, double tokens);

/// One lookup, alone on the device. `cores`: cores or multiprocessors of the device.
LookupCost lookup_cost(const KnowledgeBaseParts& parts, const RetrievalSpec& retrieval,
                       const RetrievalCatalog& catalog, const DeviceLaws& laws, double cores);

}  // namespace microdc
