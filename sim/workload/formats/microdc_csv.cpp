// Our own format, written by write_trace (trace_tools.cpp): nothing is lost in it.
//   #microdc-trace 1 duration_ns=3600000000000 prefix_block_tokens=16
//   arrival_ns,input_tokens,output_tokens,client,prefix_hashes
//   0,374,44,chat,0 1 2
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/table_rows.hpp"

namespace microdc {
namespace {

constexpr std::string_view mark = "#microdc-trace 1";
constexpr std::string_view microdc_header =
    "arrival_ns,input_tokens,output_tokens,client,prefix_hashes";

constexpr std::int64_t largest_number = 9'000'000'000'000'000'000;

/// The number behind "name=" in the first line, not negative.
std::optional<std::int64_t> setting(std::string_view line, std::string_view name) {
  const std::size_t at = line.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + name.size());
  std::int64_t value = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), value);
  if (parsed.ec != std::errc() || value < 0 || value > largest_number) return std::nullopt;
  return value;
}

Result<ReadTrace> read_microdc(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "microdc", options);
  LineReader reader(input);
  const std::string first(reader.next().value_or(""));
  const auto duration = setting(first, " duration_ns=");
  const auto block = setting(first, " prefix_block_tokens=");
  if (!first.starts_with(mark) || !duration || !block || *block > max_request_tokens) {
    builder.error(1, "the first line is not that of a microdc trace", first,
                  "#microdc-trace 1 duration_ns=<number> prefix_block_tokens=<number>",
                  "write the file again with microdc trace convert");
    return builder.finish(&reader, {});
  }
  const std::string second(reader.next().value_or(""));
  if (second != microdc_header) {
    builder.error(2, "the header is not that of a microdc trace", second,
                  std::string(microdc_header), "write the file again with microdc trace convert");
    return builder.finish(&reader, {});
  }
  builder.trace().prefix_block_tokens = static_cast<std::int32_t>(*block);
  const TableLayout layout{.columns = 5,
                           .arrival = 0,
                           .input = 1,
                           .output = 2,
                           .client = 3,
                           .prefix = 4,
                           .unit = TimeUnit::nanoseconds};
  read_table(reader, layout, std::string(microdc_header), builder);
  return builder.finish(&reader, {.duration = *duration});
}

}  // namespace

TraceFormat microdc_format() {
  return {"microdc", "what microdc trace convert writes: lossless, with clients and prefix blocks",
          [](std::string_view head) { return head.starts_with(mark); }, read_microdc};
}

}  // namespace microdc
