#include "models/scaled_card.hpp"

#include <gtest/gtest.h>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

const ModelCatalog& models() {
  static const auto catalog = ModelCatalog::load(data_root() / "models/catalog");
  return *catalog;
}

TEST(ScaledCard, EveryCardOfTheCatalogHoldsTogether) {
  for (const auto& [name, card] : models().cards()) {
    for (const double size : {4.0, 1.5, 0.5, 0.1, 0.02}) {
      const ModelCard scaled = scaled_card(card, size);
      const Diagnostics findings = check_card(scaled, scaled.name);
      EXPECT_FALSE(findings.has_errors()) << name << " " << size << "\n" << to_text(findings);
      EXPECT_GE(attention_layers(scaled), 1) << name << " " << size;
    }
  }
}

TEST(ScaledCard, ParametersFollowTheSize) {
  for (const char* name : {"llama-3.1-70b", "llama-3.1-8b", "qwen3-30b-a3b", "deepseek-v3"}) {
    const ModelCard& card = *models().find(name);
    for (const double size : {2.0, 0.5, 0.25}) {
      const double ratio = parameter_count(scaled_card(card, size)) / parameter_count(card);
      EXPECT_NEAR(ratio / size, 1, 0.06) << name << " " << size;
    }
  }
}

TEST(ScaledCard, ExpertsAndCacheHeadsStay) {
  const ModelCard& card = *models().find("qwen3-30b-a3b");
  const ModelCard scaled = scaled_card(card, 0.3);
  EXPECT_EQ(scaled.kv_heads, card.kv_heads);
  EXPECT_EQ(scaled.head_dim, card.head_dim);
  EXPECT_EQ(scaled.moe->experts, card.moe->experts);
  EXPECT_EQ(scaled.moe->top_k, card.moe->top_k);
  EXPECT_LT(scaled.layers, card.layers);
  EXPECT_LT(scaled.hidden, card.hidden);
  EXPECT_LT(active_parameter_count(scaled), active_parameter_count(card));
}

TEST(ScaledCard, SizeOneKeepsTheShape) {
  const ModelCard& card = *models().find("llama-3.1-8b");
  const ModelCard same = scaled_card(card, 1);
  EXPECT_EQ(parameter_count(same), parameter_count(card));
  EXPECT_NE(same.name, card.name);
}

}  // namespace
}  // namespace microdc
