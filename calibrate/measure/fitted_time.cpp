#include "calibrate/measure/fitted_time.hpp"

#include "calibrate/law_fit.hpp"
#include "calibrate/measure/plan.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {
namespace {

using kernels::Operation;

std::optional<LawKind> kind_of(Operation operation) {
  switch (operation) {
    case Operation::gemm: return LawKind::gemm;
    case Operation::attention_decode: return LawKind::decode_attention;
    case Operation::attention_prefill: return LawKind::prefill_attention;
    case Operation::elementwise_norm:
    case Operation::elementwise_act:
    case Operation::elementwise_rope:
    case Operation::elementwise_quantise: return LawKind::elementwise;
    case Operation::all_reduce: return LawKind::all_reduce;
    default: return std::nullopt;
  }
}

std::string regime_of(LawKind kind, const DeviceNumbers& device, const MeasuredPoint& point) {
  const kernels::Shape& s = point.shape;
  switch (kind) {
    case LawKind::gemm: return gemm_regime(static_cast<double>(s.m));
    case LawKind::decode_attention:
      return decode_regime(work_of({point.operation, point.format, s}).bytes, device.cache);
    case LawKind::prefill_attention: return prefill_regime(static_cast<double>(s.queries));
    case LawKind::elementwise: return "all";
    case LawKind::all_reduce: return all_reduce_regime(static_cast<double>(s.bytes));
  }
  return {};
}

}  // namespace

const FittedLaw* law_of(const DeviceProfile& profile, const MeasuredPoint& point) {
  const auto kind = kind_of(point.operation);
  const auto format = parse_number_format(point.format);
  if (!kind) return nullptr;
  // Elementwise work and collectives have one law for all formats.
  const bool by_format = *kind != LawKind::elementwise && *kind != LawKind::all_reduce;
  for (const FittedLaw& law : profile.laws) {
    if (law.kind != *kind || law.kernel_source != point.source) continue;
    if (by_format && (!format || law.format != *format)) continue;
    if (*kind == LawKind::all_reduce && law.group != point.shape.group) continue;
    return &law;
  }
  return nullptr;
}

std::optional<double> interval_90(const FittedLaw& law, const DeviceNumbers& device,
                                  const MeasuredPoint& point) {
  const std::string regime = regime_of(law.kind, device, point);
  std::optional<double> widest;
  for (const RegimeError& error : law.regimes) {
    if (error.name == regime) return error.q90;
    if (!widest || error.q90 > *widest) widest = error.q90;
  }
  return widest;
}

std::optional<double> fitted_seconds(const DeviceProfile& profile, const DeviceNumbers& device,
                                     const MeasuredPoint& point) {
  const FittedLaw* law = law_of(profile, point);
  if (!law) return std::nullopt;
  const std::vector<double> theta = law->theta();
  const kernels::Shape& s = point.shape;
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  const ShapeWork work = work_of({point.operation, point.format, s});
  switch (law->kind) {
    case LawKind::gemm:
      return gemm_seconds(gemm_coefficients(theta, device, law->format), number(s.m), number(s.n),
                          number(s.k));
    case LawKind::decode_attention:
      return decode_seconds(decode_coefficients(theta, device), work.flop, work.bytes,
                            number(s.batch * s.kv_heads));
    case LawKind::prefill_attention:
      return prefill_seconds(prefill_coefficients(theta, device),
                             prefill_work({.new_tokens = number(s.queries),
                                           .context_tokens = number(s.context),
                                           .q_heads = static_cast<int>(s.q_heads),
                                           .kv_heads = static_cast<int>(s.kv_heads),
                                           .qk_dim = static_cast<int>(s.head_dim),
                                           .v_dim = static_cast<int>(s.head_dim),
                                           .kv_format = law->format},
                                          number(s.batch)));
    case LawKind::elementwise:
      return elementwise_seconds(elementwise_coefficients(theta, device), point.bytes);
    case LawKind::all_reduce:
      return all_reduce_seconds(all_reduce_coefficients(theta), number(s.bytes), number(s.group));
  }
  return std::nullopt;
}

}  // namespace microdc
