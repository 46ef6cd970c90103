#include "tests/unit/worked/support.hpp"

namespace microdc::testing {

Trends still() {
  Trends trends = *trend_catalog();
  for (Trend& trend : trends.trends) {
    trend.per_year = Figure{.value = 1};
    trend.noise = 0;
  }
  trends.smallest_model = Figure{.value = 1e-6};
  return trends;
}

Figure& rate(Trends& trends, TrendName name) {
  return *trends.trends[static_cast<std::size_t>(name)].per_year;
}

OperatingGrid one_point() {
  OperatingPoint point{.within = 1, .ttft = 0.2, .energy = 1000, .energy_cost = 250, .carbon = 0.4};
  return {{.loads = {1}, .sizes = {1}, .hardware = {{}}, .progress = {1}}, 0.95, {point}};
}

}  // namespace microdc::testing
