#include "sim/report/bands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/number_text.hpp"

namespace microdc {

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

Bands bands_of(const std::vector<std::map<std::string, double>>& replications) {
  Bands bands{.samples = static_cast<std::int64_t>(replications.size())};
  if (replications.empty()) return bands;
  for (const auto& [path, first] : replications.front()) {
    std::vector<double> values;
    for (const auto& figures : replications) {
      const auto at = figures.find(path);
      if (at != figures.end()) values.push_back(at->second);
    }
    if (values.size() != replications.size()) continue;
    bands.figures[path] = {quantile(values, 0.1), quantile(values, 0.5), quantile(values, 0.9)};
  }
  return bands;
}

std::string draws_text(const Band& band, std::int64_t draws,
                       const std::function<std::string(double)>& text) {
  return fmt::format(" ({} in the middle of {} draws, {} to {} in 8 of 10)", text(band.p50),
                     count_text(draws), text(band.p10), text(band.p90));
}

}  // namespace microdc
