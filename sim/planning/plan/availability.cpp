#include "sim/planning/plan/availability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

struct FailuresFile {
  std::string description;
  FailureFigures figures;
};
void describe(FieldVisitor& v, FailuresFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  describe(v, file.figures);
}

}  // namespace

void describe(FieldVisitor& v, FailureFigures& figures) {
  v.figure({.name = "accelerator_failures_per_year",
            .label = "Failures per accelerator and year",
            .min = 0,
            .required = true},
           figures.accelerator_failures_per_year);
  v.figure({.name = "server_failures_per_year",
            .label = "Failures of the rest of a server per year",
            .min = 0,
            .required = true},
           figures.server_failures_per_year);
  v.figure({.name = "repair_time",
            .label = "Repair time",
            .dimension = Dimension::time,
            .min = 0,
            .required = true},
           figures.repair_time);
}

Result<FailureFigures> load_failure_figures(const std::filesystem::path& file) {
  const Result<Json> json = read_json_file(file);
  if (!json) return json.diagnostics();
  FailuresFile content;
  const Diagnostics findings = read_fields(content, *json, file.string());
  if (findings.has_errors()) return findings;
  return std::move(content.figures);
}

double server_availability(const ServerType& type, const FailureSpec& spec,
                           const FailureFigures& figures) {
  if (spec.server_mtbf) {
    return spec.server_mtbf->value() / (spec.server_mtbf->value() + spec.repair_time.value());
  }
  const double per_year =
      figures.server_failures_per_year->value +
      figures.accelerator_failures_per_year->value * static_cast<double>(type.accelerators);
  return 1 / (1 + per_year * figures.repair_time->value / seconds_per_year);
}

double availability_of_servers(double up, std::int64_t needed, std::int64_t spare) {
  const std::int64_t all = needed + spare;
  double sum = 0;
  double ways = 1;  // all over down
  for (std::int64_t down = 0; down <= spare; ++down) {
    sum += ways * std::pow(1 - up, static_cast<double>(down)) *
           std::pow(up, static_cast<double>(all - down));
    ways *= static_cast<double>(all - down) / static_cast<double>(down + 1);
  }
  return sum;
}

std::string availability_share_text(double availability) {
  constexpr int most_decimals = 6;
  constexpr double rounding = 1e-6;  // of doubles: 0.9995 is 99.95 %
  const double down = 100 * (1 - availability);
  if (down <= 0) return "100 %";
  const int first_digit = static_cast<int>(std::ceil(-std::log10(down) - rounding));
  if (first_digit > most_decimals) return "more than 99.999999 %";
  const double scale = std::pow(10.0, std::max(2, first_digit));
  return fmt::format("{:.8g} %", std::floor(100 * availability * scale + rounding) / scale);
}

std::string outage_text(double availability) {
  const double seconds = (1 - availability) * seconds_per_year;
  const auto [unit, name] = seconds >= 3600 ? std::pair(3600.0, "h")
                            : seconds >= 60 ? std::pair(60.0, "min")
                                            : std::pair(1.0, "s");
  return fmt::format("about {} {} a year without full service", rough_text(seconds / unit), name);
}

}  // namespace microdc
