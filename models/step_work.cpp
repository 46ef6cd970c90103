// The operators of one engine step; equations and assumptions are in docs/models.md.
#include "models/step_work.hpp"

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

/// Activations are bf16 whatever the format of the weights.
constexpr double activation_bytes = 2;
/// Residual add and norm in one kernel: reads the branch and the residual, writes both.
constexpr double norm_passes = 4;
/// Sampling makes fp32 of the logits (2 + 4 bytes) and reads them once more.
constexpr double sampling_bytes_per_logit = 10;

std::int64_t split(std::int64_t whole, std::int64_t parts) { return (whole + parts - 1) / parts; }

void add_gemm(std::vector<Operator>& ops, double rows, std::int64_t columns, std::int64_t inner,
              NumberFormat format, double count) {
  ops.push_back({Gemm{.m = rows, .n = columns, .k = inner, .format = format}, count});
}

void add_elementwise(std::vector<Operator>& ops, double bytes, double count) {
  ops.push_back({Elementwise{Bytes(bytes)}, count});
}

void add_collective(std::vector<Operator>& ops, CollectiveKind kind, double bytes, int group,
                    double count) {
  if (group <= 1 || count <= 0) return;
  ops.push_back({Collective{.kind = kind, .message = Bytes(bytes), .group = group}, count});
}

/// A layout without zero or negative sizes; check_layout reports those, here nothing divides by
/// them.
ParallelLayout at_least_one(const ParallelLayout& layout) {
  return {.tp = std::max(1, layout.tp),
          .pp = std::max(1, layout.pp),
          .dp = std::max(1, layout.dp),
          .ep = std::max(1, layout.ep)};
}

bool is_fp4(NumberFormat format) {
  return format == NumberFormat::nvfp4 || format == NumberFormat::mxfp4;
}

}  // namespace

StepWork::StepWork(const ModelCard& card, ServedPrecision precision, ParallelLayout layout)
    : card_(card),
      precision_(precision),
      layout_(at_least_one(layout)),
      shard_(shard_of(card_, precision_, layout_)) {}

StepWork::Shard StepWork::shard_of(const ModelCard& card, const ServedPrecision& precision,
                                   const ParallelLayout& layout) {
  const int tp = layout.tp;
  Shard shard;
  shard.q_heads = static_cast<int>(split(card.heads, tp));
  // With more ranks than KV heads each rank keeps a copy of the one that its queries need.
  shard.kv_heads = static_cast<int>(split(card.kv_heads, tp));
  shard.intermediate = split(card.intermediate, tp);
  shard.vocabulary = split(card.vocabulary, tp);
  shard.layers = static_cast<double>(card.layers);
  shard.dense_layers = static_cast<double>(dense_mlp_layers(card));
  shard.moe_layers = static_cast<double>(moe_layers(card));
  if (card.moe) {
    shard.shared_intermediate = split(card.moe->shared_intermediate, tp);
    shard.expert_tensor_parallel = std::max(1, tp * layout.dp / layout.ep);
  }
  if (card.recurrent) {
    shard.recurrent_layers = static_cast<double>(card.recurrent->layers);
    shard.recurrent_columns = split(card.recurrent->parameters_per_layer, card.hidden * tp);
  }
  if (card.window) shard.window_layers = static_cast<double>(card.window->layers);
  shard.full_attention_layers = static_cast<double>(attention_layers(card)) - shard.window_layers;
  shard.stage_share = static_cast<double>(split(card.layers, layout.pp)) / shard.layers;
  shard.attention_format = card.fp4_keeps_attention && is_fp4(precision.weights)
                               ? NumberFormat::bf16
                               : precision.weights;
  return shard;
}

