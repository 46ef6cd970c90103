// The table of docs/calibrate.md: one row per kernel, columns by name.
#include <algorithm>
#include <array>

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

/// A CSV header with one of the columns that this table alone needs always; errors name the
/// others.
bool recognises_kernel_table(std::string_view text) {
  std::string header = "," + std::string(text.substr(0, text.find('\n'))) + ",";
  std::erase_if(header, [](char c) { return c == ' ' || c == '\r' || c == '"'; });
  constexpr std::array columns{",gpu,", ",op,", ",latency_us,"};
  return std::any_of(columns.begin(), columns.end(),
                     [&](const char* column) { return header.find(column) != std::string::npos; });
}

}  // namespace

KernelFormat kernel_table_format() {
  return {"kernels", "CSV with one row per kernel (docs/calibrate.md)", recognises_kernel_table,
          read_kernels};
}

}  // namespace microdc
