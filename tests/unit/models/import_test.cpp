// One small config per family, with shapes chosen so that every field has a different value.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "import_text.hpp"
#include "models/import/families.hpp"

namespace microdc {
namespace {

TEST(ImportDense, LlamaHeadDimensionFollowsFromHiddenSize) {
  const auto card = import_text(llama_config_with("rope_theta", "500000.0"));
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->layers, 2);
  EXPECT_EQ(card->hidden, 64);
  EXPECT_EQ(card->heads, 4);
  EXPECT_EQ(card->kv_heads, 2);
  EXPECT_EQ(card->head_dim, 16);
  EXPECT_EQ(card->intermediate, 128);
  EXPECT_EQ(card->native_format, NumberFormat::bf16);
  EXPECT_TRUE(card.diagnostics().empty()) << to_text(card.diagnostics());
  // embeddings and head 2*64000; per layer q+o 2*64*64, k+v 2*64*32, MLP 3*64*128, norms 2*64;
  // final norm 64.
  EXPECT_DOUBLE_EQ(parameter_count(*card),
                   2 * 64000 + 2 * (2 * 4096 + 2 * 2048 + 3 * 8192 + 128) + 64);
}

TEST(ImportDense, Qwen3HeadDimensionIsItsOwn) {
  const auto card = import_text(R"({"model_type": "qwen3", "num_hidden_layers": 3,
      "hidden_size": 96, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 32,
      "intermediate_size": 256, "vocab_size": 500, "max_position_embeddings": 1024,
      "tie_word_embeddings": true, "sliding_window": null, "use_sliding_window": false,
      "max_window_layers": 3, "torch_dtype": "float16"})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->head_dim, 32);
  EXPECT_TRUE(card->tied_embeddings);
  EXPECT_FALSE(card->window);
  EXPECT_EQ(card->native_format, NumberFormat::fp16);
}

TEST(ImportDense, Qwen2HasBiases) {
  const auto card = import_text(llama_config_with("model_type", "\"qwen2\""));
  ASSERT_TRUE(card);
  EXPECT_TRUE(card->attention_bias);
}

TEST(ImportDense, MistralWindowCoversAllLayers) {
  const auto card = import_text(R"({"model_type": "mistral", "num_hidden_layers": 4,
      "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100,
      "max_position_embeddings": 8192, "sliding_window": 4096})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->kv_heads, 4) << "as many as query heads if the field is absent";
  ASSERT_TRUE(card->window);
  EXPECT_EQ(card->window->tokens, 4096);
  EXPECT_EQ(card->window->layers, 4);
}

TEST(ImportQwenMoe, CountsDenseLayersByStepAndList) {
  const auto card = import_text(R"({"model_type": "qwen3_moe", "num_hidden_layers": 6,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
      "intermediate_size": 128, "moe_intermediate_size": 48, "num_experts": 16,
      "num_experts_per_tok": 3, "decoder_sparse_step": 2, "mlp_only_layers": [1],
      "vocab_size": 100, "max_position_embeddings": 512})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  ASSERT_TRUE(card->moe);
  EXPECT_EQ(card->moe->experts, 16);
  EXPECT_EQ(card->moe->top_k, 3);
  EXPECT_EQ(card->moe->intermediate, 48);
  // Layers 1, 3, 5 qualify by the step; 1 is listed as dense.
  EXPECT_EQ(card->moe->dense_layers, 4);
  EXPECT_EQ(moe_layers(*card), 2);
}

TEST(ImportMixtral, ExpertsHaveTheMlpWidth) {
  const auto card = import_text(R"({"model_type": "mixtral", "num_hidden_layers": 2,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2,
      "intermediate_size": 128, "num_local_experts": 8, "num_experts_per_tok": 2,
      "vocab_size": 100, "max_position_embeddings": 512, "sliding_window": null})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->moe->intermediate, 128);
  EXPECT_EQ(dense_mlp_layers(*card), 0);
}

