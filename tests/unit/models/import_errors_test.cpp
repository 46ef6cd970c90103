#include <gtest/gtest.h>

#include <algorithm>

#include "import_text.hpp"

namespace microdc {
namespace {

std::vector<std::string> error_places(const Diagnostics& diagnostics) {
  std::vector<std::string> places;
  for (const Diagnostic& item : diagnostics.items()) {
    if (item.severity == Severity::error) places.push_back(item.place);
  }
  return places;
}

TEST(ImportErrors, UnknownArchitectureNamesTheKnownAndTheNearest) {
  const auto card = import_text(llama_config_with("model_type", "\"qwen3_mo\""));
  ASSERT_FALSE(card);
  ASSERT_EQ(card.diagnostics().items().size(), 1u) << to_text(card.diagnostics());
  const Diagnostic& error = card.diagnostics().items().front();
  EXPECT_EQ(error.place, "/model_type");
  EXPECT_EQ(error.found, "qwen3_mo");
  EXPECT_NE(error.allowed.find("deepseek_v3"), std::string::npos);
  EXPECT_NE(error.fix.find("qwen3_moe"), std::string::npos);
}

TEST(ImportErrors, UnknownArchitectureAlsoNamesMissingFields) {
  const auto card = import_text(R"({"model_type": "bert", "hidden_size": 768,
      "num_attention_heads": 12, "vocab_size": 100, "max_position_embeddings": 512})");
  ASSERT_FALSE(card);
  EXPECT_EQ(error_places(card.diagnostics()),
            (std::vector<std::string>{"/model_type", "/num_hidden_layers", "/intermediate_size"}));
}

TEST(ImportErrors, NoArchitectureAtAll) {
  const auto card = import_text("{}");
  ASSERT_FALSE(card);
  const auto places = error_places(card.diagnostics());
  EXPECT_EQ(places.front(), "/model_type");
  EXPECT_EQ(places.size(), 7u) << to_text(card.diagnostics());
}

TEST(ImportErrors, MissingAndWrongTypeAreBothReported) {
  const auto card = import_text(R"({"model_type": "llama", "num_hidden_layers": "32",
      "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 100,
      "max_position_embeddings": 512})");
  ASSERT_FALSE(card);
  const std::string text = to_text(card.diagnostics());
  EXPECT_EQ(error_places(card.diagnostics()),
            (std::vector<std::string>{"/num_hidden_layers", "/intermediate_size"}))
      << text;
  EXPECT_NE(text.find("config.json at /num_hidden_layers: the field has the wrong type"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\"intermediate_size\" is missing"), std::string::npos) << text;
}

TEST(ImportErrors, PlacesInNestedObjects) {
  const auto card = import_text(R"({"model_type": "llama4", "text_config": {"hidden_size": -5}})");
  ASSERT_FALSE(card);
  const auto places = error_places(card.diagnostics());
  EXPECT_NE(std::find(places.begin(), places.end(), "/text_config/hidden_size"), places.end());
  EXPECT_NE(std::find(places.begin(), places.end(), "/text_config/num_local_experts"),
            places.end());
}

TEST(ImportErrors, UnknownFieldIsANote) {
  const auto card = import_text(llama_config_with("frobnication", "[1, 2]"));
  ASSERT_TRUE(card);
  ASSERT_EQ(card.diagnostics().items().size(), 1u);
  EXPECT_EQ(card.diagnostics().items().front().severity, Severity::note);
  EXPECT_EQ(card.diagnostics().items().front().place, "/frobnication");
}

TEST(ImportErrors, ContradictionsBetweenFields) {
  EXPECT_FALSE(import_text(llama_config_with("num_key_value_heads", "3")));
  EXPECT_FALSE(import_text(llama_config_with("num_attention_heads", "5")));
  const auto card = import_text(R"({"model_type": "mixtral", "num_hidden_layers": 2,
      "hidden_size": 64, "num_attention_heads": 4, "intermediate_size": 128,
      "num_local_experts": 4, "num_experts_per_tok": 8, "vocab_size": 100,
      "max_position_embeddings": 512})");
  ASSERT_FALSE(card);
  EXPECT_NE(to_text(card.diagnostics()).find("more experts than there are"), std::string::npos);
}

