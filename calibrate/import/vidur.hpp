// What Vidur's profile files share: one CSV row per model shape, a time per operation in
// milliseconds under "time_stats.OPERATION.median". Source: microsoft/vidur, data/profiling.
#pragma once

#include <string>
#include <string_view>

#include "calibrate/import/formats.hpp"
#include "hwprofiles/base/csv_table.hpp"

namespace microdc {

/// Fields of one row; the first number that is missing or not positive becomes the reason.
class VidurRow {
 public:
  VidurRow(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  double positive(const std::string& column);
  /// Zero or more.
  double count(const std::string& column);
  bool truth(const std::string& column);
  [[nodiscard]] const std::string& reason() const { return reason_; }
  void reject(std::string reason);

 private:
  const CsvTable& table_;
  std::size_t row_;
  std::string reason_;
};

/// A row of the table with what all of Vidur's have in common (fp16 on PyTorch).
KernelRow vidur_kernel(const ImportOptions& options);
/// Column of the median of an operation.
std::string vidur_time(std::string_view operation);

}  // namespace microdc
