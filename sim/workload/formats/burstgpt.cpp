// BurstGPT (github.com/HPMLL/BurstGPT, CC-BY-4.0): Azure OpenAI traffic of a campus. Versions
// differ in their columns: the first had neither "Session ID" nor "Elapsed time".
#include <algorithm>
#include <string>
#include <vector>

#include "sim/workload/formats/columns.hpp"
#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/table_rows.hpp"

namespace microdc {
namespace {

constexpr std::string_view usual_header =
    "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type";

TableLayout burstgpt_layout(const std::string& header) {
  std::vector<std::string_view> names;
  split_row(header, ',', names);
  TableLayout layout{.columns = static_cast<int>(names.size()), .unit = TimeUnit::seconds};
  for (int i = 0; i < layout.columns; ++i) {
    const std::string name = normalised_name(names[static_cast<std::size_t>(i)]);
    if (name == "timestamp") layout.arrival = i;
    if (name == "request_tokens") layout.input = i;
    if (name == "response_tokens") layout.output = i;
    if (name == "model") layout.client = i;
  }
  return layout;
}

bool complete(const TableLayout& layout) {
  return layout.arrival >= 0 && layout.input >= 0 && layout.output >= 0 && layout.client >= 0;
}

Result<ReadTrace> read_burstgpt(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "burstgpt", options);
  LineReader reader(input);
  if (const auto first = reader.next()) {
    const std::string header(*first);
    const TableLayout layout = burstgpt_layout(header);
    if (complete(layout)) {
      read_table(reader, layout, header, builder);
    } else {
      builder.error(1, "the header is not that of BurstGPT", header, std::string(usual_header),
                    "use format csv for tables with other columns");
    }
  }
  return builder.finish(&reader, {});
}

}  // namespace

TraceFormat burstgpt_format() {
  return {"burstgpt",
          "BurstGPT (Timestamp in seconds, Model, Request tokens, Response tokens; 0 is a failure)",
          [](std::string_view head) {
            if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
            const std::string_view line =
                head.substr(0, std::min(head.find_first_of("\r\n"), head.size()));
            return complete(burstgpt_layout(std::string(line)));
          },
          read_burstgpt};
}

}  // namespace microdc
