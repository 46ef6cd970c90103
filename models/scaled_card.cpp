#include "models/scaled_card.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

constexpr std::int64_t hidden_step = 64;
constexpr std::int64_t mlp_step = 16;

std::int64_t times(std::int64_t value, double ratio, std::int64_t step = 1) {
  if (value == 0) return 0;
  const double steps = static_cast<double>(value) * ratio / static_cast<double>(step);
  return std::max<std::int64_t>(1, std::llround(steps)) * step;
}

/// Layers of kinds that may be absent: none stays none, some stays some.
std::int64_t part_of(std::int64_t part, std::int64_t whole_before, std::int64_t whole) {
  const double share = static_cast<double>(part) / static_cast<double>(whole_before);
  return std::min(
      whole,
      times(part, share == 0 ? 0 : static_cast<double>(whole) / static_cast<double>(whole_before)));
}

void scale_layers(const ModelCard& card, double ratio, ModelCard& scaled) {
  scaled.layers = times(card.layers, ratio);
  if (scaled.recurrent || card.mlp_only_layers > 0) {
    // Hybrids: each kind of layer by itself, so that none takes the place of another.
    const std::int64_t attention = times(attention_layers(card), ratio);
    scaled.mlp_only_layers = times(card.mlp_only_layers, ratio);
    if (scaled.recurrent) scaled.recurrent->layers = times(card.recurrent->layers, ratio);
    scaled.layers =
        attention + scaled.mlp_only_layers + (scaled.recurrent ? scaled.recurrent->layers : 0);
  }
  if (scaled.window) {
    scaled.window->layers =
        part_of(card.window->layers, attention_layers(card), attention_layers(scaled));
  }
  if (scaled.moe && card.moe->dense_layers > 0) {
    const std::int64_t with_mlp = card.mlp_only_layers > 0 ? card.mlp_only_layers : card.layers;
    const std::int64_t left = card.mlp_only_layers > 0 ? scaled.mlp_only_layers : scaled.layers;
    scaled.moe->dense_layers = part_of(card.moe->dense_layers, with_mlp, left);
  }
}

ModelCard with_ratio(const ModelCard& card, double ratio) {
  ModelCard scaled = card;
  scale_layers(card, ratio, scaled);
  scaled.hidden = times(card.hidden, ratio, hidden_step);
  scaled.heads = times(card.heads, ratio, std::max<std::int64_t>(1, card.kv_heads));
  if (card.latent) scaled.heads = times(card.heads, ratio, 8);
  if (card.latent && card.kv_heads > 0) scaled.kv_heads = scaled.heads;
  scaled.intermediate = times(card.intermediate, ratio, mlp_step);
  if (scaled.moe) {
    scaled.moe->intermediate = times(card.moe->intermediate, ratio, mlp_step);
    scaled.moe->shared_intermediate = times(card.moe->shared_intermediate, ratio, mlp_step);
  }
  if (scaled.recurrent) {
    scaled.recurrent->state_bytes = times(card.recurrent->state_bytes, ratio);
    scaled.recurrent->parameters_per_layer =
        times(card.recurrent->parameters_per_layer, ratio * ratio);
  }
  return scaled;
}

}  // namespace

ModelCard scaled_card(const ModelCard& card, double size) {
  ModelCard best = card;
  if (size != 1) {
    // Rounding makes the count a staircase: bisection finds the step on which it passes the goal.
    const double goal = parameter_count(card) * size;
    double low = 1e-3;
    double high = 1e2;
    for (int i = 0; i < 60; ++i) {
      const double middle = std::sqrt(low * high);
      (parameter_count(with_ratio(card, middle)) < goal ? low : high) = middle;
    }
    best = with_ratio(card, high);
  }
  best.name = fmt::format("{}@{:.3g}", card.name, size);
  best.aliases.clear();
  best.label =
      fmt::format("{}, {:.3g} times its size", card.label.empty() ? card.name : card.label, size);
  best.published_parameters.reset();
  best.published_active_parameters.reset();
  return best;
}

}  // namespace microdc