std::vector<Operator> StepWork::token_operators(double tokens) const {
  std::vector<Operator> ops;
  if (!(tokens > 0)) return ops;
  ops.reserve(24);
  const double row = static_cast<double>(card_.hidden) * activation_bytes;
  add_elementwise(ops, 2 * tokens * row, 1);  // embedding look-up
  const double norms_per_layer = card_.mlp_only_layers > 0 ? 1 : 2;
  add_elementwise(ops, norm_passes * tokens * row, norms_per_layer * shard_.layers);
  if (attention_layers(card_) > 0) {
    card_.latent ? add_latent(ops, tokens) : add_grouped_query(ops, tokens);
    add_all_reduce(ops, tokens, static_cast<double>(attention_layers(card_)));
  }
  if (shard_.recurrent_layers > 0) add_recurrent(ops, tokens);
  if (shard_.dense_layers > 0) {
    add_mlp(ops, tokens, shard_.intermediate, shard_.dense_layers);
    add_all_reduce(ops, tokens, shard_.dense_layers);
  }
  if (shard_.moe_layers > 0) add_expert_layer(ops, tokens);
  return ops;
}

void StepWork::add_grouped_query(std::vector<Operator>& ops, double tokens) const {
  const double layers = static_cast<double>(attention_layers(card_));
  const std::int64_t q_columns = shard_.q_heads * card_.head_dim;
  const std::int64_t kv_columns = shard_.kv_heads * card_.head_dim;
  add_gemm(ops, tokens, q_columns + 2 * kv_columns, card_.hidden, shard_.attention_format, layers);
  const double rotated = static_cast<double>(q_columns + kv_columns);
  const double cached = static_cast<double>(2 * kv_columns);
  add_elementwise(ops,
                  tokens * (2 * rotated * activation_bytes +
                            cached * (activation_bytes + bytes_per_element(precision_.kv_cache))),
                  layers);
  add_gemm(ops, tokens, card_.hidden, q_columns, shard_.attention_format, layers);
}

void StepWork::add_latent(std::vector<Operator>& ops, double tokens) const {
  const LatentAttention& latent = *card_.latent;
  const double layers = static_cast<double>(attention_layers(card_));
  const NumberFormat format = shard_.attention_format;
  const std::int64_t cached = latent.kv_lora_rank + latent.qk_rope_dim;
  const std::int64_t q_columns = shard_.q_heads * (latent.qk_nope_dim + latent.qk_rope_dim);
  if (latent.q_lora_rank > 0) {
    add_gemm(ops, tokens, latent.q_lora_rank + cached, card_.hidden, format, layers);
    add_gemm(ops, tokens, q_columns, latent.q_lora_rank, format, layers);
  } else {
    add_gemm(ops, tokens, q_columns + cached, card_.hidden, format, layers);
  }
  // Norms of both latents, RoPE of its part of queries and key, and the write to the cache.
  const double touched =
      static_cast<double>(latent.q_lora_rank + cached + shard_.q_heads * latent.qk_rope_dim);
  add_elementwise(ops,
                  tokens * (2 * touched * activation_bytes +
                            static_cast<double>(cached) *
                                (activation_bytes + bytes_per_element(precision_.kv_cache))),
                  layers);
  add_gemm(ops, tokens, card_.hidden, shard_.q_heads * latent.v_dim, format, layers);
}

void StepWork::add_recurrent(std::vector<Operator>& ops, double tokens) const {
  const double layers = shard_.recurrent_layers;
  add_gemm(ops, tokens, shard_.recurrent_columns, card_.hidden, precision_.weights, layers);
  // Convolution and gates read and write about what the projections produce.
  add_elementwise(
      ops, 2 * tokens * static_cast<double>(shard_.recurrent_columns) * activation_bytes, layers);
  add_all_reduce(ops, tokens, layers);
}

void StepWork::add_mlp(std::vector<Operator>& ops, double tokens, std::int64_t columns,
                       double layers) const {
  const std::int64_t up_matrices = card_.gated_mlp ? 2 : 1;
  add_gemm(ops, tokens, up_matrices * columns, card_.hidden, precision_.weights, layers);
  add_elementwise(ops, tokens * static_cast<double>((up_matrices + 1) * columns) * activation_bytes,
                  layers);
  add_gemm(ops, tokens, card_.hidden, columns, precision_.weights, layers);
}

