// gpt-oss: experts in MXFP4, attention with sliding windows in alternate layers.
#include "models/import/families.hpp"

namespace microdc {

void import_gpt_oss(ConfigReader& config, ModelCard& card) {
  read_common_shape(config, card);
  MixtureOfExperts moe;
  moe.experts = config.required_integer("num_local_experts", 1, max_expert_count);
  moe.top_k = config.has("num_experts_per_tok")
                  ? config.required_integer("num_experts_per_tok", 1, max_expert_count)
                  : config.required_integer("experts_per_token", 1, max_expert_count);
  moe.intermediate = config.required_integer("intermediate_size", 1, max_size);
  card.moe = moe;
  card.fp4_keeps_attention = true;
  config.ignore({"experts_per_token", "initial_context_length", "swiglu_limit"});
  read_window(config, card, "sliding_window", (card.layers + 1) / 2);
}

}  // namespace microdc