TEST(ImportDeepSeek, LatentAttentionSharedExpertsAndDenseStart) {
  const auto card = import_text(R"({"model_type": "deepseek_v3", "num_hidden_layers": 5,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 4, "q_lora_rank": 24,
      "kv_lora_rank": 16, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 12,
      "intermediate_size": 256, "moe_intermediate_size": 32, "n_routed_experts": 10,
      "n_shared_experts": 2, "num_experts_per_tok": 3, "first_k_dense_replace": 1,
      "moe_layer_freq": 1, "vocab_size": 100, "max_position_embeddings": 512})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  ASSERT_TRUE(card->latent);
  EXPECT_EQ(card->latent->kv_lora_rank, 16);
  EXPECT_EQ(card->moe->shared_intermediate, 64);
  EXPECT_EQ(card->moe->dense_layers, 1);
  EXPECT_TRUE(card->fp4_keeps_attention);
  const double attention = 64 * 24 + 24 + 24 * 4 * 12 + 64 * 20 + 16 + 16 * 4 * 20 + 48 * 64;
  const double experts = 64 * 10 + 3 * 64 * (10 * 32 + 64);
  EXPECT_DOUBLE_EQ(parameter_count(*card),
                   2 * 6400 + 5 * attention + 3 * 64 * 256 + 4 * experts + 11 * 64);
}

TEST(ImportGlmMoe, OrdinaryAttentionWithDeepSeekExperts) {
  const auto card = import_text(R"({"model_type": "glm4_moe", "num_hidden_layers": 4,
      "hidden_size": 64, "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 32,
      "attention_bias": true, "intermediate_size": 256, "moe_intermediate_size": 32,
      "n_routed_experts": 8, "n_shared_experts": 1, "num_experts_per_tok": 2,
      "first_k_dense_replace": 1, "vocab_size": 100, "max_position_embeddings": 512})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_FALSE(card->latent);
  EXPECT_TRUE(card->attention_bias);
  EXPECT_EQ(card->head_dim, 32);
  EXPECT_EQ(card->moe->shared_intermediate, 32);
  EXPECT_EQ(moe_layers(*card), 3);
}

TEST(ImportGptOss, AlternateWindows) {
  const auto card = import_text(R"({"model_type": "gpt_oss", "num_hidden_layers": 3,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
      "intermediate_size": 64, "num_local_experts": 4, "num_experts_per_tok": 2,
      "sliding_window": 128, "attention_bias": true,
      "layer_types": ["sliding_attention", "full_attention", "sliding_attention"],
      "vocab_size": 100, "max_position_embeddings": 512,
      "quantization_config": {"quant_method": "mxfp4"}})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->native_format, NumberFormat::mxfp4);
  ASSERT_TRUE(card->window);
  EXPECT_EQ(card->window->layers, 2);
  EXPECT_FALSE(card->window->chunked);
}

TEST(ImportMiniMax, ExpertsInEveryLayer) {
  const auto card = import_text(R"({"model_type": "minimax_m2", "num_hidden_layers": 3,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
      "intermediate_size": 48, "num_local_experts": 12, "num_experts_per_tok": 2,
      "shared_intermediate_size": 0, "vocab_size": 100, "max_position_embeddings": 512,
      "num_mtp_modules": 3})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->moe->experts, 12);
  EXPECT_EQ(card->moe->shared_intermediate, 0);
  EXPECT_EQ(moe_layers(*card), 3);
}

TEST(ImportLlama4, NestedTextConfigWithInterleavedExpertsAndChunks) {
  const auto card = import_text(R"({"model_type": "llama4", "vision_config": {"hidden_size": 9},
      "text_config": {"model_type": "llama4_text", "num_hidden_layers": 8, "hidden_size": 64,
      "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
      "intermediate_size": 96, "intermediate_size_mlp": 192, "num_local_experts": 4,
      "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 256,
      "vocab_size": 100, "max_position_embeddings": 4096}})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->intermediate, 192);
  EXPECT_EQ(card->moe->intermediate, 96);
  EXPECT_EQ(card->moe->shared_intermediate, 96);
  EXPECT_EQ(card->moe->dense_layers, 4);
  ASSERT_TRUE(card->window);
  EXPECT_EQ(card->window->layers, 6);
  EXPECT_TRUE(card->window->chunked);
}

