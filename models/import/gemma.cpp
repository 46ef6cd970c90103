// Gemma 2 and 3 (text part): tied embeddings, sliding windows in most layers.
#include "models/import/families.hpp"

namespace microdc {
namespace {

void import_text(ConfigReader& config, ModelCard& card, bool gemma3) {
  read_common_shape(config, card);
  // The architecture ties embeddings unless the config says otherwise.
  card.tied_embeddings = config.boolean("tie_word_embeddings", true);
  card.intermediate = config.required_integer("intermediate_size", 1, max_size);
  // Gemma 2: every second layer is full. Gemma 3: every sliding_window_pattern-th, usually sixth.
  const std::int64_t pattern =
      config.integer("sliding_window_pattern", gemma3 ? 6 : 2, 1, max_layer_count);
  read_window(config, card, "sliding_window", card.layers - card.layers / pattern);
  config.ignore({"attn_logit_softcapping", "final_logit_softcapping", "cache_implementation",
                 "hidden_activation", "query_pre_attn_scalar", "rope_local_base_freq",
                 "use_bidirectional_attention", "_sliding_window_pattern"});
}

}  // namespace

void import_gemma(ConfigReader& config, ModelCard& card) {
  const bool gemma3 = config.text("model_type", "").starts_with("gemma3");
  auto text = config.object("text_config");
  if (!text) return import_text(config, card, gemma3);
  import_text(*text, card, gemma3);
  config.ignore({"vision_config", "boi_token_index", "eoi_token_index", "image_token_index",
                 "mm_tokens_per_image"});
  text->ignore({"model_type", "torch_dtype", "dtype", "hidden_act", "rms_norm_eps", "rope_theta",
                "rope_scaling", "rope_parameters", "initializer_range", "use_cache",
                "attention_dropout", "bos_token_id", "eos_token_id", "pad_token_id"});
  text->report_unread();
}

}  // namespace microdc
