#include <fmt/format.h>

#include <system_error>

#include "calibrate/calibration.hpp"
#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

std::string percent(const std::optional<ErrorSummary>& summary) {
  if (!summary) return fmt::format("{:>13}", "–");
  return fmt::format("{:>5.1f} /{:>6.1f}", 100 * summary->median, 100 * summary->p90);
}

std::string law_line(const DeviceProfile& profile, const FittedLaw& law) {
  std::string kind(law_kind_names()[static_cast<std::size_t>(law.kind)]);
  if (law.group > 0) kind += fmt::format(" n={}", law.group);
  return fmt::format("{:<22} {:<20} {:<20} {:<12} {:>6}  {}  {}  {}\n", profile.device, kind,
                     law.kernel_source, name_of(law.format), law.points, percent(law.in_sample),
                     percent(law.held_out), percent(law.roofline));
}

}  // namespace

std::string calibration_text(const CalibrationReport& report) {
  std::string text = fmt::format(
      "Relative error of kernel times, median / 90 % quantile in %\n"
      "{:<22} {:<20} {:<20} {:<12} {:>6}  {:>13}  {:>13}  {:>13}\n",
      "device", "law", "kernels of", "format", "points", "fitted", "held out", "datasheet");
  for (const DeviceProfile& profile : report.profiles) {
    for (const FittedLaw& law : profile.laws) text += law_line(profile, law);
  }
  text += fmt::format("\n{} rows read, {} fitted\n", report.lines, report.fitted);
  for (const auto& [reason, count] : report.dropped) {
    text += fmt::format("{:>6} left out: {}\n", count, reason);
  }
  return text;
}

Diagnostics write_profiles(const CalibrationReport& report, const std::filesystem::path& folder) {
  Diagnostics diagnostics;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    diagnostics.add({.file = folder.string(),
                     .message = "the folder cannot be created",
                     .found = error.message()});
    return diagnostics;
  }
  for (const DeviceProfile& profile : report.profiles) {
    diagnostics.append(
        write_file_atomically(folder / (profile.device + ".json"), profile_text(profile)));
  }
  return diagnostics;
}

}  // namespace microdc
