// Llama 4 (text part): one shared expert beside the routed ones, dense and MoE layers interleaved,
// chunked attention in three of four layers.
#include <algorithm>

#include "models/import/families.hpp"

namespace microdc {
namespace {

/// Every fourth layer attends to the whole context (no_rope_layer_interval's default).
constexpr std::int64_t default_full_attention_interval = 4;

void import_text(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  MixtureOfExperts moe;
  moe.experts = config.required_integer("num_local_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("intermediate_size", 1, max_size);
  moe.shared_intermediate = moe.intermediate;
  card.intermediate = config.required_integer("intermediate_size_mlp", 1, max_size);
  // moe_layers lists them; otherwise every interleave_moe_layer_step-th layer has experts.
  const std::int64_t step = config.integer("interleave_moe_layer_step", 1, 1, max_layer_count);
  const auto listed = config.integers("moe_layers", 0, max_layer_count);
  const std::int64_t with_experts =
      listed.empty() ? card.layers / step
                     : std::min(card.layers, static_cast<std::int64_t>(listed.size()));
  moe.dense_layers = card.layers - with_experts;
  card.moe = moe;

  const std::int64_t interval =
      config.integer("no_rope_layer_interval", default_full_attention_interval, 1, max_layer_count);
  // no_rope_layers holds 1 for a layer with RoPE, that is with chunks, and 0 for a full one.
  const auto with_rope = config.integers("no_rope_layers", 0, 1);
  const std::int64_t chunked =
      with_rope.empty() ? card.layers - card.layers / interval
                        : std::count(with_rope.begin(), with_rope.end(), std::int64_t{1});
  read_window(config, card, "attention_chunk_size", std::min(chunked, card.layers));
  if (card.window) card.window->chunked = true;
  config.ignore({"attn_scale", "attn_temperature_tuning", "floor_scale", "for_llm_compressor",
                 "router_jitter_noise", "pad_token_id"});
}

}  // namespace

void import_llama4(ConfigReader& config, ModelCard& card) {
  auto text = config.object("text_config");
  if (!text) return import_text(config, card);
  import_text(*text, card);
  // Vision and projector are a few percent and run once per image.
  config.ignore({"vision_config", "boi_token_index", "eoi_token_index", "image_token_index"});
  if (config.has("tie_word_embeddings")) {
    card.tied_embeddings = config.boolean("tie_word_embeddings", false);
  }
  text->ignore({"model_type", "torch_dtype", "dtype", "hidden_act", "rms_norm_eps", "rope_theta",
                "rope_scaling", "rope_parameters", "initializer_range", "use_cache", "use_qk_norm",
                "attention_dropout", "output_router_logits", "router_aux_loss_coef", "bos_token_id",
                "eos_token_id", "architectures", "transformers_version",
                "_attn_implementation_autoset"});
  text->report_unread();
}

}  // namespace microdc
