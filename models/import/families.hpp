// The architecture families that can be imported, one file each; the table is in families.cpp.
#pragma once

#include <string_view>
#include <vector>

#include "models/import/config_reader.hpp"
#include "models/model_card.hpp"

namespace microdc {

/// One family of architectures whose configs are read alike.
struct ModelFamily {
  std::string_view name;                      ///< "dense", for lists
  std::string_view description;               ///< what is special about it
  std::vector<std::string_view> model_types;  ///< values of model_type that it reads
  /// Fills the shape from the config; mistakes go to the reader's diagnostics.
  void (*import)(ConfigReader& config, ModelCard& card);
};

/// All families, in the order of the table.
const std::vector<ModelFamily>& model_families();
/// The family of a model_type; null if none.
const ModelFamily* find_model_family(std::string_view model_type);

void import_dense(ConfigReader& config, ModelCard& card);
void import_qwen_moe(ConfigReader& config, ModelCard& card);
void import_mixtral(ConfigReader& config, ModelCard& card);
void import_deepseek(ConfigReader& config, ModelCard& card);
void import_glm_moe(ConfigReader& config, ModelCard& card);
void import_gpt_oss(ConfigReader& config, ModelCard& card);
void import_minimax(ConfigReader& config, ModelCard& card);
void import_llama4(ConfigReader& config, ModelCard& card);
void import_gemma(ConfigReader& config, ModelCard& card);
void import_nemotron_hybrid(ConfigReader& config, ModelCard& card);

// What several families share.

/// Upper limits of a believable model, so that no product of two sizes overflows.
inline constexpr std::int64_t max_layer_count = 10'000;
inline constexpr std::int64_t max_size = 10'000'000;
inline constexpr std::int64_t max_head_count = 65'536;
inline constexpr std::int64_t max_expert_count = 65'536;
inline constexpr std::int64_t max_token_count = 1'000'000'000;

/// Layers, hidden size, heads, KV heads, head dimension, vocabulary, context, tied embeddings,
/// attention bias: the fields that nearly all families name alike.
void read_common_shape(ConfigReader& config, ModelCard& card);
/// The window of the layers that layer_types calls "sliding_attention" (or "chunked_attention");
/// without layer_types, of `default_layers` layers.
void read_window(ConfigReader& config, ModelCard& card, std::string_view window_key,
                 std::int64_t default_layers);
/// Routed and shared experts and the dense layers before them, in DeepSeek's field names.
void read_deepseek_experts(ConfigReader& config, ModelCard& card);
/// Number format by quantization_config (or compression_config); bf16 or torch_dtype without one.
void read_native_format(ConfigReader& config, ModelCard& card);

}  // namespace microdc
