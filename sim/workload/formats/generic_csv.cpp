// Tables of requests with a header, from any tool: names of columns in columns.cpp.
#include <algorithm>
#include <string>
#include <vector>

#include "sim/workload/formats/columns.hpp"
#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/table_rows.hpp"

namespace microdc {
namespace {

char delimiter_of(std::string_view header) {
  for (const char c : {',', ';', '\t'}) {
    if (header.find(c) != std::string_view::npos) return c;
  }
  return ',';
}

TableLayout generic_layout(const std::string& header) {
  std::vector<std::string_view> names;
  TableLayout layout{.delimiter = delimiter_of(header)};
  split_row(header, layout.delimiter, names);
  layout.columns = static_cast<int>(names.size());
  for (int i = 0; i < layout.columns; ++i) {
    const std::string name = normalised_name(names[static_cast<std::size_t>(i)]);
    int* place = nullptr;
    switch (column_role(name)) {
      case ColumnRole::arrival: place = &layout.arrival; break;
      case ColumnRole::input: place = &layout.input; break;
      case ColumnRole::output: place = &layout.output; break;
      case ColumnRole::client: place = &layout.client; break;
      // Ids mean nothing without their block size, which only the own format states.
      case ColumnRole::prefix:
      case ColumnRole::other: break;
    }
    if (place == nullptr || *place >= 0) continue;
    *place = i;
    if (place == &layout.arrival) layout.unit = time_column(name)->unit;
  }
  return layout;
}

/// Reports columns that are missing; true if all are there.
bool check_columns(const TableLayout& layout, const std::string& header, TraceBuilder& builder) {
  const auto require = [&](int column, ColumnRole role, const char* what) {
    if (column >= 0) return;
    builder.error(1, std::string("the table has no column for the ") + what, header,
                  join_names(names_of(role), 40), "rename the column in the header");
  };
  require(layout.arrival, ColumnRole::arrival, "arrival time");
  require(layout.input, ColumnRole::input, "input tokens");
  require(layout.output, ColumnRole::output, "output tokens");
  return !builder.has_errors();
}

/// The unit that the first time tells where the column's name does not.
void settle_unit(TableLayout& layout, const std::string& header, std::string_view time,
                 TraceBuilder& builder) {
  std::vector<std::string_view> names;
  split_row(header, layout.delimiter, names);
  const auto name = normalised_name(names[static_cast<std::size_t>(layout.arrival)]);
  const TimeUnit unit = time_unit(name, time);
  if (unit != layout.unit) builder.remark(std::string(assumed_seconds_note));
  layout.unit = unit;
}

Result<ReadTrace> read_csv(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "csv", options);
  LineReader reader(input);
  bool calendar = false;
  if (const auto first = reader.next()) {
    const std::string header(*first);
    TableLayout layout = generic_layout(header);
    if (check_columns(layout, header, builder)) {
      read_table(reader, layout, header, builder,
                 [&](std::string_view time) { settle_unit(layout, header, time, builder); });
    }
    calendar = layout.unit == TimeUnit::calendar;
  }
  return builder.finish(&reader, {.clock_from_first = calendar});
}

bool recognises_csv(std::string_view head) {
  if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
  const std::string_view line = head.substr(0, std::min(head.find_first_of("\r\n"), head.size()));
  const TableLayout layout = generic_layout(std::string(line));
  return (layout.arrival >= 0) + (layout.input >= 0) + (layout.output >= 0) >= 2;
}

}  // namespace

TraceFormat generic_csv_format() {
  return {"csv", "a table with a header: arrival_s (or _ms, _us, _ns), input_tokens, output_tokens",
          recognises_csv, read_csv};
}

}  // namespace microdc
