// What an LLM is, as far as hardware cares. Data: models/catalog/*.json, or imported from a
// Hugging Face config.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// Multi-head latent attention (DeepSeek V2/V3): the cache holds one latent per token.
struct LatentAttention {
  std::int64_t q_lora_rank = 0;  ///< 0: queries are projected directly
  std::int64_t kv_lora_rank = 0;
  std::int64_t qk_nope_dim = 0;
  std::int64_t qk_rope_dim = 0;
  std::int64_t v_dim = 0;
};

struct MixtureOfExperts {
  std::int64_t experts = 0;  ///< routed experts per MoE layer
  std::int64_t top_k = 0;
  std::int64_t intermediate = 0;         ///< of one routed expert
  std::int64_t shared_intermediate = 0;  ///< of all shared experts together; 0: none
  std::int64_t dense_layers = 0;         ///< layers with a dense MLP instead of experts
};

struct SlidingWindow {
  std::int64_t tokens = 0;
  std::int64_t layers = 0;  ///< how many layers use it; the others attend to everything
  /// Llama 4: a token sees its own chunk of `tokens` tokens only. Work is counted as for a sliding
  /// window (an upper bound); engines keep the cache of the whole context.
  bool chunked = false;
};

/// Recurrent (Mamba-like) layers of hybrid models: constant state per sequence instead of KV.
struct RecurrentLayers {
  std::int64_t layers = 0;
  std::int64_t state_bytes = 0;  ///< per sequence and layer [byte]
  std::int64_t parameters_per_layer = 0;
};

struct ModelCard {
  std::string name;                  ///< "llama-3.1-8b"
  std::vector<std::string> aliases;  ///< Hugging Face ids and fine-tunes of the same shape
  std::string label;
  std::string source;       ///< where the shape comes from
  std::int64_t layers = 0;  ///< all layers (attention layers = layers - recurrent - mlp_only)
  /// Hybrid models (Nemotron-H): layers that are a bare MLP or experts. If there are any, every
  /// layer holds one mixer only, so attention and recurrent layers have no MLP of their own.
  std::int64_t mlp_only_layers = 0;
  std::int64_t hidden = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t intermediate = 0;  ///< dense MLP
  std::int64_t vocabulary = 0;
  std::int64_t max_context = 0;  ///< tokens
  bool tied_embeddings = false;
  bool gated_mlp = true;
  bool attention_bias = false;  ///< biases on q, k, v (negligible in time, counted in parameters)
  std::optional<LatentAttention> latent;
  std::optional<MixtureOfExperts> moe;
  std::optional<SlidingWindow> window;
  std::optional<RecurrentLayers> recurrent;
  NumberFormat native_format = NumberFormat::bf16;  ///< of the published weights
  /// Published FP4 weights (nvfp4, mxfp4) of this model leave the attention projections in bf16.
  bool fp4_keeps_attention = false;
  std::optional<double> published_parameters;  ///< for checks
  std::optional<double> published_active_parameters;
};
void describe(FieldVisitor& visitor, ModelCard& card);

/// Layers with self-attention, with a dense MLP, and with routed experts.
std::int64_t attention_layers(const ModelCard& card);
std::int64_t dense_mlp_layers(const ModelCard& card);
std::int64_t moe_layers(const ModelCard& card);

/// Parameters by the shape (embeddings, attention, MLP/experts, norms, head).
double parameter_count(const ModelCard& card);
/// Parameters used per token: routed top_k instead of all experts. The embedding table is included,
/// so that a dense model's active parameters are all of its parameters.
double active_parameter_count(const ModelCard& card);
/// Parameters of the table that a token's embedding is looked up in. It takes part in no
/// arithmetic, unless it is also the LM head (tied_embeddings).
double embedding_parameter_count(const ModelCard& card);

/// Mistakes across the fields of one card (heads without kv_heads, more experts chosen than there
/// are, …), whether it was written by hand or imported.
Diagnostics check_card(const ModelCard& card, const std::string& file);

/// A card from a Hugging Face config.json. Errors name the missing or unknown field; keys that were
/// not understood but do not matter come as notes.
Result<ModelCard> import_hugging_face(const Json& config, const std::string& name,
                                      const std::string& file);

class ModelCatalog {
 public:
  /// Reads every *.json in the folder. Errors: unreadable or wrong cards, and a name or alias that
  /// two cards claim.
  static Result<ModelCatalog> load(const std::filesystem::path& folder);
  /// Adds the card of a file under `key`, which takes the place of a card of that name. Errors: an
  /// unreadable or wrong card.
  Diagnostics add_card_file(const std::string& key, const std::filesystem::path& file);
  /// Adds or replaces a card that no file holds: a model of another size.
  void add(ModelCard card);
  /// Adds every importable config.json / *.json in the folder (files named ORG--NAME.json or
  /// folders ORG/NAME/config.json); a name that exists already is overridden.
  Diagnostics add_hugging_face_folder(const std::filesystem::path& folder);
  /// By key, else by name or alias, ignoring case and punctuation, with or without the organisation
  /// before '/'.
  [[nodiscard]] const ModelCard* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, ModelCard>& cards() const { return cards_; }
  /// All names and aliases, sorted: what an unknown name is matched against.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::map<std::string, ModelCard> cards_;
};

}  // namespace microdc
