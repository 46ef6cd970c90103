#include <gtest/gtest.h>

#include "hwprofiles/work/operators.hpp"

namespace microdc {
namespace {

TEST(NumberFormat, EveryNameReadsBackAsItself) {
  const auto names = number_format_names();
  ASSERT_EQ(names.size(), number_format_count);
  for (int i = 0; i < number_format_count; ++i) {
    const auto format = static_cast<NumberFormat>(i);
    EXPECT_EQ(name_of(format), names[i]);
    const auto read = parse_number_format(names[i]);
    ASSERT_TRUE(read.ok()) << names[i];
    EXPECT_EQ(*read, format);
  }
}

TEST(NumberFormat, BytesIncludeScales) {
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::fp32), 4);
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::bf16), 2);
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::fp8), 1);
  // A 128x128 block has 16384 elements and one scale of 4 bytes.
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::fp8_block), 16388.0 / 16384.0);
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::int4_weight), 66.0 / 128.0);
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::nvfp4), 0.5625);
  EXPECT_DOUBLE_EQ(bytes_per_element(NumberFormat::mxfp4), 0.53125);
}

TEST(NumberFormat, WeightOnlyFormatsComputeInBf16) {
  for (const auto format :
       {NumberFormat::int8_weight, NumberFormat::int4_weight, NumberFormat::mxfp4}) {
    EXPECT_EQ(compute_format(format), NumberFormat::bf16) << name_of(format);
  }
  EXPECT_EQ(compute_format(NumberFormat::fp8_block), NumberFormat::fp8);
  EXPECT_EQ(compute_format(NumberFormat::nvfp4), NumberFormat::nvfp4);
  EXPECT_EQ(compute_format(NumberFormat::int8), NumberFormat::int8);
}

TEST(NumberFormat, SynonymsIgnoreCaseAndSeparators) {
  const std::pair<std::string_view, NumberFormat> cases[] = {
      {"BF16", NumberFormat::bf16},           {"torch.bfloat16", NumberFormat::bf16},
      {"float16", NumberFormat::fp16},        {"half", NumberFormat::fp16},
      {"16-bit", NumberFormat::bf16},         {"FP8", NumberFormat::fp8},
      {"fp8_e4m3", NumberFormat::fp8},        {"e4m3", NumberFormat::fp8},
      {"FP8-Block", NumberFormat::fp8_block}, {"w4a16", NumberFormat::int4_weight},
      {"int4_wo", NumberFormat::int4_weight}, {"fp4", NumberFormat::nvfp4},
      {"NVFP4", NumberFormat::nvfp4},         {"MXFP4", NumberFormat::mxfp4},
      {"w8a16", NumberFormat::int8_weight},   {"W8A8", NumberFormat::int8}};
  for (const auto& [name, format] : cases) {
    const auto read = parse_number_format(name);
    ASSERT_TRUE(read.ok()) << name;
    EXPECT_EQ(*read, format) << name;
  }
}

TEST(NumberFormat, AnUnknownNameListsWhatIsKnown) {
  const auto read = parse_number_format("mxfp5");
  ASSERT_FALSE(read.ok());
  const Diagnostic& finding = read.diagnostics().items().front();
  EXPECT_EQ(finding.found, "\"mxfp5\"");
  EXPECT_NE(finding.allowed.find("nvfp4"), std::string::npos);
  EXPECT_NE(finding.fix.find("mxfp4"), std::string::npos);
  EXPECT_FALSE(parse_number_format("").ok());
}

}  // namespace
}  // namespace microdc
