// Parameter counts from the shape alone; docs/models.md has the equations.
#include "models/model_card.hpp"

namespace microdc {
namespace {

/// Weights of one layer's attention, all heads.
double attention_parameters(const ModelCard& card) {
  const double hidden = static_cast<double>(card.hidden);
  const double heads = static_cast<double>(card.heads);
  if (card.latent) {
    const LatentAttention& latent = *card.latent;
    const double nope = static_cast<double>(latent.qk_nope_dim);
    const double rope = static_cast<double>(latent.qk_rope_dim);
    const double value = static_cast<double>(latent.v_dim);
    const double rank = static_cast<double>(latent.kv_lora_rank);
    const double q_rank = static_cast<double>(latent.q_lora_rank);
    // Compressed queries and keys are normalised at their rank, hence the extra q_rank and rank.
    const double query = q_rank > 0 ? hidden * q_rank + q_rank + q_rank * heads * (nope + rope)
                                    : hidden * heads * (nope + rope);
    return query + hidden * (rank + rope) + rank + rank * heads * (nope + value) +
           heads * value * hidden;
  }
  const double head_dim = static_cast<double>(card.head_dim);
  const double qkv_columns = (heads + 2 * static_cast<double>(card.kv_heads)) * head_dim;
  const double bias = card.attention_bias ? qkv_columns : 0;
  return hidden * qkv_columns + bias + heads * head_dim * hidden;
}

double mlp_parameters(const ModelCard& card, std::int64_t intermediate) {
  return (card.gated_mlp ? 3.0 : 2.0) * static_cast<double>(card.hidden) *
         static_cast<double>(intermediate);
}

double count(const ModelCard& card, double routed_experts) {
  const double hidden = static_cast<double>(card.hidden);
  double total = embedding_parameter_count(card) * (card.tied_embeddings ? 1 : 2);
  total += static_cast<double>(attention_layers(card)) * attention_parameters(card);
  total += static_cast<double>(dense_mlp_layers(card)) * mlp_parameters(card, card.intermediate);
  if (card.moe) {
    const double router = hidden * static_cast<double>(card.moe->experts);
    total += static_cast<double>(moe_layers(card)) *
             (router + routed_experts * mlp_parameters(card, card.moe->intermediate) +
              mlp_parameters(card, card.moe->shared_intermediate));
  }
  if (card.recurrent) {
    total += static_cast<double>(card.recurrent->layers) *
             static_cast<double>(card.recurrent->parameters_per_layer);
  }
  const double norms_per_layer = card.mlp_only_layers > 0 ? 1 : 2;
  return total + hidden * (norms_per_layer * static_cast<double>(card.layers) + 1);
}

}  // namespace

std::int64_t attention_layers(const ModelCard& card) {
  return card.layers - card.mlp_only_layers - (card.recurrent ? card.recurrent->layers : 0);
}

std::int64_t dense_mlp_layers(const ModelCard& card) {
  if (card.moe) return card.moe->dense_layers;
  return card.mlp_only_layers > 0 ? card.mlp_only_layers : card.layers;
}

std::int64_t moe_layers(const ModelCard& card) {
  if (!card.moe) return 0;
  const std::int64_t with_mlp = card.mlp_only_layers > 0 ? card.mlp_only_layers : card.layers;
  return with_mlp - card.moe->dense_layers;
}

double embedding_parameter_count(const ModelCard& card) {
  return static_cast<double>(card.vocabulary) * static_cast<double>(card.hidden);
}

double parameter_count(const ModelCard& card) {
  return count(card, card.moe ? static_cast<double>(card.moe->experts) : 0);
}

double active_parameter_count(const ModelCard& card) {
  return count(card, card.moe ? static_cast<double>(card.moe->top_k) : 0);
}

}  // namespace microdc