/// Every field of a config of every family, replaced by every kind of wrong value: an answer or
/// errors, never an exception.
TEST(ImportErrors, NoValueOfAnyTypeThrows) {
  const std::vector<std::string> values{
      "null",
      "\"text\"",
      "\"\"",
      "-1",
      "0",
      "1.5",
      "1e300",
      "-1e300",
      "18446744073709551615",
      "9223372036854775807",
      "-9223372036854775808",
      "true",
      "[]",
      "[null, \"x\", {}, 1e40]",
      "{}",
      "{\"quant_method\": 7}",
      "{\"quant_method\": \"compressed-tensors\", \"config_groups\": [1]}",
      "{\"quant_method\": \"fp8\", \"weight_block_size\": [\"a\", -1]}"};
  const std::vector<std::string> types{"llama",   "mistral",    "qwen2",       "qwen3",
                                       "mixtral", "qwen3_moe",  "deepseek_v3", "gpt_oss",
                                       "llama4",  "minimax_m2", "gemma3",      "nemotron_h"};
  const std::vector<std::string> keys{"num_hidden_layers",
                                      "hidden_size",
                                      "num_attention_heads",
                                      "num_key_value_heads",
                                      "head_dim",
                                      "intermediate_size",
                                      "vocab_size",
                                      "max_position_embeddings",
                                      "tie_word_embeddings",
                                      "num_local_experts",
                                      "num_experts",
                                      "num_experts_per_tok",
                                      "mlp_only_layers",
                                      "layer_types",
                                      "sliding_window",
                                      "text_config",
                                      "quantization_config",
                                      "torch_dtype",
                                      "dtype",
                                      "hybrid_override_pattern",
                                      "mamba_num_heads",
                                      "kv_lora_rank",
                                      "n_shared_experts",
                                      "decoder_sparse_step",
                                      "moe_layer_freq",
                                      "no_rope_layers",
                                      "compression_config"};
  const std::string tail = R"(, "num_hidden_layers": 4, "hidden_size": 64,
      "num_attention_heads": 4, "intermediate_size": 64, "vocab_size": 100,
      "max_position_embeddings": 64, "num_local_experts": 4, "num_experts": 4,
      "num_experts_per_tok": 2, "moe_intermediate_size": 16, "intermediate_size_mlp": 32,
      "n_routed_experts": 4, "kv_lora_rank": 8, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4,
      "v_head_dim": 8, "mamba_num_heads": 2, "mamba_head_dim": 4, "ssm_state_size": 4,
      "hybrid_override_pattern": "M-*M"})";
  int answers = 0;
  int errors = 0;
  for (const std::string& type : types) {
    for (const std::string& key : keys) {
      for (const std::string& value : values) {
        std::string text = "{\"model_type\": \"" + type + "\"" + tail;
        if (const auto at = text.find("\"" + key + "\":"); at != std::string::npos) {
          const auto start = at + key.size() + 3;
          text.replace(start, text.find_first_of(",}", start) - start, value);
        } else {
          text.insert(text.size() - 1, ", \"" + key + "\": " + value);
        }
        const auto card = import_text(text);
        card ? ++answers : ++errors;
        if (card) {
          EXPECT_GT(parameter_count(*card), 0) << text;
        }
      }
    }
  }
  EXPECT_GT(answers, 500);
  EXPECT_GT(errors, 500);
}

TEST(ImportErrors, NotAnObject) {
  for (const char* text : {"[]", "3", "\"config\"", "null"}) EXPECT_FALSE(import_text(text));
}

}  // namespace
}  // namespace microdc
