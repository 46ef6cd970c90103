// Mixtral: all layers have experts as wide as a dense MLP.
#include "models/import/families.hpp"

namespace microdc {

void import_mixtral(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  MixtureOfExperts moe;
  moe.experts = config.required_integer("num_local_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("intermediate_size", 1, max_size);
  card.moe = moe;
  read_window(config, card, "sliding_window", card.layers);
}

}  // namespace microdc
