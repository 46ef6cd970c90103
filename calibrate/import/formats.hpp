// Formats of measured kernels that can be imported. To add one: a file that defines its function,
// its line here and in the table of formats.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "calibrate/kernel_table.hpp"

namespace microdc {

/// What a file does not say of itself.
struct ImportOptions {
  std::string device;  ///< name in the catalog, for formats that do not name it
  std::string engine;  ///< kernel source instead of the format's own
};

struct KernelFormat {
  std::string_view name;
  std::string_view description;
  /// Whether a file with this content is of this format.
  std::function<bool(std::string_view text)> recognises;
  /// Every row that cannot be used is counted with its reason. Errors: damaged, no usable row, the
  /// device is needed and not given. `name` of the file for messages.
  std::function<Result<KernelTable>(std::string_view text, const std::string& name,
                                    const ImportOptions& options)>
      read;
};

/// All formats, the more special first.
const std::vector<KernelFormat>& kernel_formats();

KernelFormat own_results_format();      ///< kernels.csv of `microdc calibrate --device`
KernelFormat vidur_mlp_format();        ///< mlp.csv of Vidur's profiles
KernelFormat vidur_attention_format();  ///< attention.csv of Vidur's profiles
KernelFormat nvbench_format();          ///< JSON of nvbench
KernelFormat kernel_table_format();     ///< the table of docs/calibrate.md

/// One file of an import.
struct ImportedFile {
  std::string file;
  std::string format;
  std::int64_t lines = 0;
  std::int64_t rows = 0;  ///< usable ones
  DroppedRows dropped;
};
struct ImportedKernels {
  KernelTable table;  ///< of all files together
  std::vector<ImportedFile> files;
};

/// Reads all files, each in the first format that recognises it. Errors of all files in one pass.
Result<ImportedKernels> import_kernels(const std::vector<std::filesystem::path>& files,
                                       const ImportOptions& options);

/// The error of a format that does not name the device, when none is given.
Diagnostic device_is_needed(const std::string& name);

}  // namespace microdc
