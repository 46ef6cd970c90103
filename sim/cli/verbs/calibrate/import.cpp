#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "calibrate/import/formats.hpp"
#include "hwprofiles/base/json_io.hpp"
#include "sim/cli/findings_json.hpp"
#include "sim/cli/table.hpp"
#include "sim/cli/verbs/calibrate/calibrate.hpp"
#include "sim/report/measured/measured.hpp"

namespace microdc::cli {
namespace {

/// Whether a file holds an end-to-end measurement instead of kernels.
bool is_end_to_end(const std::string& file) { return read_measured(file).ok(); }

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
    answer.files[profile.device + ".json"] = json_text(written);
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
  const auto end_to_end = std::count_if(words.files.begin(), words.files.end(), is_end_to_end);
  if (end_to_end == 0) return import_tables(words, common);
  if (end_to_end == static_cast<std::ptrdiff_t>(words.files.size())) {
    return correct_engine(words, common, progress);
  }
  Diagnostics findings;
  findings.add({.message = "some files hold kernels and some hold end-to-end measurements",
                .found = fmt::format("{} of {} end to end", end_to_end, words.files.size()),
                .fix = "import them one after the other"});
  return Answer::failure(findings);
}

}  // namespace microdc::cli
