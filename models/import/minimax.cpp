// MiniMax M2 and M2.5: ordinary attention, experts in every layer.
#include "models/import/families.hpp"

namespace microdc {

void import_minimax(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  MixtureOfExperts moe;
  moe.experts = config.required_integer("num_local_experts", 1, max_expert_count);
  moe.top_k = config.required_integer("num_experts_per_tok", 1, max_expert_count);
  moe.intermediate = config.required_integer("intermediate_size", 1, max_size);
  moe.shared_intermediate = config.integer("shared_intermediate_size", 0, 0, max_size);
  card.moe = moe;
  // The modules for multi-token prediction are not run in ordinary serving.
  config.ignore({"use_mtp", "mtp_transformer_layers", "num_mtp_modules", "use_routing_bias",
                 "qk_norm_type", "rotary_dim", "attn_type_list"});
}

}  // namespace microdc
