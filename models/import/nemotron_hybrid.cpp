// Nemotron-H, Nemotron Nano 2 and 3: layers of Mamba-2, attention, MLP or experts, one mixer each.
#include <fmt/format.h>

#include <algorithm>

#include "models/import/families.hpp"

namespace microdc {
namespace {

constexpr std::int64_t fp32_bytes = 4;
constexpr std::int64_t bf16_state_bytes = 2;

/// Weights and state of a Mamba-2 layer (Dao and Gu 2024): the input projection makes the gate, the
/// inner stream, B and C of each group, and a step per head; a short convolution runs over the
/// inner stream, B and C.
RecurrentLayers mamba2_layers(ConfigReader& config, const ModelCard& card, std::int64_t layers) {
  const std::int64_t heads = config.required_integer("mamba_num_heads", 1, max_head_count);
  const std::int64_t head_dim = config.required_integer("mamba_head_dim", 1, max_head_count);
  const std::int64_t state = config.required_integer("ssm_state_size", 1, max_head_count);
  const std::int64_t groups = config.integer("n_groups", 1, 1, max_head_count);
  const std::int64_t kernel = config.integer("conv_kernel", 4, 1, 64);
  const std::int64_t inner = heads * head_dim;
  const std::int64_t convolved = inner + 2 * groups * state;
  RecurrentLayers recurrent;
  recurrent.layers = layers;
  // Projections in and out, convolution with bias, A, D and step bias per head, gated norm.
  recurrent.parameters_per_layer = card.hidden * (inner + convolved + heads) + inner * card.hidden +
                                   convolved * (kernel + 1) + 3 * heads + inner;
  // The state is kept in fp32 for accuracy, as the publisher recommends; the convolution's last
  // inputs in bf16.
  recurrent.state_bytes = inner * state * fp32_bytes + convolved * (kernel - 1) * bf16_state_bytes;
  return recurrent;
}

MixtureOfExperts routed_experts(ConfigReader& config, std::int64_t dense_layers) {
  MixtureOfExperts moe;
  moe.experts = config.required_integer("n_routed_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("moe_intermediate_size", 1, max_size);
  moe.shared_intermediate =
      config.integer("n_shared_experts", 0, 0, max_expert_count) *
      config.integer("moe_shared_expert_intermediate_size", moe.intermediate, 0, max_size);
  moe.dense_layers = dense_layers;
  return moe;
}

}  // namespace

void import_nemotron_hybrid(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  if (config.has("attention_head_dim")) {
    card.head_dim = config.required_integer("attention_head_dim", 1, max_head_count);
  }
  card.intermediate = config.required_integer("intermediate_size", 1, max_size);
  card.gated_mlp = false;
  const std::string pattern = config.text("hybrid_override_pattern", "");
  config.ignore({"mlp_hidden_act", "mamba_hidden_act", "mamba_proj_bias", "mamba_ssm_cache_dtype",
                 "chunk_size", "expand", "time_step_floor", "time_step_limit", "time_step_max",
                 "time_step_min", "use_bias", "use_conv_bias", "use_mamba_kernels",
                 "rescale_prenorm_residual", "residual_in_fp32", "num_logits_to_keep",
                 "layer_norm_epsilon", "hidden_dropout"});
  const auto count = [&pattern](char kind) {
    return static_cast<std::int64_t>(std::count(pattern.begin(), pattern.end(), kind));
  };
  const std::int64_t mamba = count('M');
  const std::int64_t dense = count('-');
  const std::int64_t with_experts = count('E');
  card.mlp_only_layers = dense + with_experts;
  if (mamba + count('*') + card.mlp_only_layers != card.layers) {
    config.error(
        "hybrid_override_pattern",
        "the pattern must name every layer: M (Mamba), * (attention), - (MLP), E (experts)",
        fmt::format("{} known letters for {} layers", mamba + count('*') + card.mlp_only_layers,
                    card.layers));
  }
  if (with_experts > 0) card.moe = routed_experts(config, dense);
  if (mamba > 0) card.recurrent = mamba2_layers(config, card, mamba);
}

}  // namespace microdc
