// The report of a measured machine: text for people, JSON for programs, a page with pictures.
#pragma once

#include <string>

#include "calibrate/measure/analysis.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc {

std::string measurement_text(const MeasurementAnalysis& analysis);
OrderedJson measurement_json(const MeasurementAnalysis& analysis);
/// A page that needs nothing else: tables, the roofline and fitted against measured times as SVG.
std::string measurement_html(const MeasurementAnalysis& analysis);

/// Share of law points within the 90 % interval of their law (held-out quantile of their regime).
struct Coverage {
  std::int64_t points = 0, inside = 0;
  [[nodiscard]] double share() const {
    return points > 0 ? static_cast<double>(inside) / static_cast<double>(points) : 0;
  }
};
Coverage coverage_of(const MeasurementAnalysis& analysis);

}  // namespace microdc
