// From a table of measured kernels to device profiles and a report of how good they are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "calibrate/kernel_table.hpp"
#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/catalog.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

struct CalibrationOptions {
  std::vector<std::string> devices;  ///< names or aliases; empty: all in the table
  /// Written into the profiles: what the table is ("aiconfigurator 095f58a5, …") and its date.
  std::string source;
  std::string date;
};

/// A law for which the rows did not suffice.
struct UnfittedLaw {
  std::string name;         ///< "GEMM int4_weight of own kernels"
  std::int64_t points = 0;  ///< usable ones
};

struct CalibrationReport {
  std::vector<DeviceProfile> profiles;  ///< by name; only devices with at least one law
  std::int64_t lines = 0;               ///< rows in the table
  std::int64_t fitted = 0;              ///< rows that entered a law
  DroppedRows dropped;                  ///< all others, by reason
  std::vector<UnfittedLaw> unfitted;
};

/// Fits every law for every device of the catalog that the table measures.
/// Errors: those of read_kernel_table; a device of the options that is not in the catalog or not in
/// the table; nothing could be fitted.
Result<CalibrationReport> calibrate_from_kernels(const std::filesystem::path& path,
                                                 const HardwareCatalog& catalog,
                                                 const CalibrationOptions& options = {});

/// The same from rows in memory; `name` of the table for messages.
Result<CalibrationReport> calibrate_from_rows(const KernelTable& table, const std::string& name,
                                              const HardwareCatalog& catalog,
                                              const CalibrationOptions& options = {});

/// Error, without place, if the catalog has no accelerator or CPU of this name or alias.
Diagnostics check_device(const HardwareCatalog& catalog, const std::string& device);

/// A table for people: one line per law with its errors, then the dropped rows.
std::string calibration_text(const CalibrationReport& report);

/// Writes one file per device into `folder` (created if missing): NAME.json.
Diagnostics write_profiles(const CalibrationReport& report, const std::filesystem::path& folder);

}  // namespace microdc
