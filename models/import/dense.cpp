// Llama, Mistral, Qwen2, Qwen3: dense models with grouped-query attention.
#include "models/import/families.hpp"

namespace microdc {

void import_dense(ConfigReader& config, ModelCard& card) {
  const std::string type = config.text("model_type", "");
  read_common_shape(config, card);
  // Qwen2 always has biases on queries, keys and values and does not say so.
  if (type == "qwen2") card.attention_bias = true;
  card.intermediate = config.required_integer("intermediate_size", 1, max_size);
  const bool windowed =
      type.starts_with("qwen") ? config.boolean("use_sliding_window", false) : type == "mistral";
  if (!windowed) {
    config.ignore({"use_sliding_window", "sliding_window", "max_window_layers", "layer_types"});
    return;
  }
  // Qwen: the layers from max_window_layers on. Mistral: all of them.
  const std::int64_t full_layers =
      type == "mistral" ? 0 : config.integer("max_window_layers", card.layers, 0, max_layer_count);
  read_window(config, card, "sliding_window", card.layers - full_layers);
}

}  // namespace microdc
