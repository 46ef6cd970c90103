#include "models/model_card.hpp"

namespace microdc {
namespace {

constexpr double max_layers = 10'000;
constexpr double max_width = 10'000'000;

}  // namespace

void describe(FieldVisitor& v, LatentAttention& latent) {
  v.integer({.name = "q_lora_rank",
             .label = "Query rank",
             .help = "Rank of the compressed queries; 0 if queries are projected directly",
             .min = 0,
             .max = max_width},
            latent.q_lora_rank);
  v.integer({.name = "kv_lora_rank",
             .label = "KV rank",
             .help = "Elements of the latent that is cached per token and layer",
             .min = 1,
             .max = max_width,
             .required = true},
            latent.kv_lora_rank);
  v.integer({.name = "qk_nope_dim",
             .label = "Query-key dimension without position",
             .help = "Per head",
             .min = 1,
             .max = max_width,
             .required = true},
            latent.qk_nope_dim);
  v.integer({.name = "qk_rope_dim",
             .label = "Query-key dimension with rotary position",
             .help = "Per head; its key is shared by all heads and cached beside the latent",
             .min = 0,
             .max = max_width,
             .required = true},
            latent.qk_rope_dim);
  v.integer({.name = "v_dim",
             .label = "Value dimension",
             .help = "Per head",
             .min = 1,
             .max = max_width,
             .required = true},
            latent.v_dim);
}

void describe(FieldVisitor& v, MixtureOfExperts& moe) {
  v.integer({.name = "experts",
             .label = "Experts",
             .help = "Routed experts in each MoE layer",
             .min = 1,
             .max = 65'536,
             .required = true},
            moe.experts);
  v.integer({.name = "top_k",
             .label = "Experts per token",
             .help = "Routed experts that each token visits",
             .min = 1,
             .max = 65'536,
             .required = true},
            moe.top_k);
  v.integer({.name = "intermediate",
             .label = "Expert width",
             .help = "Intermediate size of one routed expert",
             .min = 1,
             .max = max_width,
             .required = true},
            moe.intermediate);
  v.integer({.name = "shared_intermediate",
             .label = "Shared expert width",
             .help = "Intermediate size of all shared experts together; 0 if there are none",
             .min = 0,
             .max = max_width},
            moe.shared_intermediate);
  v.integer({.name = "dense_layers",
             .label = "Dense layers",
             .help = "Layers with a dense MLP instead of experts",
             .min = 0,
             .max = max_layers},
            moe.dense_layers);
}

void describe(FieldVisitor& v, SlidingWindow& window) {
  v.integer({.name = "tokens",
             .label = "Window",
             .help = "Tokens that a query sees in such a layer",
             .min = 1,
             .max = 1e9,
             .required = true},
            window.tokens);
  v.integer({.name = "layers",
             .label = "Layers with the window",
             .help = "The other attention layers see the whole context",
             .min = 1,
             .max = max_layers,
             .required = true},
            window.layers);
  v.boolean({.name = "chunked",
             .label = "Chunked",
             .help = "Queries see their own chunk (Llama 4) instead of a window that moves along"},
            window.chunked);
}

void describe(FieldVisitor& v, RecurrentLayers& recurrent) {
  v.integer({.name = "layers",
             .label = "Recurrent layers",
             .help = "Mamba-like layers without KV cache",
             .min = 1,
             .max = max_layers,
             .required = true},
            recurrent.layers);
  v.integer({.name = "state_bytes",
             .label = "State",
             .help = "Bytes of state per sequence and layer, as the engine holds it",
             .min = 0,
             .max = 1e12,
             .required = true},
            recurrent.state_bytes);
  v.integer({.name = "parameters_per_layer",
             .label = "Parameters per layer",
             .help = "Weights of one recurrent layer without its norm",
             .min = 1,
             .max = 1e12,
             .required = true},
            recurrent.parameters_per_layer);
}

namespace {

void describe_identity(FieldVisitor& v, ModelCard& card) {
  v.text({.name = "name",
          .label = "Model",
          .help = "The name by which scenarios refer to this model",
          .required = true,
          .group = "identity"},
         card.name);
  v.texts({.name = "aliases",
           .label = "Aliases",
           .help = "Hugging Face names and fine-tunes with the same shape and number format",
           .group = "identity"},
          card.aliases);
  v.text({.name = "label", .label = "Label", .help = "Name in reports", .group = "identity"},
         card.label);
  v.text({.name = "source",
          .label = "Source",
          .help = "Where the shape comes from",
          .required = true,
          .group = "identity"},
         card.source);
}

void describe_layers(FieldVisitor& v, ModelCard& card) {
  v.integer({.name = "layers",
             .label = "Layers",
             .help = "All layers, of whatever kind",
             .min = 1,
             .max = max_layers,
             .required = true,
             .group = "shape"},
            card.layers);
  v.integer({.name = "mlp_only_layers",
             .label = "MLP-only layers",
             .help = "Hybrid models: layers that are a bare MLP; then no other layer has one",
             .min = 0,
             .max = max_layers,
             .group = "shape"},
            card.mlp_only_layers);
  v.integer({.name = "hidden",
             .label = "Hidden size",
             .help = "Width of the residual stream",
             .min = 1,
             .max = max_width,
             .required = true,
             .group = "shape"},
            card.hidden);
  v.integer({.name = "intermediate",
             .label = "MLP width",
             .help = "Intermediate size of the dense MLP; 0 if every layer has experts",
             .min = 0,
             .max = max_width,
             .group = "shape"},
            card.intermediate);
  v.boolean({.name = "gated_mlp",
             .label = "Gated MLP",
             .help = "Three matrices (gate, up, down) instead of two (up, down)",
             .group = "shape"},
            card.gated_mlp);
  v.integer({.name = "vocabulary",
             .label = "Vocabulary",
             .help = "Rows of the embedding table",
             .min = 1,
             .max = max_width,
             .required = true,
             .group = "shape"},
            card.vocabulary);
  v.boolean({.name = "tied_embeddings",
             .label = "Tied embeddings",
             .help = "The LM head is the embedding table",
             .group = "shape"},
            card.tied_embeddings);
}

void describe_attention(FieldVisitor& v, ModelCard& card) {
  v.integer({.name = "heads",
             .label = "Query heads",
             .help = "Attention heads per layer",
             .min = 1,
             .max = 65'536,
             .required = true,
             .group = "attention"},
            card.heads);
  v.integer({.name = "kv_heads",
             .label = "KV heads",
             .help = "Heads of keys and values; fewer than query heads in grouped-query attention",
             .min = 1,
             .max = 65'536,
             .required = true,
             .group = "attention"},
            card.kv_heads);
  v.integer({.name = "head_dim",
             .label = "Head dimension",
             .help = "Elements of one head; for latent attention those of its values",
             .min = 1,
             .max = 65'536,
             .required = true,
             .group = "attention"},
            card.head_dim);
  v.boolean({.name = "attention_bias",
             .label = "Attention bias",
             .help = "Biases on queries, keys and values",
             .group = "attention"},
            card.attention_bias);
  v.integer({.name = "max_context",
             .label = "Longest context",
             .help = "Tokens of prompt and answer together",
             .min = 1,
             .max = 1e9,
             .required = true,
             .group = "attention"},
            card.max_context);
  v.object({.name = "latent",
            .label = "Latent attention",
            .help = "Multi-head latent attention (MLA): one latent per token is cached",
            .group = "attention"},
           card.latent);
  v.object({.name = "window",
            .label = "Sliding window",
            .help = "Layers that see only the last tokens",
            .group = "attention"},
           card.window);
}

}  // namespace

void describe(FieldVisitor& v, ModelCard& card) {
  describe_identity(v, card);
  describe_layers(v, card);
  describe_attention(v, card);
  v.object({.name = "moe",
            .label = "Mixture of experts",
            .help = "Routed experts instead of a dense MLP",
            .group = "experts"},
           card.moe);
  v.object({.name = "recurrent",
            .label = "Recurrent layers",
            .help = "Mamba-like layers of hybrid models",
            .group = "shape"},
           card.recurrent);
  v.choice({.name = "native_format",
            .label = "Published format",
            .help = "Number format of the published weights of linear layers and experts",
            .group = "format"},
           number_format_names(), card.native_format);
  v.boolean({.name = "fp4_keeps_attention",
             .label = "FP4 keeps attention",
             .help = "Published FP4 weights (nvfp4, mxfp4) leave attention projections in bf16",
             .group = "format"},
            card.fp4_keeps_attention);
  v.number({.name = "published_parameters",
            .label = "Published parameters",
            .help = "As the publisher counts them; checked against the shape",
            .min = 1,
            .max = 1e15,
            .group = "published"},
           card.published_parameters);
  v.number({.name = "published_active_parameters",
            .label = "Published active parameters",
            .help = "Parameters used per token, as the publisher counts them",
            .min = 1,
            .max = 1e15,
            .group = "published"},
           card.published_active_parameters);
}

}  // namespace microdc
