// Azure LLM inference traces 2023 and 2024 (github.com/Azure/AzurePublicDataset, CC-BY-4.0).
#include <string>

#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/table_rows.hpp"

namespace microdc {
namespace {

constexpr std::string_view azure_header = "TIMESTAMP,ContextTokens,GeneratedTokens";

Result<ReadTrace> read_azure(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "azure", options);
  LineReader reader(input);
  const auto first = reader.next();
  if (first && *first != azure_header) {
    builder.error(1, "the header is not that of an Azure trace", *first, std::string(azure_header),
                  "use format csv for tables with other columns");
  }
  if (first && *first == azure_header) {
    const TableLayout layout{
        .columns = 3, .arrival = 0, .input = 1, .output = 2, .unit = TimeUnit::calendar};
    read_table(reader, layout, std::string(azure_header), builder);
  }
  return builder.finish(&reader, {.clock_from_first = true});
}

}  // namespace

TraceFormat azure_format() {
  return {"azure", "Azure LLM inference trace (TIMESTAMP,ContextTokens,GeneratedTokens; UTC dates)",
          [](std::string_view head) {
            if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
            return head.starts_with(azure_header);
          },
          read_azure};
}

}  // namespace microdc