TEST(ImportGemma, SixthLayerIsFull) {
  const auto card = import_text(R"({"model_type": "gemma3_text", "num_hidden_layers": 13,
      "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 32,
      "intermediate_size": 96, "sliding_window": 512, "vocab_size": 100,
      "max_position_embeddings": 4096})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_TRUE(card->tied_embeddings);
  EXPECT_EQ(card->window->layers, 11);
}

TEST(ImportNemotron, PatternGivesTheLayers) {
  const auto card = import_text(R"({"model_type": "nemotron_h", "num_hidden_layers": 6,
      "hybrid_override_pattern": "M-M*-M", "hidden_size": 64, "num_attention_heads": 4,
      "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96, "mamba_num_heads": 4,
      "mamba_head_dim": 8, "ssm_state_size": 16, "n_groups": 2, "conv_kernel": 4,
      "vocab_size": 100, "max_position_embeddings": 4096})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(card->mlp_only_layers, 2);
  EXPECT_FALSE(card->gated_mlp);
  ASSERT_TRUE(card->recurrent);
  EXPECT_EQ(card->recurrent->layers, 3);
  EXPECT_EQ(attention_layers(*card), 1);
  EXPECT_EQ(dense_mlp_layers(*card), 2);
  // inner 32, convolved 32 + 2*2*16 = 96
  EXPECT_EQ(card->recurrent->parameters_per_layer, 64 * (32 + 96 + 4) + 32 * 64 + 96 * 5 + 12 + 32);
  EXPECT_EQ(card->recurrent->state_bytes, 32 * 16 * 4 + 96 * 3 * 2);
}

TEST(ImportNemotron, ExpertLayersInThePattern) {
  const auto card = import_text(R"({"model_type": "nemotron_h", "num_hidden_layers": 5,
      "hybrid_override_pattern": "ME*-E", "hidden_size": 64, "num_attention_heads": 4,
      "num_key_value_heads": 2, "head_dim": 32, "intermediate_size": 96, "mamba_num_heads": 4,
      "mamba_head_dim": 8, "ssm_state_size": 16, "n_routed_experts": 8, "num_experts_per_tok": 2,
      "moe_intermediate_size": 24, "n_shared_experts": 1,
      "moe_shared_expert_intermediate_size": 48, "vocab_size": 100,
      "max_position_embeddings": 4096})");
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(attention_layers(*card), 1);
  EXPECT_EQ(dense_mlp_layers(*card), 1);
  EXPECT_EQ(moe_layers(*card), 2);
  EXPECT_EQ(card->moe->shared_intermediate, 48);
}

TEST(ImportNemotron, UnknownLetterInThePattern) {
  const auto card = import_text(R"({"model_type": "nemotron_h", "num_hidden_layers": 3,
      "hybrid_override_pattern": "M?*", "hidden_size": 64, "num_attention_heads": 4,
      "intermediate_size": 96, "mamba_num_heads": 4, "mamba_head_dim": 8, "ssm_state_size": 16,
      "vocab_size": 100, "max_position_embeddings": 4096})");
  ASSERT_FALSE(card);
  EXPECT_EQ(card.diagnostics().items().front().place, "/hybrid_override_pattern");
}

TEST(ModelFamilies, NoModelTypeTwice) {
  std::set<std::string_view> seen;
  for (const ModelFamily& family : model_families()) {
    EXPECT_TRUE(seen.insert(family.name).second) << family.name;
  }
  seen.clear();
  for (const ModelFamily& family : model_families()) {
    for (const auto type : family.model_types) {
      EXPECT_TRUE(seen.insert(type).second) << type;
      EXPECT_EQ(find_model_family(type), &family);
    }
  }
}

}  // namespace
}  // namespace microdc
