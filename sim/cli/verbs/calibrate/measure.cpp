#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <ostream>

#include "calibrate/law_fit.hpp"
#include "calibrate/measure/devices.hpp"
#include "calibrate/measure/measurement_report.hpp"
#include "calibrate/measure/power_fit.hpp"
#include "calibrate/measure/session.hpp"
#include "hwprofiles/base/quantity_text.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/verbs/calibrate/calibrate.hpp"
#include "sim/cli/verbs/calibrate/served_rates.hpp"

namespace microdc::cli {
namespace {

namespace fs = std::filesystem;

Result<MeasureSettings> settings_of(const MeasureWords& words, const MeasuredMachine& machine) {
  MeasureSettings settings =
      measure_settings(machine.is_cpu, machine.quick, static_cast<std::uint64_t>(machine.seed));
  if (words.limit.empty()) return settings;
  const auto limit = parse_quantity(words.limit, Dimension::time);
  if (limit && limit->value >= 10) {
    settings.time_limit = limit->value;
    return settings;
  }
  Diagnostic error{.message = "the time is too short to measure anything",
                   .found = words.limit,
                   .allowed = "10 s and more"};
  if (!limit) error = limit.diagnostics().items().front();
  error.place = "--limit";
  return error;
}

/// The folder of -o, else one named like the device in the working folder.
fs::path folder_of(const CommonOptions& common, const MeasureWords& words) {
  if (!common.folder.empty()) return common.folder;
  std::string name = "calibration-" + words.device;
  for (char& c : name) {
    if (c == ':') c = '-';
  }
  return name;
}

template <Described T>
void add_file(const fs::path& path, const T& item, Diagnostics& findings) {
  findings.append(write_file_atomically(path, json_text(write_fields(describing(item)))));
}

/// The law from measured energy, on the floor of the law that the device has so far; null without.
std::optional<PowerLaw> power_of(const MeasurementAnalysis& analysis,
                                 const HardwareCatalog& hardware) {
  const auto store = ProfileStore::load(data_root() / "hwprofiles/catalog/profiles");
  const auto device = device_numbers(with_entry(hardware, analysis.entry), analysis.entry.name);
  if (!store || !device) return std::nullopt;
  const PowerLaw* base = store->power(analysis.entry.name);
  const std::string_view other = device->is_cpu ? generic_cpu_profile : generic_power_law;
  if (!base) base = store->power(std::string(other));
  if (!base) return std::nullopt;
  return fit_power(analysis.loads, *device, *base, analysis.machine.date);
}

/// Everything that can be computed again from the results.
Diagnostics write_outputs(const fs::path& folder, const MeasurementAnalysis& analysis,
                          const HardwareCatalog& hardware, const std::string& text,
                          const std::string& json) {
  Diagnostics findings;
  const DeviceEntry& entry = analysis.entry;
  if (entry.cpu) add_file(folder / "cpus" / (entry.name + ".json"), *entry.cpu, findings);
  if (entry.accelerator) {
    add_file(folder / "accelerators" / (entry.name + ".json"), *entry.accelerator, findings);
  }
  if (entry.server) {
    add_file(folder / "servers" / (entry.server->name + ".json"), *entry.server, findings);
  }
  findings.append(write_profiles(analysis.calibration, folder / "profiles"));
  if (const auto power = power_of(analysis, hardware)) {
    add_file(folder / "profiles/power" / (power->device + ".json"), *power, findings);
  }
  findings.append(write_file_atomically(folder / "report.txt", text));
  findings.append(write_file_atomically(folder / "report.json", json));
  findings.append(write_file_atomically(folder / "report.html", measurement_html(analysis)));
  return findings;
}

/// How to use what was written.
std::string usage_text(const fs::path& folder, const MeasurementAnalysis& analysis) {
  std::string text = fmt::format(
      "\nWritten into {0}: profiles/{1}.json, report.html, kernels.csv and more.\n"
      "To use it: microdc simulate SCENARIO --hardware {0}\n",
      folder.string(), analysis.entry.name);
  if (analysis.entry.server) {
    text += fmt::format("  with servers of type \"{}\" and an engine for CPUs (cpu-native)\n",
                        analysis.entry.server->name);
  } else if (!analysis.entry.known) {
    text += fmt::format("  with a server file of yours in {}/servers that holds \"{}\"\n",
                        folder.string(), analysis.entry.name);
  }
  return text;
}

Diagnostics outcome_findings(const MeasureOutcome& outcome, const fs::path& folder) {
  Diagnostics findings = outcome.findings;
  if (outcome.cancelled) {
    findings.add({.severity = Severity::warning,
                  .file = (folder / ResultStore::results_name).string(),
                  .message = "interrupted: what was measured is kept",
                  .found = fmt::format("{} points", outcome.kept + outcome.measured),
                  .fix = "the same command goes on"});
  } else if (outcome.skipped > 0) {
    findings.add({.severity = Severity::warning,
                  .message = "the time limit left points out, of all laws alike",
                  .found = fmt::format("{} points", outcome.skipped),
                  .fix = "the same command measures them, or give it more time with --limit"});
  }
  return findings;
}

/// A law that is missing is borrowed from elsewhere, which nobody would notice.
Diagnostics unfitted_findings(const CalibrationReport& report) {
  Diagnostics findings;
  for (const UnfittedLaw& law : report.unfitted) {
    findings.add(
        {.severity = Severity::warning,
         .place = law.name,
         .message = "too few points for this law: simulations will borrow another one",
         .found = fmt::format("{} points", law.points),
         .allowed = fmt::format("{}, of GEMM 4 at m <= 64 and 4 above 512", min_fit_points),
         .fix = "the same command measures what is missing; --limit gives it more time"});
  }
  return findings;
}

}  // namespace

Answer measure(const MeasureWords& words, const CommonOptions& common, std::ostream& progress) {
  const auto hardware = HardwareCatalog::load(data_root() / "hwprofiles/catalog");
  if (!hardware) return Answer::failure(hardware.diagnostics());
  const auto tiles = further_tiles_of(words.tiles);
  if (!tiles) return Answer::failure(tiles.diagnostics());
  const auto device = open_device(words.device, *tiles);
  if (!device) return Answer::failure(device.diagnostics());
  const MeasuredMachine machine =
      machine_of(**device, words.quick, common.seed.value_or(1), *tiles);
  const auto settings = settings_of(words, machine);
  if (!settings) return Answer::failure(settings.diagnostics());
  const fs::path folder = folder_of(common, words);
  if (words.resume && !fs::exists(folder / ResultStore::results_name)) {
    return Answer::failure(Result<int>(Diagnostic{.file = folder.string(),
                                                  .place = "--resume",
                                                  .message = "there are no results to go on with",
                                                  .fix = "leave out --resume, or name the folder"})
                               .diagnostics());
  }
  auto store = ResultStore::open(folder, machine);
  if (!store) return Answer::failure(store.diagnostics());

  const InterruptGuard guard;
  Answer answer;
  {
    Progress bar(progress, "calibrated", words.quiet);
    const MeasureControl control{
        .clock = system_clock_of_process(),
        .cancelled = [] { return InterruptGuard::flag()->load(); },
        .progress = [&](double share, const std::string&) { bar.show(share); }};
    const MeasureOutcome outcome = measure_device(**device, *store, *settings, control);
    answer.findings = device.diagnostics();
    answer.findings.append(outcome_findings(outcome, folder));
    if (outcome.cancelled) answer.exit_code = exit_interrupted;
    if (outcome.cancelled || answer.findings.has_errors()) return answer;
  }
  const auto analysis = analyse_measurements(*store, *hardware);
  answer.findings.append(analysis.diagnostics());
  if (!analysis) return answer;
  answer.findings.append(unfitted_findings(analysis->calibration));
  const std::string text = measurement_text(*analysis);
  answer.json = json_text(measurement_json(*analysis));
  answer.findings.append(write_outputs(folder, *analysis, *hardware, text, answer.json));
  answer.text = text;
  if (machine.is_cpu) answer.text += served_rates_text(folder, analysis->entry.name);
  answer.text += usage_text(folder, *analysis);
  return answer;
}

}  // namespace microdc::cli
