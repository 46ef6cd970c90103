// Prefill attention law P5 (docs/laws.md).
#include <fmt/format.h>

#include <algorithm>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {
namespace {

/// Fewer queries per sequence are decode kernels under another name.
constexpr double min_queries = 16;

PrefillWork prefill_work_of(const KernelRow& row, NumberFormat kv_format) {
  const int dim = static_cast<int>(row.head_dim);
  return prefill_work({.new_tokens = row.queries,
                       .context_tokens = row.context,
                       .q_heads = static_cast<int>(row.q_heads),
                       .kv_heads = static_cast<int>(row.kv_heads),
                       .qk_dim = dim,
                       .v_dim = dim,
                       .kv_format = kv_format},
                      row.batch);
}

/// Every law has the first seven; those of CPUs also what their kernels do beyond F.
std::vector<double> starts_of(const DeviceNumbers& device) {
  std::vector<double> starts{10e-6, 0.1e-6, 0.6, 0.8, 0.5, 1.2, 2};
  if (device.is_cpu) starts.insert(starts.end(), {16, 60});
  return starts;
}

}  // namespace

std::string prefill_regime(double queries) { return queries <= 1024 ? "short" : "long"; }

std::optional<FittedLaw> fit_prefill_attention(const std::vector<KernelRow>& rows,
                                               const DeviceNumbers& device, NumberFormat kv_format,
                                               DroppedRows& dropped) {
  LawFit fit{.kind = LawKind::prefill_attention,
             .parameters = starting_at(LawKind::prefill_attention, device, starts_of(device)),
             .shape_names = {"queries", "context"},
             .regimes = {"short", "long"}};
  std::vector<PrefillWork> work;
  for (const KernelRow& row : rows) {
    if (row.queries < min_queries) {
      ++dropped["prefill attention with fewer than 16 queries"];
      continue;
    }
    work.push_back(prefill_work_of(row, kv_format));
    fit.points.push_back(
        {.seconds = row.seconds,
         .roofline = std::max(work.back().flop / device.peak_of(NumberFormat::bf16),
                              work.back().bytes / device.bandwidth),
         .key = fmt::format("{}/{}/{}", row.queries, row.q_heads, row.kv_heads),
         .regime = prefill_regime(row.queries),
         .shape = {row.queries, row.context}});
  }
  if (fit.points.size() < min_fit_points) {
    dropped[too_few_rows] += static_cast<std::int64_t>(fit.points.size());
    return std::nullopt;
  }
  fit.law = [&](std::span<const double> theta) -> PointPredictor {
    return [c = prefill_coefficients(theta, device), &work](std::size_t i) {
      return prefill_seconds(c, work[i]);
    };
  };
  return fit_law(fit);
}

}  // namespace microdc
