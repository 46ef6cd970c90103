// The operators of one engine step of a model, on one GPU of its parallel layout.
#pragma once

#include <cstdint>
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
/// tabulated: a step's operators are the concatenation of the five lists. All layers of the model
/// are included (not one pipeline stage); shapes are per GPU after sharding by tp and ep. Token and
/// sequence counts are those of one data-parallel rank, except where all ranks are named.
class StepWork {
 public:
  StepWork(const ModelCard& card, ServedPrecision precision, ParallelLayout layout);

  /// Everything that depends on the rank's number of tokens in the step alone: embeddings,
  /// projections, MLP, router, shared experts, norms, collectives.
  [[nodiscard]] std::vector<Operator> token_operators(double tokens) const;
  /// Routed experts, which work on the tokens of all data-parallel ranks together; empty without
  /// experts.
  [[nodiscard]] std::vector<Operator> expert_operators(double tokens_of_all_ranks) const;
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
  /// KV cache of one token on one GPU (all its layers; the fullest pipeline stage). Layers with a
  /// short sliding window (at most 1024 tokens) beside full attention are not in it, because they
  /// keep a constant amount per sequence.
  [[nodiscard]] Bytes kv_bytes_per_token_per_gpu() const;
  /// What a sequence of `tokens` tokens holds on one GPU beside them: the state of recurrent layers,
  /// and short sliding windows, which stop growing when they are full. Usually zero.
  [[nodiscard]] Bytes state_bytes_per_sequence_per_gpu(double tokens) const;
  /// KV cache of one token over all GPUs of one data-parallel rank, copies of replicated KV heads
  /// and latents included.
  [[nodiscard]] Bytes kv_bytes_per_token() const;
  /// All that a sequence of `tokens` tokens holds on these GPUs, its state included: what a
  /// prefill/decode transfer moves.
  [[nodiscard]] Bytes cache_bytes_per_sequence(double tokens) const;
  /// Activation bytes that pipeline stages hand on per token: hidden state and residual in bf16.
  [[nodiscard]] Bytes hidden_bytes_per_token() const;

  [[nodiscard]] const ModelCard& card() const { return card_; }
  [[nodiscard]] const ServedPrecision& precision() const { return precision_; }
  [[nodiscard]] const ParallelLayout& layout() const { return layout_; }

 private:
  /// What one GPU holds of each layer, and how many layers of each kind there are.
  struct Shard {
    int q_heads = 0;
    int kv_heads = 0;
    int expert_tensor_parallel = 1;  ///< ranks that one expert is split over
    std::int64_t intermediate = 0;   ///< dense MLP columns
    std::int64_t shared_intermediate = 0;
    std::int64_t vocabulary = 0;
    std::int64_t recurrent_columns = 0;  ///< recurrent layer's parameters / hidden size
    double layers = 0;
    double full_attention_layers = 0;
    double window_layers = 0;
    double dense_layers = 0;
    double moe_layers = 0;
    double recurrent_layers = 0;
    double stage_share = 1;  ///< part of the layers on the fullest pipeline stage
    NumberFormat attention_format = NumberFormat::bf16;
  };
  static Shard shard_of(const ModelCard& card, const ServedPrecision& precision,
                        const ParallelLayout& layout);

  void add_grouped_query(std::vector<Operator>& ops, double tokens) const;
  void add_latent(std::vector<Operator>& ops, double tokens) const;
  void add_recurrent(std::vector<Operator>& ops, double tokens) const;
  void add_mlp(std::vector<Operator>& ops, double tokens, std::int64_t columns,
               double layers) const;
  void add_expert_layer(std::vector<Operator>& ops, double tokens) const;
  void add_all_reduce(std::vector<Operator>& ops, double tokens, double layers) const;

  [[nodiscard]] double attention_weight_bytes() const;
  [[nodiscard]] double layer_weight_bytes() const;
  [[nodiscard]] double kv_bytes_per_layer() const;
  [[nodiscard]] double state_bytes(double tokens) const;
  [[nodiscard]] bool window_is_constant_state() const;

  ModelCard card_;
  ServedPrecision precision_;
  ParallelLayout layout_;
  Shard shard_;
};

/// Everything wrong with a layout for this model (tp does not divide heads, ep without experts, …).
/// Places are "/tp", "/pp", "/dp" and "/ep"; the caller puts its own path before them.
Diagnostics check_layout(const ModelCard& card, const ParallelLayout& layout);

}  // namespace microdc
