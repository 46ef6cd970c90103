#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "hwprofiles/base/names.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {
namespace {

struct FormatEntry {
  NumberFormat format;
  std::string_view name;
  double bytes;           ///< per element including scales
  NumberFormat computes;  ///< format of the arithmetic
};

// Order of the enumeration. Scales: fp8_block one fp32 per 128x128 block (DeepSeek-V3 report,
// section 3.3); int4_weight one fp16 scale per group of 128 (symmetric GPTQ, Marlin); nvfp4 one
// e4m3 byte per 16 elements; mxfp4 one e8m0 byte per 32 elements (OCP Microscaling
// specification 1.0). One scale per tensor or row is too little to count.
constexpr std::array<FormatEntry, number_format_count> formats{{
    {NumberFormat::fp32, "fp32", 4.0, NumberFormat::fp32},
    {NumberFormat::fp16, "fp16", 2.0, NumberFormat::fp16},
    {NumberFormat::bf16, "bf16", 2.0, NumberFormat::bf16},
    {NumberFormat::fp8, "fp8", 1.0, NumberFormat::fp8},
    {NumberFormat::fp8_block, "fp8_block", 1.0 + 4.0 / (128.0 * 128.0), NumberFormat::fp8},
    {NumberFormat::int8, "int8", 1.0, NumberFormat::int8},
    {NumberFormat::int8_weight, "int8_weight", 1.0, NumberFormat::bf16},
    {NumberFormat::int4_weight, "int4_weight", 0.5 + 2.0 / 128.0, NumberFormat::bf16},
    {NumberFormat::nvfp4, "nvfp4", 0.5 + 1.0 / 16.0, NumberFormat::nvfp4},
    {NumberFormat::mxfp4, "mxfp4", 0.5 + 1.0 / 32.0, NumberFormat::bf16},
}};

constexpr const FormatEntry& entry(NumberFormat format) {
  return formats[static_cast<std::size_t>(format)];
}

// Other spellings, in the form of name_key (lower case, no separators).
constexpr std::array<std::pair<std::string_view, NumberFormat>, 46> synonyms{{
    {"float32", NumberFormat::fp32},
    {"float", NumberFormat::fp32},
    {"f32", NumberFormat::fp32},
    {"single", NumberFormat::fp32},
    {"float16", NumberFormat::fp16},
    {"half", NumberFormat::fp16},
    {"f16", NumberFormat::fp16},
    {"bfloat16", NumberFormat::bf16},
    {"bfloat", NumberFormat::bf16},
    {"16bit", NumberFormat::bf16},
    {"w16a16", NumberFormat::bf16},
    {"e4m3", NumberFormat::fp8},
    {"e4m3fn", NumberFormat::fp8},
    {"fp8e4m3", NumberFormat::fp8},
    {"fp8e4m3fn", NumberFormat::fp8},
    {"float8", NumberFormat::fp8},
    {"float8e4m3fn", NumberFormat::fp8},
    {"f8", NumberFormat::fp8},
    {"w8a8fp8", NumberFormat::fp8},
    {"fp8static", NumberFormat::fp8},
    {"fp8dynamic", NumberFormat::fp8},
    {"fp8ootb", NumberFormat::fp8},
    {"fp8blockwise", NumberFormat::fp8_block},
    {"fp8blockscale", NumberFormat::fp8_block},
    {"blockfp8", NumberFormat::fp8_block},
    {"w8a8", NumberFormat::int8},
    {"int8w8a8", NumberFormat::int8},
    {"w8a8int8", NumberFormat::int8},
    {"smoothquant", NumberFormat::int8},
    {"w8a16", NumberFormat::int8_weight},
    {"int8wo", NumberFormat::int8_weight},
    {"int8weightonly", NumberFormat::int8_weight},
    {"w4a16", NumberFormat::int4_weight},
    {"int4", NumberFormat::int4_weight},
    {"int4wo", NumberFormat::int4_weight},
    {"int4weightonly", NumberFormat::int4_weight},
    {"gptq", NumberFormat::int4_weight},
    {"awq", NumberFormat::int4_weight},
    {"marlin", NumberFormat::int4_weight},
    {"q4", NumberFormat::int4_weight},
    {"fp4", NumberFormat::nvfp4},
    {"nvidiafp4", NumberFormat::nvfp4},
    {"w4a4", NumberFormat::nvfp4},
    {"float4", NumberFormat::nvfp4},
    {"mxfp4w4a16", NumberFormat::mxfp4},
    {"microscalingfp4", NumberFormat::mxfp4},
}};

}  // namespace

std::string_view name_of(NumberFormat format) { return entry(format).name; }

Result<NumberFormat> parse_number_format(std::string_view name) {
  std::string key = name_key(name);
  // Frameworks write types as "torch.bfloat16".
  if (key.starts_with("torch.")) key.erase(0, 6);
  for (const FormatEntry& candidate : formats) {
    if (name_key(candidate.name) == key) return candidate.format;
  }
  for (const auto& [synonym, format] : synonyms) {
    if (synonym == key) return format;
  }
  std::vector<std::string> names;
  for (const FormatEntry& candidate : formats) names.emplace_back(candidate.name);
  const auto nearest = nearest_match(name, names);
  return Diagnostic{.message = "unknown number format",
                    .found = fmt::format("\"{}\"", name),
                    .allowed = join_names(names) + " (and usual synonyms)",
                    .fix = nearest ? fmt::format("did you mean \"{}\"?", *nearest) : ""};
}

std::vector<std::string_view> number_format_names() {
  std::vector<std::string_view> names;
  for (const FormatEntry& candidate : formats) names.push_back(candidate.name);
  return names;
}

double bytes_per_element(NumberFormat format) { return entry(format).bytes; }

NumberFormat compute_format(NumberFormat format) { return entry(format).computes; }

}  // namespace microdc
