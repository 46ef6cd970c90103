// Number format of published weights, from quantization_config in its several dialects.
#include <fmt/format.h>

#include "hwprofiles/base/names.hpp"
#include "models/import/families.hpp"

namespace microdc {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// Integer weights of GPTQ, AWQ, AutoRound and the like; activations stay in 16 bits.
NumberFormat weight_only(ConfigReader& quantization, std::string_view bits_key) {
  const std::int64_t bits = quantization.integer(bits_key, 4, 1, 16);
  if (bits == 4) return NumberFormat::int4_weight;
  if (bits == 8) return NumberFormat::int8_weight;
  quantization.error(bits_key, "no such weight-only format can be served",
                     fmt::format("{} bits", bits), "4 or 8");
  return NumberFormat::int4_weight;
}

/// modelopt's quant_algo: FP8, NVFP4, W4A16_AWQ, …
NumberFormat modelopt(ConfigReader& quantization) {
  const std::string algorithm = lower_case(quantization.text("quant_algo", "fp8"));
  if (contains(algorithm, "nvfp4") || contains(algorithm, "fp4")) return NumberFormat::nvfp4;
  if (contains(algorithm, "fp8")) {
    return contains(algorithm, "block") ? NumberFormat::fp8_block : NumberFormat::fp8;
  }
  if (contains(algorithm, "w4a16") || contains(algorithm, "int4")) return NumberFormat::int4_weight;
  quantization.error("quant_algo", "the quantisation algorithm is not known", algorithm,
                     "FP8, NVFP4, W4A16_AWQ");
  return NumberFormat::fp8;
}

/// One group of compressed-tensors: bits, type and strategy of weights, and whether activations are
/// quantised too.
NumberFormat compressed_group(ConfigReader& group) {
  auto weights = group.object("weights");
  if (!weights) return NumberFormat::bf16;
  const std::int64_t bits = weights->integer("num_bits", 8, 1, 32);
  const std::string type = lower_case(weights->text("type", "int"));
  const std::string strategy = lower_case(weights->text("strategy", "channel"));
  const std::int64_t group_size = weights->integer("group_size", 0, -1, max_size);
  const bool with_activations = group.has("input_activations");
  if (type == "float" && bits == 8) {
    return strategy == "block" ? NumberFormat::fp8_block : NumberFormat::fp8;
  }
  if (type == "float" && bits == 4) {
    return group_size == 32 ? NumberFormat::mxfp4 : NumberFormat::nvfp4;
  }
  if (type == "int" && bits == 8) {
    return with_activations ? NumberFormat::int8 : NumberFormat::int8_weight;
  }
  if (type == "int" && bits == 4) return NumberFormat::int4_weight;
  weights->error("num_bits", "no such format can be served", fmt::format("{} {} bits", type, bits),
                 "float or int with 4 or 8 bits");
  return NumberFormat::bf16;
}

NumberFormat compressed_tensors(ConfigReader& quantization) {
  auto groups = quantization.object("config_groups");
  if (!groups) {
    quantization.error("config_groups", "the field \"config_groups\" is missing", "",
                       "groups with bits and type of their weights");
    return NumberFormat::bf16;
  }
  // Several groups: the smallest format is that of the bulk of the weights (experts).
  NumberFormat format = NumberFormat::bf16;
  for (ConfigReader& group : groups->objects()) {
    const NumberFormat candidate = compressed_group(group);
    if (bytes_per_element(candidate) < bytes_per_element(format)) format = candidate;
  }
  return format;
}

NumberFormat by_method(ConfigReader& quantization) {
  const std::string method = lower_case(quantization.text("quant_method", ""));
  if (method == "fp8") {
    const auto block = quantization.integers("weight_block_size", 1, max_size);
    return block.empty() ? NumberFormat::fp8 : NumberFormat::fp8_block;
  }
  if (method == "fbgemm_fp8") return NumberFormat::fp8;
  if (method == "mxfp4") return NumberFormat::mxfp4;
  if (method.starts_with("modelopt")) return modelopt(quantization);
  if (method == "gptq" || method == "awq" || method == "auto-round" || method == "gptq_marlin" ||
      method == "awq_marlin") {
    return weight_only(quantization, quantization.has("bits") ? "bits" : "w_bit");
  }
  if (method == "bitsandbytes") {
    return quantization.boolean("load_in_8bit", false) ? NumberFormat::int8_weight
                                                       : NumberFormat::int4_weight;
  }
  if (method == "compressed-tensors") return compressed_tensors(quantization);
  quantization.error(
      "quant_method",
      method.empty() ? "the field \"quant_method\" is missing" : "the method is not known", method,
      "fp8, fbgemm_fp8, mxfp4, modelopt, gptq, awq, auto-round, bitsandbytes, compressed-tensors");
  return NumberFormat::bf16;
}

NumberFormat by_type_name(ConfigReader& config) {
  const std::string_view key = config.has("dtype") ? "dtype" : "torch_dtype";
  const std::string name = config.text(key, "bfloat16");
  const auto format = parse_number_format(name);
  if (!format) {
    config.error(key, "the number format is not known", name, "bfloat16, float16, float32");
    return NumberFormat::bf16;
  }
  // Engines serve fp32 checkpoints in 16 bits unless told otherwise.
  return *format == NumberFormat::fp32 ? NumberFormat::bf16 : *format;
}

}  // namespace

void read_native_format(ConfigReader& config, ModelCard& card) {
  const std::string_view key =
      config.has("quantization_config") ? "quantization_config" : "compression_config";
  auto quantization = config.object(key);
  card.native_format = quantization ? by_method(*quantization) : by_type_name(config);
  config.ignore({"dtype", "torch_dtype", "quantization_config", "compression_config"});
}

}  // namespace microdc
