// What the readers of comma-separated tables share: the rows of a table with a known header.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/formats/row_text.hpp"
#include "sim/workload/formats/trace_builder.hpp"

namespace microdc {

/// Position of each used column in a row; -1: absent.
struct TableLayout {
  char delimiter = ',';
  int columns = 0;  ///< fields that every row has
  int arrival = -1;
  int input = -1;
  int output = -1;
  int client = -1;
  int prefix = -1;  ///< ids of prefix blocks, separated by blanks
  TimeUnit unit = TimeUnit::seconds;
};

/// Reads all rows from `reader` into `builder`. `header` is the header line, for messages. `first`
/// is called with the first row's time before that is read, and may change the unit of `layout`.
void read_table(LineReader& reader, const TableLayout& layout, const std::string& header,
                TraceBuilder& builder,
                const std::function<void(std::string_view time)>& first = {});

/// Reports a number that is no count of tokens.
void report_bad_tokens(TraceBuilder& builder, std::int64_t line, std::string_view what,
                       std::string_view found);
/// Reports a time that is none.
void report_bad_time(TraceBuilder& builder, std::int64_t line, TimeUnit unit,
                     std::string_view found);

}  // namespace microdc
