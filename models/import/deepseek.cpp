// DeepSeek V2, V3, R1 and models of the same build (Kimi K2): latent attention, shared experts.
#include "models/import/families.hpp"

namespace microdc {

void read_deepseek_experts(ConfigReader& config, ModelCard& card) {
  card.intermediate = config.required_integer("intermediate_size", 1, max_size);
  MixtureOfExperts moe;
  moe.experts = config.required_integer("n_routed_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("moe_intermediate_size", 1, max_size);
  moe.shared_intermediate =
      config.integer("n_shared_experts", 0, 0, max_expert_count) * moe.intermediate;
  // Layer i has experts from first_k_dense_replace on, if moe_layer_freq divides i.
  const std::int64_t first = config.integer("first_k_dense_replace", 0, 0, max_layer_count);
  const std::int64_t step = config.integer("moe_layer_freq", 1, 1, max_layer_count);
  for (std::int64_t layer = 0; layer < card.layers; ++layer) {
    if (layer < first || layer % step != 0) ++moe.dense_layers;
  }
  card.moe = moe;
}

void import_deepseek(ConfigReader& config, ModelCard& card) {
  // Head sizes come from the latent's fields; head_dim is not among them.
  LatentAttention latent;
  latent.q_lora_rank = config.integer("q_lora_rank", 0, 0, max_size);
  latent.kv_lora_rank = config.required_integer("kv_lora_rank", 1, max_size);
  latent.qk_nope_dim = config.required_integer("qk_nope_head_dim", 1, max_head_count);
  latent.qk_rope_dim = config.required_integer("qk_rope_head_dim", 0, max_head_count);
  latent.v_dim = config.required_integer("v_head_dim", 1, max_head_count);
  card.layers = config.required_integer("num_hidden_layers", 1, max_layer_count);
  card.hidden = config.required_integer("hidden_size", 1, max_size);
  card.heads = config.required_integer("num_attention_heads", 1, max_head_count);
  card.vocabulary = config.required_integer("vocab_size", 1, max_size);
  card.max_context = config.required_integer("max_position_embeddings", 1, max_token_count);
  card.tied_embeddings = config.boolean("tie_word_embeddings", false);
  config.ignore({"num_key_value_heads", "head_dim", "attention_bias"});
  card.kv_heads = card.heads;
  card.head_dim = latent.v_dim;
  card.latent = latent;
  // NVIDIA's FP4 checkpoints of DeepSeek exclude self_attn from quantisation.
  card.fp4_keeps_attention = true;

  read_deepseek_experts(config, card);
}

}  // namespace microdc
