// Qwen2-MoE and Qwen3-MoE.
#include <fmt/format.h>

#include <algorithm>

#include "models/import/families.hpp"

namespace microdc {

void import_qwen_moe(ConfigReader& config, ModelCard& card) {
  const std::string type = config.text("model_type", "");
  read_common_shape(config, card);
  if (type == "qwen2_moe") card.attention_bias = true;
  card.intermediate = config.required_integer("intermediate_size", 1, max_size);
  config.ignore({"use_sliding_window", "sliding_window", "max_window_layers"});

  MixtureOfExperts moe;
  moe.experts = config.required_integer("num_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("moe_intermediate_size", 1, max_size);
  moe.shared_intermediate = config.integer("shared_expert_intermediate_size", 0, 0, max_size);
  // Layer i has experts if it is not in mlp_only_layers and decoder_sparse_step divides i + 1.
  const std::int64_t step = config.integer("decoder_sparse_step", 1, 1, max_layer_count);
  const std::vector<std::int64_t> dense = config.integers("mlp_only_layers", 0, max_layer_count);
  for (std::int64_t layer = 0; layer < card.layers; ++layer) {
    const bool listed = std::find(dense.begin(), dense.end(), layer) != dense.end();
    if (listed || (layer + 1) % step != 0) ++moe.dense_layers;
  }
  card.moe = moe;
}

}  // namespace microdc
