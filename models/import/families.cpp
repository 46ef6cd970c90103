#include "models/import/families.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {

const std::vector<ModelFamily>& model_families() {
  static const std::vector<ModelFamily> families{
      {"dense",
       "grouped-query attention and a gated MLP in every layer",
       {"llama", "mistral", "qwen2", "qwen3", "granite"},
       import_dense},
      {"qwen_moe",
       "Qwen with routed experts, optionally with a shared one",
       {"qwen3_moe", "qwen2_moe"},
       import_qwen_moe},
      {"mixtral", "eight large experts in every layer", {"mixtral"}, import_mixtral},
      {"deepseek",
       "multi-head latent attention, many small experts, shared experts",
       {"deepseek_v2", "deepseek_v3", "kimi_k2"},
       import_deepseek},
      {"glm_moe", "ordinary attention, experts as in DeepSeek", {"glm4_moe"}, import_glm_moe},
      {"gpt_oss",
       "experts in MXFP4, sliding windows in every other layer",
       {"gpt_oss"},
       import_gpt_oss},
      {"minimax", "experts in every layer, FP8 with block scales", {"minimax_m2"}, import_minimax},
      {"llama4",
       "one routed and one shared expert, chunked attention",
       {"llama4", "llama4_text"},
       import_llama4},
      {"gemma",
       "large vocabulary, sliding windows in most layers",
       {"gemma2", "gemma3", "gemma3_text"},
       import_gemma},
      {"nemotron_hybrid",
       "Mamba-2, attention, MLP and expert layers in a given pattern",
       {"nemotron_h"},
       import_nemotron_hybrid},
  };
  return families;
}

const ModelFamily* find_model_family(std::string_view model_type) {
  for (const ModelFamily& family : model_families()) {
    const auto& types = family.model_types;
    if (std::find(types.begin(), types.end(), model_type) != types.end()) return &family;
  }
  return nullptr;
}

void read_common_shape(ConfigReader& config, ModelCard& card) {
  card.layers = config.required_integer("num_hidden_layers", 1, max_layer_count);
  card.hidden = config.required_integer("hidden_size", 1, max_size);
  card.heads = config.required_integer("num_attention_heads", 1, max_head_count);
  card.kv_heads = config.integer("num_key_value_heads", card.heads, 1, max_head_count);
  const bool heads_known = config.has_number("num_attention_heads");
  if (heads_known && card.kv_heads > 0 && card.heads % card.kv_heads != 0) {
    config.error("num_key_value_heads", "the KV heads must divide the query heads",
                 fmt::format("{} KV heads, {} query heads", card.kv_heads, card.heads));
  }
  card.vocabulary = config.required_integer("vocab_size", 1, max_size);
  card.max_context = config.required_integer("max_position_embeddings", 1, max_token_count);
  card.tied_embeddings = config.boolean("tie_word_embeddings", false);
  card.attention_bias =
      config.boolean("attention_bias", false) || config.boolean("qkv_bias", false);
  if (config.has("head_dim")) {
    card.head_dim = config.required_integer("head_dim", 1, max_head_count);
  } else if (card.hidden % card.heads == 0) {
    config.ignore({"head_dim"});
    card.head_dim = card.hidden / card.heads;
  } else if (heads_known && config.has_number("hidden_size")) {
    config.error("head_dim", "the field is missing and the heads do not divide the hidden size",
                 fmt::format("{} heads, hidden size {}", card.heads, card.hidden));
  }
}

void read_window(ConfigReader& config, ModelCard& card, std::string_view window_key,
                 std::int64_t default_layers) {
  const std::vector<std::string> types = config.texts("layer_types");
  const std::int64_t window = config.integer(window_key, 0, 0, max_token_count);
  std::int64_t layers = default_layers;
  if (!types.empty()) {
    if (static_cast<std::int64_t>(types.size()) != card.layers) {
      config.error("layer_types", "the list must name every layer",
                   fmt::format("{} names for {} layers", types.size(), card.layers));
    }
    layers = std::count_if(types.begin(), types.end(), [](const std::string& type) {
      return type == "sliding_attention" || type == "chunked_attention";
    });
    layers = std::min(layers, card.layers);
  }
  if (window <= 0 || layers <= 0) return;
  card.window = SlidingWindow{.tokens = window, .layers = layers};
}

}  // namespace microdc
