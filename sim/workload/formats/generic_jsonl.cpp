// Requests as JSON objects, one a line, from any tool: names of members in columns.cpp.
#include <nlohmann/json.hpp>

#include "sim/workload/formats/columns.hpp"
#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/json_lines.hpp"
#include "sim/workload/formats/table_rows.hpp"

namespace microdc {
namespace {

/// Names of the members in use, taken from the first row.
struct Members {
  std::string arrival, input, output, client;
  TimeUnit unit = TimeUnit::seconds;
  bool assumed = false;  ///< the unit: the name says none
};

Members members_of(const nlohmann::json& row) {
  Members members;
  for (const auto& [key, value] : row.items()) {
    const std::string name = normalised_name(key);
    std::string* place = nullptr;
    switch (column_role(name)) {
      case ColumnRole::arrival: place = &members.arrival; break;
      case ColumnRole::input: place = &members.input; break;
      case ColumnRole::output: place = &members.output; break;
      case ColumnRole::client: place = &members.client; break;
      case ColumnRole::prefix:
      case ColumnRole::other: break;
    }
    if (place == nullptr || !place->empty()) continue;
    *place = key;
    if (place == &members.arrival) {
      members.unit = time_unit(name, member_text(row, key).value_or(""));
      members.assumed = members.unit != time_column(name)->unit;
    }
  }
  return members;
}

bool check_members(const Members& members, std::int64_t line, TraceBuilder& builder) {
  const auto require = [&](const std::string& key, ColumnRole role, const char* what) {
    if (!key.empty()) return;
    builder.error(line, std::string("the objects have no member for the ") + what, "",
                  join_names(names_of(role), 40), "rename the member");
  };
  require(members.arrival, ColumnRole::arrival, "arrival time");
  require(members.input, ColumnRole::input, "input tokens");
  require(members.output, ColumnRole::output, "output tokens");
  return !builder.has_errors();
}

void read_row(const nlohmann::json& row, const Members& members, std::int64_t line,
              TraceBuilder& builder) {
  const std::string time_text = member_text(row, members.arrival).value_or("nothing");
  const std::string input_text = member_text(row, members.input).value_or("nothing");
  const std::string output_text = member_text(row, members.output).value_or("nothing");
  const auto time = parse_time(time_text, members.unit);
  const auto input = parse_count(input_text);
  const auto output = parse_count(output_text);
  if (!time) report_bad_time(builder, line, members.unit, time_text);
  if (!input) report_bad_tokens(builder, line, "input", input_text);
  if (!output) report_bad_tokens(builder, line, "output", output_text);
  if (!time || !input || !output) return;
  std::uint16_t client = 0;
  if (!members.client.empty()) {
    client = builder.client(member_text(row, members.client).value_or(""));
  }
  builder.add({.line = line,
               .time = *time,
               .input_tokens = *input,
               .output_tokens = *output,
               .client = client},
              members.unit == TimeUnit::calendar);
}

Result<ReadTrace> read_jsonl(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "jsonl", options);
  LineReader reader(input);
  std::optional<Members> members;
  bool usable = true;
  read_json_lines(reader, builder, [&](const nlohmann::json& row, std::int64_t line) {
    if (!members) {
      members = members_of(row);
      usable = check_members(*members, line, builder);
      if (members->assumed) builder.remark(std::string(assumed_seconds_note));
    }
    if (usable) read_row(row, *members, line, builder);
  });
  const bool calendar = members && members->unit == TimeUnit::calendar;
  return builder.finish(&reader, {.clock_from_first = calendar});
}

}  // namespace

TraceFormat generic_jsonl_format() {
  return {"jsonl",
          "JSON objects, one a line: arrival_s (or _ms, _us, _ns), input_tokens, output_tokens",
          [](std::string_view head) {
            const std::size_t at = head.find_first_not_of(" \t\r\n");
            return at != std::string_view::npos && head[at] == '{';
          },
          read_jsonl};
}

}  // namespace microdc
