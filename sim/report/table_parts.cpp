#include "sim/report/table_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

template <class Text>
std::string known_or(const std::optional<double>& value, Text text,
                     const std::vector<std::string>& missing) {
  return value ? text(*value) : not_known_text(missing);
}

/// What runs the models, for people.
std::string devices_word(const SimulationResult& result) {
  const bool cpus = !result.replicas.empty() &&
                    std::all_of(result.replicas.begin(), result.replicas.end(),
                                [](const ReplicaResult& replica) { return replica.cpu_serves; });
  return cpus ? "CPUs" : "accelerators";
}

/// "servers × PUE 1.60"
std::string facility_text(const Scenario& scenario) {
  const double pue = scenario.sites.empty() ? 0 : scenario.sites.front().pue;
  const bool one = std::all_of(scenario.sites.begin(), scenario.sites.end(),
                               [&](const SiteSpec& site) { return site.pue == pue; });
  return one ? fmt::format("servers × PUE {}", rounded_text(pue)) : "servers × each site's PUE";
}

std::string measured_value(const MeasuredMetric& metric, double value) {
  if (metric.path.starts_with("requests.")) return count_text(std::llround(value));
  if (metric.path.starts_with("latency.")) return duration_text(value);
  return rounded_text(value);
}

/// Of a prediction: "+12.3 %"; tenfold and more: "× 4,850".
std::string error_text(double error) {
  return error < 9 ? fmt::format("{:+.1f} %", error * 100)
                   : fmt::format("× {}", rounded_text(1 + error));
}

}  // namespace

std::string power_section(const Report& report, const Figures& figures) {
  const std::vector<std::string> missing = missing_of(report);
  const auto power = [&](const char* path) {
    return known_or(figures.value(path), power_text, missing);
  };
  const auto energy = [&](const char* path) {
    return known_or(figures.value(path), energy_text, missing);
  };
  const std::string devices = devices_word(report.result);
  Pairs rows{{"IT power, mean", power("power.mean_w")},
             {"IT power, highest", power("power.peak_w")},
             {"IT power, on but idle", power("power.idle_w")},
             {"energy, " + devices, energy("energy.accelerator_kwh")},
             {"energy, servers", energy("energy.it_kwh")},
             {"energy, facility", energy("energy.facility_kwh")}};
  if (figures.value("energy.facility_kwh")) {
    rows.back().second += fmt::format(" ({})", facility_text(report.scenario));
  }
  if (const auto joules = figures.value("energy.accelerator_j_per_output_token")) {
    rows.emplace_back(devices + " per answer token", rounded_text(*joules) + " J");
  }
  if (const auto carbon = figures.value("energy.carbon_kg")) {
    rows.emplace_back("carbon", rounded_text(*carbon) + " kg CO2e");
  }
  return "\nPower and energy\n" + labelled(rows);
}

std::string measured_section(const MeasuredComparison& comparison,
                             const std::optional<Bands>& bands) {
  std::vector<std::vector<std::string>> rows{{"", "measured", "predicted", "error"}};
  if (bands) rows.front().insert(rows.front().end(), {"P10", "P90"});
  for (const ComparedMetric& metric : comparison.metrics) {
    const MeasuredMetric& measured = metric.measured;
    rows.push_back(
        {measured.path, measured_value(measured, measured.value),
         metric.predicted ? measured_value(measured, *metric.predicted) : "not predicted",
         metric.error ? error_text(*metric.error) : "–"});
    const Band* band = bands ? bands->find(measured.path) : nullptr;
    if (band == nullptr) continue;
    rows.back().push_back(measured_value(measured, band->p10));
    rows.back().push_back(measured_value(measured, band->p90));
  }
  return fmt::format("\nBeside the measurement in {} ({})\n", comparison.file, comparison.format) +
         aligned(rows);
}

}  // namespace microdc
