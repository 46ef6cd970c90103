// GEMM law R7 (docs/laws.md).
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {
namespace {

/// Smallest weight dimension: below, kernels are latency experiments that no model layer resembles.
constexpr double min_dimension = 512;
/// Collectors that replay a CUDA graph rotate about this many copies of the weights: what fits the
/// last-level cache with that many copies was timed warm, while serving reads weights cold.
constexpr double rotated_copies = 5;

bool timed_warm(const KernelRow& row, const DeviceNumbers& device) {
  return row.method == "cuda_graph_mean" &&
         rotated_copies * row.n * row.k * bytes_per_element(row.format) < device.cache;
}

/// Fewest points that read weights and that multiply, without which one efficiency is a guess.
constexpr std::int64_t min_regime_points = 4;
/// Times this much below the datasheet roofline were served from a cache.
constexpr double impossible = 0.95;
/// Our own measurements rotate their operands past the caches, and their roofline may be no
/// datasheet's but the memory bandwidth of another moment of the same run.
bool timed_cold(const KernelRow& row) { return row.method == own_timing_method; }

bool covers_both_limits(const std::vector<FitPoint>& points) {
  const auto count = [&](const char* regime) {
    return std::count_if(points.begin(), points.end(),
                         [&](const FitPoint& point) { return point.regime == regime; });
  };
  return count("decode") >= min_regime_points && count("prefill") >= min_regime_points;
}

/// Index of the last parameters of law_parameters(gemm).
constexpr std::size_t quantisation_place = 6, row_place = 7;

/// Every law has the first six; those of CPUs also that of rows, those of formats that are
/// quantised on the fly that of quantisation.
void set_parameters(LawFit& fit, const DeviceNumbers& device, bool quantised,
                    const FittedLaw* half) {
  fit.parameters = starting_at(fit.kind, device, {3e-6, 1.5e-6, 0.75, 0.85, 2, 0.1, 0.9, 100});
  fit.places.resize(fit.parameters.size());
  std::iota(fit.places.begin(), fit.places.end(), std::size_t{0});
  const auto leave_out = [&](std::size_t place) {
    fit.parameters.erase(fit.parameters.begin() + static_cast<std::ptrdiff_t>(place));
    fit.places.erase(fit.places.begin() + static_cast<std::ptrdiff_t>(place));
  };
  if (!device.is_cpu) leave_out(row_place);
  if (!quantised) leave_out(quantisation_place);
  // Narrower operands cannot lengthen the loop over k; without this bound the separate quantisation
  // kernel of the collectors hides in the depth.
  if (quantised && half) fit.parameters[1].high = half->parameters[1].value;
}

/// Longest launch of a quantised kernel beyond the 16-bit one, and most traffic of quantisation (in
/// compulsory ones), that an engine sees: the collectors time a separate quantisation kernel that
/// engines fuse into the one before. Limits from fits to whole serving steps (docs/laws.md).
constexpr double extra_launch = 2e-6;
constexpr double most_quantisation = 1.5;

/// Takes what engines fuse away out of a fitted law. Its errors stay those of the measured kernels.
void remove_separate_quantisation(FittedLaw& law, const FittedLaw* half) {
  for (LawParameter& parameter : law.parameters) {
    if (parameter.name == "launch" && half) {
      parameter.value = std::min(parameter.value, half->parameters[0].value + extra_launch);
    }
    if (parameter.name == "quantisation") {
      parameter.value = std::min(parameter.value, most_quantisation);
    }
  }
}

}  // namespace

std::string gemm_regime(double m) { return m <= 64 ? "decode" : m <= 512 ? "mid" : "prefill"; }

std::optional<FittedLaw> fit_gemm(const std::vector<KernelRow>& rows, const DeviceNumbers& device,
                                  NumberFormat format, const FittedLaw* half,
                                  DroppedRows& dropped) {
  const bool quantised = quantises_activations(device, format);
  LawFit fit{.kind = LawKind::gemm,
             .shape_names = {"m", "n", "k"},
             .regimes = {"decode", "mid", "prefill"}};
  set_parameters(fit, device, quantised, half);
  const double peak = device.peak_of(format);
  for (const KernelRow& row : rows) {
    const Gemm gemm{.m = row.m,
                    .n = static_cast<std::int64_t>(row.n),
                    .k = static_cast<std::int64_t>(row.k),
                    .format = format};
    const double roofline =
        std::max(flop_of(gemm).value() / peak, bytes_of(gemm).value() / device.bandwidth);
    if (std::min(row.n, row.k) < min_dimension) {
      ++dropped["gemm with n or k below 512"];
    } else if (timed_warm(row, device)) {
      ++dropped["gemm timed with weights in the cache"];
    } else if (!timed_cold(row) && row.seconds < impossible * roofline) {
      ++dropped["gemm faster than the datasheet allows"];
    } else {
      fit.points.push_back({.seconds = row.seconds,
                            .roofline = roofline,
                            .key = fmt::format("{}/{}", row.n, row.k),
                            .regime = gemm_regime(row.m),
                            .shape = {row.m, row.n, row.k}});
    }
  }
  if (fit.points.size() < min_fit_points || !covers_both_limits(fit.points)) {
    dropped[too_few_rows] += static_cast<std::int64_t>(fit.points.size());
    return std::nullopt;
  }
  fit.law = [&](std::span<const double> theta) -> PointPredictor {
    return [c = gemm_coefficients(theta, device, format), &fit](std::size_t i) {
      const auto& shape = fit.points[i].shape;
      return gemm_seconds(c, shape[0], shape[1], shape[2]);
    };
  };
  FittedLaw law = fit_law(fit);
  if (quantised) remove_separate_quantisation(law, half);
  return law;
}

}  // namespace microdc
