#include <gtest/gtest.h>

#include "import_text.hpp"

namespace microdc {
namespace {

struct Case {
  const char* quantization;
  NumberFormat expected;
};

class NativeFormat : public testing::TestWithParam<Case> {};

TEST_P(NativeFormat, IsReadFromQuantizationConfig) {
  const auto card = import_text(llama_config_with("quantization_config", GetParam().quantization));
  ASSERT_TRUE(card) << to_text(card.diagnostics());
  EXPECT_EQ(name_of(card->native_format), name_of(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(
    Dialects, NativeFormat,
    testing::Values(
        Case{R"({"quant_method": "fp8", "weight_block_size": [128, 128]})",
             NumberFormat::fp8_block},
        Case{R"({"quant_method": "fp8", "activation_scheme": "static"})", NumberFormat::fp8},
        Case{R"({"quant_method": "modelopt", "quant_algo": "FP8"})", NumberFormat::fp8},
        Case{R"({"quant_method": "modelopt", "quant_algo": "NVFP4"})", NumberFormat::nvfp4},
        Case{R"({"quant_method": "mxfp4"})", NumberFormat::mxfp4},
        Case{R"({"quant_method": "gptq", "bits": 4, "group_size": 128})",
             NumberFormat::int4_weight},
        Case{R"({"quant_method": "gptq", "bits": 8})", NumberFormat::int8_weight},
        Case{R"({"quant_method": "awq", "bits": 4})", NumberFormat::int4_weight},
        Case{R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
                 "weights": {"num_bits": 8, "type": "float", "strategy": "channel"},
                 "input_activations": {"num_bits": 8, "type": "float"}}}})",
             NumberFormat::fp8},
        Case{R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
                 "weights": {"num_bits": 4, "type": "float", "group_size": 16}}}})",
             NumberFormat::nvfp4},
        Case{R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
                 "weights": {"num_bits": 4, "type": "int", "group_size": 128},
                 "input_activations": null}}})",
             NumberFormat::int4_weight},
        Case{R"({"quant_method": "compressed-tensors", "config_groups": {"group_0": {
                 "weights": {"num_bits": 8, "type": "int"},
                 "input_activations": {"num_bits": 8}}}})",
             NumberFormat::int8}));

TEST(NativeFormatErrors, UnknownMethodNamesTheKnownOnes) {
  const auto card =
      import_text(llama_config_with("quantization_config", R"({"quant_method": "magic"})"));
  ASSERT_FALSE(card);
  const Diagnostic& error = card.diagnostics().items().front();
  EXPECT_EQ(error.place, "/quantization_config/quant_method");
  EXPECT_EQ(error.found, "magic");
  EXPECT_NE(error.allowed.find("compressed-tensors"), std::string::npos);
}

TEST(NativeFormatErrors, ThreeBitsAreNotServed) {
  EXPECT_FALSE(import_text(
      llama_config_with("quantization_config", R"({"quant_method": "gptq", "bits": 3})")));
}

TEST(NativeFormatFromName, CountsOnlyWithoutQuantizationConfig) {
  const std::string plain = llama_config_without("nothing");
  const auto by_name = import_text(plain, "nvidia/Llama-3.1-70B-Instruct-FP8");
  ASSERT_TRUE(by_name);
  EXPECT_EQ(by_name->native_format, NumberFormat::fp8);
  ASSERT_EQ(by_name.diagnostics().items().size(), 1u);
  EXPECT_EQ(by_name.diagnostics().items().front().severity, Severity::note);
  const auto by_config = import_text(
      llama_config_with("quantization_config", R"({"quant_method": "awq"})"), "org/Model-FP8");
  ASSERT_TRUE(by_config);
  EXPECT_EQ(by_config->native_format, NumberFormat::int4_weight);
  const auto neither = import_text(plain, "org/Llama-3.1-8B");
  ASSERT_TRUE(neither);
  EXPECT_EQ(neither->native_format, NumberFormat::bf16);
}

}  // namespace
}  // namespace microdc