/// What a rank's own tokens need in the layers with experts: router, shared experts, and their way
/// to the experts and back where that is not a matter of all ranks' tokens.
void StepWork::add_expert_layer(std::vector<Operator>& ops, double tokens) const {
  const MixtureOfExperts& moe = *card_.moe;
  const double layers = shard_.moe_layers;
  add_gemm(ops, tokens, moe.experts, card_.hidden, NumberFormat::bf16, layers);
  if (shard_.shared_intermediate > 0) add_mlp(ops, tokens, shard_.shared_intermediate, layers);
  if (layout_.dp <= 1) return add_all_reduce(ops, tokens, layers);
  if (layout_.ep <= 1) return;
  // Each of the tp ranks sends its share of the tokens, once to each rank that has one of the
  // top_k experts: ep * (1 - (1 - 1/ep)^top_k) ranks on average if experts are drawn evenly.
  const double ep = layout_.ep;
  const double row = static_cast<double>(card_.hidden);
  const double copies = ep * (1 - std::pow(1 - 1 / ep, static_cast<double>(moe.top_k)));
  const double elements = tokens / layout_.tp * copies * row;
  const double dispatch_bytes =
      compute_format(precision_.weights) == NumberFormat::fp8 ? 1 : activation_bytes;
  add_collective(ops, CollectiveKind::all_to_all, elements * dispatch_bytes, layout_.ep, layers);
  add_collective(ops, CollectiveKind::all_reduce, elements * activation_bytes,
                 shard_.expert_tensor_parallel, layers);
  add_collective(ops, CollectiveKind::all_to_all, elements * activation_bytes, layout_.ep, layers);
  add_collective(ops, CollectiveKind::all_gather, tokens * row * activation_bytes, layout_.tp,
                 layers);
}

std::vector<Operator> StepWork::expert_operators(double tokens_of_all_ranks) const {
  std::vector<Operator> ops;
  if (!(tokens_of_all_ranks > 0) || shard_.moe_layers == 0) return ops;
  ops.reserve(4);
  const MixtureOfExperts& moe = *card_.moe;
  const double layers = shard_.moe_layers;
  ops.push_back({ExpertGemm{.tokens = tokens_of_all_ranks,
                            .experts = static_cast<int>(moe.experts),
                            .top_k = static_cast<int>(moe.top_k),
                            .hidden = card_.hidden,
                            .intermediate = moe.intermediate,
                            .expert_parallel = layout_.ep,
                            .tensor_parallel = shard_.expert_tensor_parallel,
                            .gated = card_.gated_mlp,
                            .format = precision_.weights},
                 layers});
  // Activation between the expert GEMMs, gather of the rows by expert, weighted sum of the results.
  const double rows = tokens_of_all_ranks * static_cast<double>(moe.top_k) / layout_.ep;
  const double inner = static_cast<double>(moe.intermediate) / shard_.expert_tensor_parallel;
  const double hidden = static_cast<double>(card_.hidden);
  add_elementwise(ops, rows * ((card_.gated_mlp ? 3 : 2) * inner + 3 * hidden) * activation_bytes,
                  layers);
  if (layout_.dp > 1 && layout_.ep <= 1) {
    // Every expert is split over all ranks: all of them need all tokens and sum their parts.
    const double all_rows = tokens_of_all_ranks * hidden * activation_bytes;
    add_collective(ops, CollectiveKind::all_gather, all_rows, layout_.dp, layers);
    add_collective(ops, CollectiveKind::all_reduce, all_rows, layout_.tp * layout_.dp, layers);
  }
  return ops;
}

void StepWork::add_all_reduce(std::vector<Operator>& ops, double tokens, double layers) const {
  add_collective(ops, CollectiveKind::all_reduce,
                 tokens * static_cast<double>(card_.hidden) * activation_bytes, layout_.tp, layers);
}

std::vector<Operator> StepWork::head_operators(double sequences) const {
  std::vector<Operator> ops;
  if (!(sequences > 0)) return ops;
  ops.reserve(4);
  add_elementwise(
      ops, norm_passes * sequences * static_cast<double>(card_.hidden) * activation_bytes, 1);
  add_gemm(ops, sequences, shard_.vocabulary, card_.hidden, NumberFormat::bf16, 1);
  const double logits = sequences * static_cast<double>(card_.vocabulary);
  add_collective(ops, CollectiveKind::all_gather, logits * activation_bytes, layout_.tp, 1);
  add_elementwise(ops, logits * sampling_bytes_per_logit, 1);
  return ops;
}

