// The table of docs/calibrate.md: one row per kernel, columns by name.
#include "calibrate/import/formats.hpp"

namespace microdc {
namespace {

Result<KernelTable> read_kernels(std::string_view text, const std::string& name,
                                 const ImportOptions& options) {
  auto table = parse_kernel_table(text, name);
  if (!table) return table;
  for (KernelRow& row : table->rows) {
    if (!options.device.empty()) row.device = options.device;
    if (!options.engine.empty()) row.engine = options.engine;
  }
  return table;
}

/// A CSV header that any other format would not have. Also the last resort for CSV files, because
/// its errors name the columns that are missing.
bool recognises_kernel_table(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  return header.find(',') != std::string_view::npos && header.find('{') == std::string_view::npos;
}

}  // namespace

KernelFormat kernel_table_format() {
  return {"kernels", "CSV with one row per kernel (docs/calibrate.md)", recognises_kernel_table,
          read_kernels};
}

}  // namespace microdc
