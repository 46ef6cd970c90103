#include "sim/workload/trace_read.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/input_bytes.hpp"

namespace microdc {
namespace {

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const TraceFormat& format : trace_formats()) names.push_back(format.name);
  return names;
}

Diagnostic unknown_format(const std::string& file, const std::string& format) {
  const auto near = nearest_match(format, format_names());
  return {.file = file,
          .message = "there is no such trace format",
          .found = format,
          .allowed = join_names(format_names()),
          .fix = near ? "did you mean " + *near + "?" : "leave it out to have it recognised"};
}

std::string described_head(std::string_view head) {
  const bool binary = std::any_of(head.begin(), head.end(), [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7f';
  });
  if (binary) return "binary data";
  std::string line(head.substr(0, std::min(head.find_first_of("\r\n"), std::size_t{80})));
  for (char& c : line) {
    if (c < ' ') c = '?';
  }
  return line;
}

Result<ReadTrace> read_input(Result<std::unique_ptr<InputBytes>> opened, const std::string& format,
                             const TraceReadOptions& options) {
  if (!opened) return opened.diagnostics();
  InputBytes& input = **opened;
  for (const TraceFormat& known : trace_formats()) {
    if (format.empty() ? known.recognises(input.peek()) : known.name == format) {
      return known.read(input, options);
    }
  }
  if (!format.empty()) return unknown_format(input.name(), format);
  return Diagnostic{.file = input.name(),
                    .message = "this is no trace in a known format",
                    .found = described_head(input.peek()),
                    .allowed = join_names(format_names()) + " (plain or gzipped)",
                    .fix =
                        "give the table a header with names such as "
                        "arrival_s,input_tokens,output_tokens"};
}

}  // namespace

const std::vector<TraceFormat>& trace_formats() {
  static const std::vector<TraceFormat> formats{
      microdc_format(),     servegen_format(), azure_format(),        burstgpt_format(),
      generic_csv_format(), mooncake_format(), generic_jsonl_format()};
  return formats;
}

Result<ReadTrace> read_trace(const std::filesystem::path& path, const std::string& format,
                             const TraceReadOptions& options) {
  return read_input(InputBytes::open(path), format, options);
}

Result<ReadTrace> read_trace_from_memory(std::string_view bytes, const std::string& name,
                                         const std::string& format,
                                         const TraceReadOptions& options) {
  return read_input(InputBytes::from_memory(bytes, name), format, options);
}

std::string to_text(const TraceReadReport& report) {
  std::string text =
      fmt::format("{}: {} rows read, {} requests kept ({}{})\n", report.file, report.rows_read,
                  report.kept, report.format, report.compressed ? ", gzipped" : "");
  const auto add = [&text](const std::vector<RowNote>& notes, const char* what) {
    for (const RowNote& note : notes) {
      text += fmt::format("  {} {}: {}", note.count, what, note.reason);
      if (note.first_line > 0) text += fmt::format(" (first in line {})", note.first_line);
      text += '\n';
    }
  };
  add(report.dropped, "dropped");
  add(report.changed, "changed");
  for (const std::string& note : report.notes) text += "  " + note + '\n';
  return text;
}

}  // namespace microdc