std::vector<Operator> StepWork::decode_attention_operators(double sequences,
                                                           double kv_tokens) const {
  std::vector<Operator> ops;
  if (!(sequences > 0)) return ops;
  ops.reserve(4);
  DecodeAttention attention{.sequences = sequences,
                            .kv_tokens = kv_tokens,
                            .q_heads = shard_.q_heads,
                            .kv_heads = shard_.kv_heads,
                            .qk_dim = static_cast<int>(card_.head_dim),
                            .v_dim = static_cast<int>(card_.head_dim),
                            .kv_format = precision_.kv_cache};
  if (card_.latent) {
    const LatentAttention& latent = *card_.latent;
    attention.kv_heads = 1;
    attention.qk_dim = static_cast<int>(latent.kv_lora_rank + latent.qk_rope_dim);
    attention.v_dim = static_cast<int>(latent.kv_lora_rank);
    attention.shared_kv = true;
    // Absorbed up-projections: per head a small GEMM, all heads in one batched kernel. Written as
    // one GEMM with the arithmetic and the weights of all heads.
    const double layers = static_cast<double>(attention_layers(card_));
    add_gemm(ops, sequences, shard_.q_heads * latent.kv_lora_rank, latent.qk_nope_dim,
             NumberFormat::bf16, layers);
    add_gemm(ops, sequences, shard_.q_heads * latent.v_dim, latent.kv_lora_rank, NumberFormat::bf16,
             layers);
  }
  if (shard_.full_attention_layers > 0) ops.push_back({attention, shard_.full_attention_layers});
  if (shard_.window_layers > 0) {
    attention.kv_tokens =
        std::min(kv_tokens, sequences * static_cast<double>(card_.window->tokens));
    ops.push_back({attention, shard_.window_layers});
  }
  if (shard_.recurrent_layers > 0) {
    const double state = static_cast<double>(card_.recurrent->state_bytes) / layout_.tp;
    add_elementwise(ops, 2 * sequences * state, shard_.recurrent_layers);
  }
  return ops;
}

std::vector<Operator> StepWork::prefill_attention_operators(double new_tokens,
                                                            double context_tokens) const {
  std::vector<Operator> ops;
  if (!(new_tokens > 0)) return ops;
  ops.reserve(4);
  PrefillAttention attention{.new_tokens = new_tokens,
                             .context_tokens = context_tokens,
                             .q_heads = shard_.q_heads,
                             .kv_heads = shard_.kv_heads,
                             .qk_dim = static_cast<int>(card_.head_dim),
                             .v_dim = static_cast<int>(card_.head_dim),
                             .kv_format = precision_.kv_cache};
  if (card_.latent) {
    // Prefill expands the latents of the whole context to ordinary keys and values of every head.
    const LatentAttention& latent = *card_.latent;
    attention.kv_heads = shard_.q_heads;
    attention.qk_dim = static_cast<int>(latent.qk_nope_dim + latent.qk_rope_dim);
    attention.v_dim = static_cast<int>(latent.v_dim);
    attention.kv_format = NumberFormat::bf16;
    add_gemm(ops, context_tokens, shard_.q_heads * (latent.qk_nope_dim + latent.v_dim),
             latent.kv_lora_rank, shard_.attention_format,
             static_cast<double>(attention_layers(card_)));
  }
  if (shard_.full_attention_layers > 0) ops.push_back({attention, shard_.full_attention_layers});
  if (shard_.window_layers > 0) {
    attention.window = static_cast<double>(card_.window->tokens);
    ops.push_back({attention, shard_.window_layers});
  }
  if (shard_.recurrent_layers > 0) {
    const double state = static_cast<double>(card_.recurrent->state_bytes) / layout_.tp;
    add_elementwise(ops, 2 * state, shard_.recurrent_layers);
  }
  return ops;
}

}  // namespace microdc
