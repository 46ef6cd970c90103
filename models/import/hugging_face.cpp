// From a Hugging Face config.json to a model card.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "models/import/families.hpp"

namespace microdc {
namespace {

std::vector<std::string> known_model_types() {
  std::vector<std::string> types;
  for (const ModelFamily& family : model_families()) {
    types.insert(types.end(), family.model_types.begin(), family.model_types.end());
  }
  std::sort(types.begin(), types.end());
  return types;
}

/// Fields that say nothing about the amount of work.
void ignore_irrelevant(ConfigReader& config) {
  config.ignore({"architectures",     "model_type",     "auto_map",          "transformers_version",
                 "_name_or_path",     "hidden_act",     "hidden_activation", "rms_norm_eps",
                 "norm_eps",          "rope_theta",     "rope_scaling",      "rope_parameters",
                 "initializer_range", "use_cache",      "attention_dropout", "bos_token_id",
                 "eos_token_id",      "pad_token_id",   "pretraining_tp",    "mlp_bias",
                 "use_qk_norm",       "attention_bias", "qkv_bias"});
  config.ignore({"router_aux_loss_coef", "output_router_logits", "norm_topk_prob", "scoring_func",
                 "n_group", "topk_group", "topk_method", "routed_scaling_factor", "ep_size",
                 "num_nextn_predict_layers", "aux_loss_alpha", "seq_aux", "pretrained",
                 "_attn_implementation_autoset", "layer_types"});
}

/// The fields that any decoder needs; tells a user of an unknown architecture whether the file is
/// a decoder's configuration at all.
void report_missing_basics(ConfigReader& config) {
  ModelCard scratch;
  auto text = config.object("text_config");
  ConfigReader& decoder = text ? *text : config;
  read_common_shape(decoder, scratch);
  decoder.required_integer("intermediate_size", 1, max_size);
}

void report_unknown(ConfigReader& config, const std::string& model_type) {
  const std::vector<std::string> known = known_model_types();
  const auto nearest = nearest_match(model_type, known);
  config.error(
      "model_type",
      model_type.empty() ? "the field \"model_type\" is missing, so the architecture is "
                           "not known"
                         : "the architecture is not known",
      model_type, join_names(known, 40),
      nearest ? fmt::format("did you mean \"{}\"? Otherwise write a model card by hand", *nearest)
              : "write a model card by hand (docs/models.md)");
  report_missing_basics(config);
}

/// "Llama-3.1-70B-Instruct-FP8": some publishers keep the quantisation in another file
/// (hf_quant_config.json) and only the name tells.
void read_format_from_name(ConfigReader& config, const std::string& name, ModelCard& card) {
  std::string word;
  for (const char c : name + "-") {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      word += c;
      continue;
    }
    const bool has_digit = std::any_of(
        word.begin(), word.end(), [](unsigned char letter) { return std::isdigit(letter) != 0; });
    const bool may_be_format = has_digit || word == "AWQ" || word == "GPTQ";
    const auto format =
        may_be_format ? parse_number_format(word) : Result<NumberFormat>(Diagnostics{});
    if (format) {
      card.native_format = *format;
      config.note("quantization_config",
                  fmt::format("the field is missing; the number format {} comes from the name",
                              name_of(*format)),
                  name);
    }
    word.clear();
  }
}

}  // namespace

Result<ModelCard> import_hugging_face(const Json& json, const std::string& name,
                                      const std::string& file) {
  Diagnostics findings;
  ConfigReader config(json, file, "", findings);
  if (findings.has_errors()) return findings;
  ModelCard card;
  card.name = name;
  card.label = name;
  card.source = "Hugging Face config.json of " + name;
  const std::string model_type = config.text("model_type", "");
  const ModelFamily* family = find_model_family(model_type);
  if (family == nullptr) {
    if (!findings.has_errors()) report_unknown(config, model_type);
    return findings;
  }
  family->import(config, card);
  const bool says_format = config.has("quantization_config") || config.has("compression_config");
  read_native_format(config, card);
  if (!says_format) read_format_from_name(config, name, card);
  if (!findings.has_errors()) {
    Diagnostics contradictions = check_card(card, file);
    for (Diagnostic contradiction : contradictions.items()) {
      // Places in a card are not places in the config.
      contradiction.place.clear();
      findings.add(std::move(contradiction));
    }
  }
  ignore_irrelevant(config);
  config.report_unread();
  if (findings.has_errors()) return findings;
  return {std::move(card), std::move(findings)};
}

}  // namespace microdc
