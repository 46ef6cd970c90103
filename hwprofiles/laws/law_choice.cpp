#include "hwprofiles/laws/law_choice.hpp"

namespace microdc {
namespace {

bool is_half(NumberFormat format) {
  return format == NumberFormat::fp16 || format == NumberFormat::bf16;
}

bool alike(NumberFormat a, NumberFormat b) { return a == b || (is_half(a) && is_half(b)); }

/// How well a law's format and source fit; larger is better, negative not at all. Kernels of
/// serving engines resemble each other more than those of training frameworks and libraries.
int score(const FittedLaw& law, NumberFormat format, const std::string& kernel_source) {
  if (!alike(law.format, format)) return -1;
  const int source = law.kernel_source == kernel_source    ? 8
                     : law.kernel_source == "vllm"         ? 4
                     : law.kernel_source == "tensorrt-llm" ? 2
                                                           : 0;
  return source + (law.format == format ? 1 : 0);
}

const FittedLaw* best_of(const DeviceProfile& profile, LawKind kind, NumberFormat format,
                         const std::string& kernel_source) {
  const FittedLaw* best = nullptr;
  for (const FittedLaw& law : profile.laws) {
    if (law.kind != kind) continue;
    const int own = score(law, format, kernel_source);
    if (own < 0) continue;
    const int best_score = best ? score(*best, format, kernel_source) : -1;
    if (own > best_score || (own == best_score && law.points > best->points)) best = &law;
  }
  return best;
}

}  // namespace

std::vector<NumberFormat> gemm_stand_ins(NumberFormat format, bool native) {
  using enum NumberFormat;
  switch (format) {
    case fp32:
    case fp16:
    case bf16: return {format, bf16};
    case int4_weight:
    case mxfp4: return {format, int4_weight, mxfp4, int8_weight, bf16};
    case int8_weight: return {format, int4_weight, bf16};
    default: break;
  }
  if (!native) return {int8_weight, int4_weight, bf16};
  if (format == fp8) return {fp8, fp8_block, int8, bf16};
  if (format == fp8_block) return {fp8_block, fp8, int8, bf16};
  if (format == int8) return {int8, fp8, fp8_block, bf16};
  return {format, fp8, fp8_block, bf16};
}

std::vector<NumberFormat> attention_stand_ins(NumberFormat format) {
  using enum NumberFormat;
  if (format == fp32 || is_half(format)) return {format, bf16};
  return {format, fp8, int8, bf16};
}

LawChoice choose_law(const std::vector<ProfileLink>& chain, LawKind kind,
                     const std::vector<NumberFormat>& formats, const std::string& kernel_source) {
  for (const ProfileLink& link : chain) {
    for (const NumberFormat format : formats) {
      const FittedLaw* law = best_of(*link.profile, kind, format, kernel_source);
      if (!law) continue;
      return {.law = law,
              .link = &link,
              .other_source = law->kernel_source != kernel_source,
              .other_format = !alike(law->format, formats.front())};
    }
  }
  return {};
}

}  // namespace microdc
