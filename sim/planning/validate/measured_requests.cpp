#include "sim/planning/validate/measured_requests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "hwprofiles/base/csv_table.hpp"

namespace microdc {
namespace {

std::optional<double> number_of(const std::string& field) {
  double value = 0;
  const char* end = field.data() + field.size();
  const auto [stopped, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || stopped != end || !(value >= 0 && value < 1e9)) return std::nullopt;
  return value;
}

}  // namespace

Result<MeasuredRequests> read_measured_requests(const std::filesystem::path& file) {
  const auto table = CsvTable::read(file);
  if (!table) return table.diagnostics();
  Diagnostics findings = table.diagnostics();
  for (const char* column : {"row_id", "arrival_s", "input_tokens", "output_tokens"}) {
    if (table->has(column)) continue;
    findings.add({.file = file.string(),
                  .place = "line 1",
                  .message = fmt::format("the column \"{}\" is missing", column)});
  }
  if (findings.has_errors()) return findings;
  MeasuredRequests requests;
  for (std::size_t row = 0; row < table->size(); ++row) {
    const auto arrival = number_of(table->text(row, "arrival_s"));
    const auto input = number_of(table->text(row, "input_tokens"));
    const auto output = number_of(table->text(row, "output_tokens"));
    if (!arrival || !input || !output) {
      findings.add({.file = file.string(),
                    .place = fmt::format("line {}", table->line(row)),
                    .message = "arrival_s, input_tokens and output_tokens must be numbers"});
      continue;
    }
    requests[table->text(row, "row_id")].push_back(
        {.arrival = std::llround(*arrival * 1e9),
         .input_tokens = static_cast<std::int32_t>(std::llround(std::max(1.0, *input))),
         .output_tokens = static_cast<std::int32_t>(std::llround(std::max(1.0, *output)))});
  }
  if (findings.has_errors()) return findings;
  for (auto& [id, list] : requests) {
    std::stable_sort(list.begin(), list.end(), [](const TraceRequest& a, const TraceRequest& b) {
      return a.arrival < b.arrival;
    });
  }
  return Result<MeasuredRequests>(std::move(requests), std::move(findings));
}

}  // namespace microdc
