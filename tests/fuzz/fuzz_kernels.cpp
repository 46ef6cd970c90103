// Any bytes, read as any format of measured kernels: either errors, or rows that a fit can take.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "calibrate/import/formats.hpp"
#include "calibrate/measure/measured_point.hpp"

namespace {

using namespace microdc;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_sound(const KernelTable& table) {
  std::int64_t dropped = 0;
  for (const auto& [reason, count] : table.dropped) {
    require(!reason.empty() && count > 0);
    dropped += count;
  }
  require(static_cast<std::int64_t>(table.rows.size()) + dropped == table.lines);
  for (const KernelRow& row : table.rows) {
    require(row.seconds > 0 && std::isfinite(row.seconds));
    if (row.operation == KernelOperation::gemm) require(row.m > 0 && row.n > 0 && row.k > 0);
    if (row.operation == KernelOperation::attention_prefill) require(row.queries <= row.context);
  }
}

/// Results that were read can be written, and read again as the same.
void check_results(std::string_view text) {
  const auto points = parse_results(text, "fuzz");
  if (!points.ok()) return;
  std::string again = results_header();
  for (const MeasuredPoint& point : *points) again += results_line(point, "device");
  const auto second = parse_results(again, "again");
  require(second.ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  // The first byte chooses the format; results get their long header for free.
  const auto& formats = kernel_formats();
  const KernelFormat& format = formats[data[0] % formats.size()];
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (format.name == own_results_format().name && !is_results_header(text)) {
    text = results_header() + text;
  }
  format.recognises(text);
  const auto table = format.read(text, "fuzz", {.device = "alpha"});
  if (table.ok()) {
    check_sound(*table);
  } else {
    require(table.diagnostics().has_errors());
    require(!to_text(table.diagnostics()).empty());
  }
  check_results(text);
  return 0;
}
