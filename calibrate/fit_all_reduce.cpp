// All-reduce law alpha + gamma sqrt(S) + 2 (n-1)/n S/beta of one group size (docs/laws.md).
#include <fmt/format.h>

#include "calibrate/law_fit.hpp"
#include "hwprofiles/laws/coefficients.hpp"

namespace microdc {

std::string all_reduce_regime(double message) { return message <= 64 * 1024 ? "small" : "large"; }

std::optional<FittedLaw> fit_all_reduce(const std::vector<KernelRow>& rows,
                                        const DeviceNumbers& device, DroppedRows& dropped) {
  LawFit fit{.kind = LawKind::all_reduce,
             .parameters = starting_at(LawKind::all_reduce, device, {8e-6, 5e-9, 2e11}),
             .shape_names = {"message"},
             .regimes = {"small", "large"}};
  for (const KernelRow& row : rows) {
    const double traffic = 2 * (row.group - 1) / row.group * row.message;
    const double link = device.link_bandwidth;
    fit.points.push_back({.seconds = row.seconds,
                          .roofline = link > 0 ? traffic / link : 0,
                          .key = fmt::format("{}", row.message),
                          .regime = all_reduce_regime(row.message),
                          .shape = {row.message}});
  }
  if (fit.points.size() < min_fit_points) {
    dropped[too_few_rows] += static_cast<std::int64_t>(fit.points.size());
    return std::nullopt;
  }
  const double group = rows.front().group;
  fit.law = [&](std::span<const double> theta) -> PointPredictor {
    return [c = all_reduce_coefficients(theta), group, &fit](std::size_t i) {
      return all_reduce_seconds(c, fit.points[i].shape[0], group);
    };
  };
  FittedLaw law = fit_law(fit);
  law.group = static_cast<std::int64_t>(group);
  return law;
}

}  // namespace microdc
