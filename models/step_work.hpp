// The operators of one engine step of a model, on one GPU of its parallel layout.
#pragma once

#include <vector>

#include "hwprofiles/work/operators.hpp"
#include "models/model_card.hpp"

namespace microdc {

/// How a replica is spread over GPUs. tp*pp*dp GPUs; ep ranks (a divisor of tp*dp) share the routed
/// experts, each expert split over tp*dp/ep.
struct ParallelLayout {
  int tp = 1;  ///< tensor parallel
  int pp = 1;  ///< pipeline stages
  int dp = 1;  ///< attention data parallel ranks inside the replica
  int ep = 1;  ///< expert parallel ranks
  [[nodiscard]] int gpus() const { return tp * pp * dp; }
};

struct ServedPrecision {
  NumberFormat weights = NumberFormat::bf16;
  NumberFormat kv_cache = NumberFormat::bf16;
};

/// The work of a step, in the parts on which its time depends separately, so that each can be
/// tabulated: a step's operators are the concatenation of the four lists. All layers of the model
/// are included (not one pipeline stage); shapes are per GPU after sharding by tp and ep. Token and
/// sequence counts are those of one data-parallel rank.
class StepWork {
 public:
  StepWork(const ModelCard& card, ServedPrecision precision, ParallelLayout layout);

  /// Everything that depends on the number of tokens in the step alone: embeddings, projections,
  /// MLP or experts, norms, collectives.
  [[nodiscard]] std::vector<Operator> token_operators(double tokens) const;
  /// Final norm, LM head and sampling over the sequences that produce a token.
  [[nodiscard]] std::vector<Operator> head_operators(double sequences) const;
  /// Decode attention of `sequences` sequences holding `kv_tokens` tokens of context together.
  [[nodiscard]] std::vector<Operator> decode_attention_operators(double sequences,
                                                                 double kv_tokens) const;
  /// Attention of one prefill chunk; context_tokens includes the chunk.
  [[nodiscard]] std::vector<Operator> prefill_attention_operators(double new_tokens,
                                                                  double context_tokens) const;

  /// Weights that one GPU holds (the fullest pipeline stage).
  [[nodiscard]] Bytes weight_bytes_per_gpu() const;
  /// KV cache of one token on one GPU (all its layers; the fullest pipeline stage).
  [[nodiscard]] Bytes kv_bytes_per_token_per_gpu() const;
  /// Constant state of one sequence on one GPU (recurrent layers); usually zero.
  [[nodiscard]] Bytes state_bytes_per_sequence_per_gpu() const;
  /// KV cache of one token over all GPUs of the replica: what a prefill/decode transfer moves.
  [[nodiscard]] Bytes kv_bytes_per_token() const;
  /// Activation bytes that pipeline stages hand on per token.
  [[nodiscard]] Bytes hidden_bytes_per_token() const;

  [[nodiscard]] const ModelCard& card() const { return card_; }
  [[nodiscard]] const ServedPrecision& precision() const { return precision_; }
  [[nodiscard]] const ParallelLayout& layout() const { return layout_; }

 private:
  ModelCard card_;
  ServedPrecision precision_;
  ParallelLayout layout_;
};

/// Everything wrong with a layout for this model (tp does not divide heads, ep without experts, …).
Diagnostics check_layout(const ModelCard& card, const ParallelLayout& layout);

}  // namespace microdc
