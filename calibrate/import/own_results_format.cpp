// The file of results of `microdc calibrate --device`: only points of laws count, passes as one.
#include "calibrate/import/formats.hpp"
#include "calibrate/measure/analysis.hpp"
#include "hwprofiles/base/csv_table.hpp"

namespace microdc {
namespace {

/// The file belongs to no run that would go on.
Diagnostics damaged_lines(const Diagnostics& errors) {
  Diagnostics findings;
  for (Diagnostic error : errors.items()) {
    if (!error.fix.empty())
      error.fix = "remove the line, or measure it again and import the result";
    findings.add(std::move(error));
  }
  return findings;
}

Result<KernelTable> read_own_results(std::string_view text, const std::string& name,
                                     const ImportOptions& options) {
  const auto points = parse_results(text, name);
  if (!points) return damaged_lines(points.diagnostics());
  std::string device = options.device;
  if (device.empty()) {
    const auto csv = CsvTable::parse(text, name);
    if (csv && csv->size() > 0) device = csv->text(0, "gpu");
  }
  KernelTable table = law_rows(*points, device);
  if (table.rows.empty()) return no_usable_row(name, table);
  return table;
}

}  // namespace

KernelFormat own_results_format() {
  return {"microdc-results", "results of `microdc calibrate --device`", is_results_header,
          read_own_results};
}

}  // namespace microdc
