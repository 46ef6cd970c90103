// Memory of weights, KV cache and state on one GPU; equations in docs/models.md.
#include "models/step_work.hpp"

#include <algorithm>

namespace microdc {
namespace {

constexpr double bf16_bytes = 2;
/// Engines free what a sliding window has passed. Up to this window [tokens] that makes a constant
/// buffer per sequence; beyond it, typical contexts do not fill the window and the cache grows with
/// every token.
constexpr std::int64_t longest_constant_window = 1024;

}  // namespace

double StepWork::attention_weight_bytes() const {
  const double element = bytes_per_element(shard_.attention_format);
  const double hidden = static_cast<double>(card_.hidden);
  const double q_heads = shard_.q_heads;
  if (card_.latent) {
    const LatentAttention& latent = *card_.latent;
    const double nope = static_cast<double>(latent.qk_nope_dim);
    const double rope = static_cast<double>(latent.qk_rope_dim);
    const double value = static_cast<double>(latent.v_dim);
    const double rank = static_cast<double>(latent.kv_lora_rank);
    const double q_rank = static_cast<double>(latent.q_lora_rank);
    const double query = q_rank > 0 ? hidden * q_rank + q_rank * q_heads * (nope + rope)
                                    : hidden * q_heads * (nope + rope);
    const double up = rank * q_heads * (nope + value);
    // The up-projection is there twice: as published for prefill, and in bf16 to be absorbed.
    return (query + hidden * (rank + rope) + up + q_heads * value * hidden) * element +
           up * bf16_bytes;
  }
  const double head_dim = static_cast<double>(card_.head_dim);
  const double kv_heads = shard_.kv_heads;
  return hidden * (2 * q_heads + 2 * kv_heads) * head_dim * element;
}

double StepWork::layer_weight_bytes() const {
  const double element = bytes_per_element(precision_.weights);
  const double hidden = static_cast<double>(card_.hidden);
  const double matrices = card_.gated_mlp ? 3 : 2;
  const auto mlp = [&](std::int64_t columns) {
    return matrices * hidden * static_cast<double>(columns) * element;
  };
  double total = static_cast<double>(attention_layers(card_)) * attention_weight_bytes();
  total += shard_.dense_layers * mlp(shard_.intermediate);
  if (card_.moe) {
    const MixtureOfExperts& moe = *card_.moe;
    const double held = static_cast<double>((moe.experts + layout_.ep - 1) / layout_.ep);
    const double router = hidden * static_cast<double>(moe.experts) * bf16_bytes;
    const double routed = held * mlp(moe.intermediate) / shard_.expert_tensor_parallel;
    total += shard_.moe_layers * (router + routed + mlp(shard_.shared_intermediate));
  }
  total +=
      shard_.recurrent_layers * static_cast<double>(shard_.recurrent_columns) * hidden * element;
  const double norms_per_layer = card_.mlp_only_layers > 0 ? 1 : 2;
  return total + norms_per_layer * shard_.layers * hidden * bf16_bytes;
}

Bytes StepWork::weight_bytes_per_gpu() const {
  const double hidden = static_cast<double>(card_.hidden);
  const double table = static_cast<double>(shard_.vocabulary) * hidden * bf16_bytes;
  // Several stages: the first has the embedding table, the last the head, no stage has both.
  const double tables = card_.tied_embeddings || layout_.pp > 1 ? 1 : 2;
  return Bytes(layer_weight_bytes() * shard_.stage_share + tables * table + hidden * bf16_bytes);
}

double StepWork::kv_bytes_per_layer() const {
  const double element = bytes_per_element(precision_.kv_cache);
  if (card_.latent) {
    // The latent serves all heads, so every tensor-parallel rank keeps all of it.
    return static_cast<double>(card_.latent->kv_lora_rank + card_.latent->qk_rope_dim) * element;
  }
  return 2.0 * shard_.kv_heads * static_cast<double>(card_.head_dim) * element;
}

bool StepWork::window_is_constant_state() const {
  return card_.window && !card_.window->chunked && shard_.full_attention_layers > 0 &&
         card_.window->tokens <= longest_constant_window;
}

Bytes StepWork::kv_bytes_per_token_per_gpu() const {
  const double layers =
      shard_.full_attention_layers + (window_is_constant_state() ? 0 : shard_.window_layers);
  return Bytes(kv_bytes_per_layer() * layers * shard_.stage_share);
}

/// Of one sequence on one tensor-parallel rank, all layers.
double StepWork::state_bytes(double tokens) const {
  double total = 0;
  if (card_.recurrent) {
    total +=
        shard_.recurrent_layers * static_cast<double>(card_.recurrent->state_bytes) / layout_.tp;
  }
  if (window_is_constant_state()) {
    total += shard_.window_layers * std::min(tokens, static_cast<double>(card_.window->tokens)) *
             kv_bytes_per_layer();
  }
  return total;
}

Bytes StepWork::state_bytes_per_sequence_per_gpu(double tokens) const {
  return Bytes(state_bytes(tokens) * shard_.stage_share);
}

Bytes StepWork::cache_bytes_per_sequence(double tokens) const {
  return tokens * kv_bytes_per_token() + Bytes(state_bytes(tokens) * layout_.tp);
}

Bytes StepWork::kv_bytes_per_token() const {
  const double layers =
      shard_.full_attention_layers + (window_is_constant_state() ? 0 : shard_.window_layers);
  return Bytes(kv_bytes_per_layer() * layers * layout_.tp);
}

Bytes StepWork::hidden_bytes_per_token() const {
  return Bytes(2 * static_cast<double>(card_.hidden) * bf16_bytes);
}

}  // namespace microdc
