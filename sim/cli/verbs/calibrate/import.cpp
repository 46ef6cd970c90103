#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "calibrate/import/formats.hpp"
#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/text_file.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/table.hpp"
#include "sim/cli/verbs/calibrate/calibrate.hpp"
#include "sim/report/measured/measured.hpp"

namespace microdc::cli {
namespace {

enum class FileKind { kernels, run, unknown };

/// What a file holds by its format, also if something in it is wrong. One that cannot be read
/// counts as kernels, whose import says why.
FileKind file_kind(const std::string& file) {
  const auto text = read_text_file(file);
  if (!text) return FileKind::kernels;
  for (const MeasuredFormat& format : measured_formats()) {
    if (format.recognises(*text)) return FileKind::run;
  }
  for (const KernelFormat& format : kernel_formats()) {
    if (format.recognises(*text)) return FileKind::kernels;
  }
  return FileKind::unknown;
}

/// "a of one; b of another": all formats of a registry.
template <class Formats>
std::string formats_text(const Formats& formats) {
  std::string text;
  for (const auto& format : formats) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", format.name, format.description);
  }
  return text;
}

Diagnostic unknown_format(const std::string& file) {
  return {.file = file,
          .message = "the format of these measurements is not known",
          .allowed = fmt::format("whole runs: {}; kernels: {}", formats_text(measured_formats()),
                                 formats_text(kernel_formats())),
          .fix =
              "write whole runs as CSV with the columns metric,value,unit, kernels as "
              "docs/calibrate.md says"};
}

/// Files of unknown format, and of both kinds.
Diagnostics check_file_kinds(const ImportWords& words, const std::vector<FileKind>& kinds) {
  Diagnostics findings;
  const auto runs = std::count(kinds.begin(), kinds.end(), FileKind::run);
  const auto kernels = std::count(kinds.begin(), kinds.end(), FileKind::kernels);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] == FileKind::unknown) findings.add(unknown_format(words.files[i]));
  }
  if (runs > 0 && kernels > 0) {
    findings.add({.message = "some files hold kernels and some hold end-to-end measurements",
                  .found = fmt::format("{} of {} end to end", runs, words.files.size()),
                  .fix = "import them one after the other"});
  }
  return findings;
}

std::string files_text(const std::vector<ImportedFile>& files) {
  std::vector<std::vector<std::string>> rows{{"file", "format", "rows", "usable"}};
  for (const ImportedFile& file : files) {
    rows.push_back({file.file, file.format, std::to_string(file.lines), std::to_string(file.rows)});
  }
  return text_table(rows) + "\n";
}

OrderedJson files_json(const std::vector<ImportedFile>& files) {
  OrderedJson list = OrderedJson::array();
  for (const ImportedFile& file : files) {
    OrderedJson dropped = OrderedJson::array();
    for (const auto& [reason, count] : file.dropped) {
      dropped.push_back({{"reason", reason}, {"count", count}});
    }
    list.push_back({{"file", file.file},
                    {"format", file.format},
                    {"rows", file.lines},
                    {"usable", file.rows},
                    {"dropped", std::move(dropped)}});
  }
  return list;
}

Answer import_tables(const ImportWords& words, const CommonOptions& common) {
  const auto hardware = HardwareCatalog::load(data_root() / "hwprofiles/catalog", common.hardware);
  if (!hardware) return Answer::failure(hardware.diagnostics());
  if (!words.on.empty()) {
    const Diagnostics unknown = check_device(*hardware, words.on);
    if (unknown.has_errors()) {
      Diagnostic error = unknown.items().front();
      error.place = "--on";
      return Answer::failure(Result<int>(std::move(error)).diagnostics());
    }
  }
  const std::vector<std::filesystem::path> files(words.files.begin(), words.files.end());
  const auto imported = import_kernels(files, {.device = words.on, .engine = words.engine});
  if (!imported) return Answer::failure(imported.diagnostics());
  const auto report = calibrate_from_rows(
      imported->table, files.size() == 1 ? files.front().string() : "the files together", *hardware,
      words.options);
  if (!report) return Answer::failure(report.diagnostics());
  Answer answer;
  answer.findings = imported.diagnostics();
  answer.findings.append(report.diagnostics());
  answer.text = files_text(imported->files) + calibration_text(*report);
  OrderedJson profiles = OrderedJson::array();
  for (const DeviceProfile& profile : report->profiles) {
    const OrderedJson written = write_fields(describing(profile));
    answer.files["profiles/" + profile.device + ".json"] = json_text(written);
    profiles.push_back(written);
  }
  answer.json = json_text({{"files", files_json(imported->files)},
                           {"rows", report->lines},
                           {"fitted_rows", report->fitted},
                           {"profiles", std::move(profiles)}});
  return answer;
}

}  // namespace

Answer import_measurements(const ImportWords& words, const CommonOptions& common,
                           std::ostream& progress) {
  std::vector<FileKind> kinds;
  for (const std::string& file : words.files) kinds.push_back(file_kind(file));
  const Diagnostics wrong = check_file_kinds(words, kinds);
  if (wrong.has_errors()) return Answer::failure(wrong);
  const bool runs = !kinds.empty() && kinds.front() == FileKind::run;
  return runs ? correct_engine(words, common, progress) : import_tables(words, common);
}

}  // namespace microdc::cli
