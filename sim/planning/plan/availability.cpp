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

/// Failures that servers share (of firmware, of a release, by hand) are not counted: what is more
/// than this is not claimed.
constexpr double most_availability = 0.9999;
constexpr double rounding = 1e-10;  // of doubles: 0.9995 is 99.95 %

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
  if (availability > most_availability + rounding) return "more than 99.99 %";
  return fmt::format("{:g} %", std::floor(1e4 * (availability + rounding)) / 100);
}

std::string outage_time_text(double availability) {
  const double seconds = (1 - availability) * seconds_per_year;
  return seconds >= 3600 ? rough_text(seconds / 3600) + " h" : rough_text(seconds / 60) + " min";
}

std::string outage_text(double availability) {
  const bool more = availability > most_availability + rounding;
  return fmt::format("{} {} a year without full service", more ? "less than" : "about",
                     outage_time_text(more ? most_availability : availability));
}

std::string all_needed_text(std::int64_t needed, std::int64_t spare) {
  if (needed < 2) return "";
  return fmt::format("{} servers have to work{}, and the more have to, the more often one fails",
                     needed, spare > 0 ? fmt::format(" of {}", needed + spare) : " at once");
}

}  // namespace microdc
