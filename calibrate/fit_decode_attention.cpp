// Decode attention law D5 (docs/laws.md).
#include <fmt/format.h>

#include <algorithm>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {
namespace {

/// Shorter contexts are dominated by the paging granularity of the cache.
constexpr double min_context = 64;
/// KV of at least this many last-level caches is surely read from memory.
constexpr double cold_caches = 4;

struct DecodeWork {
  double flop, bytes, items;
};

}  // namespace

std::string decode_regime(double kv_bytes, double cache) {
  return kv_bytes >= cold_caches * cache ? "cold" : "cached";
}

std::optional<FittedLaw> fit_decode_attention(const std::vector<KernelRow>& rows,
                                              const DeviceNumbers& device, NumberFormat kv_format,
                                              DroppedRows& dropped) {
  LawFit fit{
      .kind = LawKind::decode_attention,
      .parameters = starting_at(LawKind::decode_attention, device, {10e-6, 1e-6, 0.3, 0.9, 0.5, 2}),
      .shape_names = {"sequences", "context"},
      .regimes = {"cached", "cold"}};
  std::vector<DecodeWork> work;
  for (const KernelRow& row : rows) {
    if (row.context < min_context) {
      ++dropped["decode attention with a context below 64 tokens"];
      continue;
    }
    const DecodeAttention op{.sequences = row.batch,
                             .kv_tokens = row.batch * row.context,
                             .q_heads = static_cast<int>(row.q_heads),
                             .kv_heads = static_cast<int>(row.kv_heads),
                             .qk_dim = static_cast<int>(row.head_dim),
                             .v_dim = static_cast<int>(row.head_dim),
                             .kv_format = kv_format};
    work.push_back({flop_of(op).value(), bytes_of(op).value(), row.batch * row.kv_heads});
    fit.points.push_back(
        {.seconds = row.seconds,
         .roofline = std::max(work.back().flop / device.peak_of(NumberFormat::bf16),
                              work.back().bytes / device.bandwidth),
         .key = fmt::format("{}/{}/{}", row.context, row.q_heads, row.kv_heads),
         .regime = decode_regime(work.back().bytes, device.cache),
         .shape = {row.batch, row.context}});
  }
  if (fit.points.size() < min_fit_points) {
    dropped[too_few_rows] += static_cast<std::int64_t>(fit.points.size());
    return std::nullopt;
  }
  fit.law = [&](std::span<const double> theta) -> PointPredictor {
    return [c = decode_coefficients(theta, device), &work](std::size_t i) {
      return decode_seconds(c, work[i].flop, work[i].bytes, work[i].items);
    };
  };
  return fit_law(fit);
}

}  // namespace microdc
