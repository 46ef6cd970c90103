#include "calibrate/import/vidur.hpp"

#include <fmt/format.h>

namespace microdc {

double VidurRow::positive(const std::string& column) {
  const auto value = parse_number(table_.text(row_, column));
  if (value && *value > 0) return *value;
  reject(table_.text(row_, column).empty() ? fmt::format("{} is missing", column)
                                           : fmt::format("{} is not a positive number", column));
  return 1;
}

double VidurRow::count(const std::string& column) {
  const auto value = parse_number(table_.text(row_, column));
  if (value && *value >= 0) return *value;
  reject(fmt::format("{} is missing or not a number", column));
  return 0;
}

bool VidurRow::truth(const std::string& column) {
  const std::string& text = table_.text(row_, column);
  const bool yes = text == "True" || text == "true" || text == "1";
  if (!yes && text != "False" && text != "false" && text != "0") {
    reject(fmt::format("{} is neither True nor False", column));
  }
  return yes;
}

void VidurRow::reject(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
}

KernelRow vidur_kernel(const ImportOptions& options) {
  return {.source = "vidur",
          .device = options.device,
          .engine = options.engine.empty() ? "pytorch/sarathi" : options.engine,
          .method = "torch_profiler_median",
          .format = NumberFormat::fp16,
          .kv_format = NumberFormat::fp16};
}

std::string vidur_time(std::string_view operation) {
  return fmt::format("time_stats.{}.median", operation);
}

}  // namespace microdc
