#include "import_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace microdc {
namespace {

Json llama_config() {
  return Json{
      {"model_type", "llama"},    {"num_hidden_layers", 2},          {"hidden_size", 64},
      {"num_attention_heads", 4}, {"num_key_value_heads", 2},        {"intermediate_size", 128},
      {"vocab_size", 1000},       {"max_position_embeddings", 2048}, {"tie_word_embeddings", false},
      {"torch_dtype", "bfloat16"}};
}

}  // namespace

Result<ModelCard> import_text(std::string_view text, const std::string& name) {
  const Result<Json> json = parse_json(text, "config.json");
  if (!json) {
    ADD_FAILURE() << to_text(json.diagnostics());
    return json.diagnostics();
  }
  return import_hugging_face(*json, name, "config.json");
}

std::string llama_config_with(std::string_view key, std::string_view value) {
  Json config = llama_config();
  config[std::string(key)] = Json::parse(value);
  return config.dump();
}

std::string llama_config_without(std::string_view key) {
  Json config = llama_config();
  config.erase(std::string(key));
  return config.dump();
}

}  // namespace microdc
