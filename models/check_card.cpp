// Mistakes across the fields of a model card.
#include <fmt/format.h>

#include "models/model_card.hpp"

namespace microdc {
namespace {

void check_layer_counts(const ModelCard& card, const std::string& file, Diagnostics& found) {
  const std::int64_t recurrent = card.recurrent ? card.recurrent->layers : 0;
  if (attention_layers(card) < 0) {
    found.add(
        {.file = file,
         .place = "/layers",
         .message = "more MLP-only and recurrent layers than layers",
         .found = fmt::format("{} + {} of {}", card.mlp_only_layers, recurrent, card.layers)});
    return;
  }
  if (card.window && card.window->layers > attention_layers(card)) {
    found.add({.file = file,
               .place = "/window/layers",
               .message = "more layers with a sliding window than attention layers",
               .found = fmt::format("{}", card.window->layers),
               .allowed = fmt::format("at most {}", attention_layers(card))});
  }
  if (card.moe && moe_layers(card) < 0) {
    found.add({.file = file,
               .place = "/moe/dense_layers",
               .message = "more dense layers than layers with an MLP",
               .found = fmt::format("{}", card.moe->dense_layers)});
  }
}

}  // namespace

Diagnostics check_card(const ModelCard& card, const std::string& file) {
  Diagnostics found;
  check_layer_counts(card, file, found);
  if (card.kv_heads > 0 && card.heads % card.kv_heads != 0) {
    found.add({.file = file,
               .place = "/kv_heads",
               .message = "the KV heads must divide the query heads",
               .found = fmt::format("{} KV heads, {} query heads", card.kv_heads, card.heads)});
  }
  if (card.moe && card.moe->top_k > card.moe->experts) {
    found.add({.file = file,
               .place = "/moe/top_k",
               .message = "a token cannot visit more experts than there are",
               .found = fmt::format("{}", card.moe->top_k),
               .allowed = fmt::format("at most {}", card.moe->experts)});
  }
  if (dense_mlp_layers(card) > 0 && card.intermediate <= 0) {
    found.add({.file = file,
               .place = "/intermediate",
               .message = "there are dense MLP layers but they have no width",
               .found = fmt::format("{} dense layers", dense_mlp_layers(card))});
  }
  return found;
}

}  // namespace microdc
