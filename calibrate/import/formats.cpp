#include "calibrate/import/formats.hpp"

#include <fmt/format.h>

#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

Diagnostic unknown_format(const std::string& name) {
  std::vector<std::string> names;
  for (const KernelFormat& format : kernel_formats()) names.emplace_back(format.name);
  return {.file = name,
          .message = "the format of these measurements is not known",
          .allowed = join_names(names),
          .fix = "write a table with the columns of docs/calibrate.md"};
}

}  // namespace

const std::vector<KernelFormat>& kernel_formats() {
  static const std::vector<KernelFormat> all{own_results_format(), vidur_mlp_format(),
                                             vidur_attention_format(), nvbench_format(),
                                             kernel_table_format()};
  return all;
}

Diagnostic device_is_needed(const std::string& name) {
  return {.file = name,
          .message = "this file does not say which device it is of",
          .fix = "name it with --on, e.g. --on h100-sxm-80gb"};
}

Result<ImportedKernels> import_kernels(const std::vector<std::filesystem::path>& files,
                                       const ImportOptions& options) {
  ImportedKernels imported;
  Diagnostics findings;
  for (const std::filesystem::path& path : files) {
    const auto text = read_text_file(path);
    findings.append(text.diagnostics());
    if (!text) continue;
    const KernelFormat* format = nullptr;
    for (const KernelFormat& candidate : kernel_formats()) {
      if (!format && candidate.recognises(*text)) format = &candidate;
    }
    if (!format) {
      findings.add(unknown_format(path.string()));
      continue;
    }
    auto table = format->read(*text, path.string(), options);
    findings.append(table.diagnostics());
    if (!table) continue;
    imported.files.push_back({path.string(), std::string(format->name), table->lines,
                              static_cast<std::int64_t>(table->rows.size()), table->dropped});
    imported.table.lines += table->lines;
    for (const auto& [reason, count] : table->dropped) imported.table.dropped[reason] += count;
    for (KernelRow& row : table->rows) imported.table.rows.push_back(std::move(row));
  }
  if (findings.has_errors()) return findings;
  return {std::move(imported), std::move(findings)};
}

}  // namespace microdc
