// Elementwise law t0 + B/(f W) (docs/laws.md).
#include <fmt/format.h>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {

std::optional<FittedLaw> fit_elementwise(const std::vector<KernelRow>& rows,
                                         const DeviceNumbers& device, DroppedRows& dropped) {
  LawFit fit{.kind = LawKind::elementwise,
             .parameters = starting_at(LawKind::elementwise, device, {2e-6, 0.6}),
             .shape_names = {"bytes"},
             .regimes = {"all"}};
  for (const KernelRow& row : rows) {
    fit.points.push_back({.seconds = row.seconds,
                          .roofline = row.bytes / device.bandwidth,
                          .key = fmt::format("{}/{}", row.m, row.n),
                          .regime = "all",
                          .shape = {row.bytes}});
  }
  if (fit.points.size() < min_fit_points) {
    dropped[too_few_rows] += static_cast<std::int64_t>(fit.points.size());
    return std::nullopt;
  }
  fit.law = [&](std::span<const double> theta) -> PointPredictor {
    return [c = elementwise_coefficients(theta, device), &fit](std::size_t i) {
      return elementwise_seconds(c, fit.points[i].shape[0]);
    };
  };
  return fit_law(fit);
}

}  // namespace microdc
