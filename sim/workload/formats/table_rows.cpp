#include "sim/workload/formats/table_rows.hpp"

#include <fmt/format.h>

#include <charconv>

namespace microdc {
namespace {

/// Ids separated by blanks; false if one is none.
bool parse_ids(std::string_view text, std::vector<std::uint32_t>& ids) {
  ids.clear();
  while (true) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return true;
    text.remove_prefix(begin);
    std::uint32_t id = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (parsed.ec != std::errc()) return false;
    text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (!text.empty() && text.front() != ' ') return false;
    ids.push_back(id);
  }
}

void read_row(const std::vector<std::string_view>& fields, const TableLayout& layout,
              std::int64_t line, std::vector<std::uint32_t>& ids, TraceBuilder& builder) {
  const auto time = parse_time(fields[layout.arrival], layout.unit);
  const auto input = parse_count(fields[layout.input]);
  const auto output = parse_count(fields[layout.output]);
  if (!time) report_bad_time(builder, line, layout.unit, fields[layout.arrival]);
  if (!input) report_bad_tokens(builder, line, "input", fields[layout.input]);
  if (!output) report_bad_tokens(builder, line, "output", fields[layout.output]);
  ids.clear();
  const bool ids_good = layout.prefix < 0 || parse_ids(fields[layout.prefix], ids);
  if (!ids_good) {
    builder.error(line, "the prefix hash ids cannot be read", fields[layout.prefix],
                  "whole numbers below 2^32, separated by single blanks", "correct the row");
  }
  if (!time || !input || !output || !ids_good) return;
  builder.add(
      {.line = line,
       .time = *time,
       .input_tokens = *input,
       .output_tokens = *output,
       .client = layout.client < 0 ? std::uint16_t{0} : builder.client(fields[layout.client]),
       .prefix = ids},
      layout.unit == TimeUnit::calendar);
}

}  // namespace

void report_bad_tokens(TraceBuilder& builder, std::int64_t line, std::string_view what,
                       std::string_view found) {
  builder.error(line, fmt::format("the number of {} tokens cannot be read", what), found,
                fmt::format("a whole number from 0 to {}", max_request_tokens), "correct the row");
}

void report_bad_time(TraceBuilder& builder, std::int64_t line, TimeUnit unit,
                     std::string_view found) {
  builder.error(line, "the arrival time cannot be read", found, std::string(allowed_time(unit)),
                "correct the row");
}

void read_table(LineReader& reader, const TableLayout& layout, const std::string& header,
                TraceBuilder& builder, const std::function<void(std::string_view time)>& first) {
  bool begun = !first;
  std::vector<std::string_view> fields;
  std::vector<std::uint32_t> ids;
  while (!builder.stopped()) {
    const auto row = reader.next_filled();
    if (!row) return;
    builder.count_row();
    split_row(*row, layout.delimiter, fields);
    if (static_cast<int>(fields.size()) != layout.columns) {
      builder.error(reader.line(), "the row has the wrong number of columns",
                    fmt::format("{} columns: {}", fields.size(), *row),
                    fmt::format("{} columns: {}", layout.columns, header),
                    "correct the row; the end of the file may be missing");
      continue;
    }
    if (!begun) first(fields[layout.arrival]);
    begun = true;
    read_row(fields, layout, reader.line(), ids, builder);
  }
}

}  // namespace microdc
