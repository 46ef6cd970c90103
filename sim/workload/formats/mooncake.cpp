// Mooncake traces (github.com/kvcache-ai/Mooncake, Apache-2.0): JSON objects with timestamp [ms],
// input_length, output_length and hash_ids, chained ids of blocks of 512 tokens.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "sim/workload/formats/formats.hpp"
#include "sim/workload/formats/json_lines.hpp"
#include "sim/workload/formats/table_rows.hpp"
#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

constexpr std::int32_t block_tokens = 512;
/// Shorter grids are the resolution of a clock; longer ones are gaps of an idle service.
constexpr Nanoseconds shortest_grid = 500'000'000;
constexpr Nanoseconds longest_grid = Nanoseconds{3600} * 1'000'000'000;

std::vector<Nanoseconds> distinct_times(const std::vector<TraceRequest>& requests) {
  std::vector<Nanoseconds> times;
  times.reserve(requests.size());
  for (const TraceRequest& request : requests) times.push_back(request.arrival);
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

/// The step of the grid on which the times lie: the median gap between distinct times, if most
/// requests share their time with others and the step is coarse; 0 if there is no grid.
Nanoseconds grid_step(const std::vector<Nanoseconds>& times, std::size_t requests) {
  if (times.size() < 3 || requests < 2 * times.size()) return 0;
  std::vector<Nanoseconds> gaps;
  for (std::size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle >= shortest_grid && *middle <= longest_grid ? *middle : 0;
}

/// FNV-1a over times and lengths: the same content is spread in the same way wherever it is read.
std::uint64_t content_seed(const std::vector<TraceRequest>& requests) {
  std::uint64_t hash = 14695981039346656037u;
  const auto mix = [&hash](std::uint64_t value) { hash = (hash ^ value) * 1099511628211u; };
  for (const TraceRequest& request : requests) {
    mix(static_cast<std::uint64_t>(request.arrival));
    mix(static_cast<std::uint64_t>(request.input_tokens));
    mix(static_cast<std::uint64_t>(request.output_tokens));
  }
  return hash;
}

/// Undoes the rounding of arrivals to a grid. Given their number, the arrivals of a Poisson process
/// in an interval are uniform and independent; the k requests of one grid time get k sorted uniform
/// times between it and the next, in the order of the file.
void dequantise(TraceBuilder& builder) {
  auto& requests = builder.trace().requests;
  const auto times = distinct_times(requests);
  const Nanoseconds step = grid_step(times, requests.size());
  if (step == 0) return;
  std::stable_sort(
      requests.begin(), requests.end(),
      [](const TraceRequest& a, const TraceRequest& b) { return a.arrival < b.arrival; });
  const std::uint64_t seed = content_seed(requests);
  std::vector<double> places;
  std::size_t begin = 0;
  for (std::size_t group = 0; group < times.size(); ++group) {
    const bool follows = group + 1 < times.size();
    // Where grid times are missing (nothing arrived), the interval is one step long all the same.
    const Nanoseconds length = follows ? std::min(times[group + 1] - times[group], step) : step;
    std::size_t end = begin;
    while (end < requests.size() && requests[end].arrival == times[group]) ++end;
    RandomStream random(seed, RandomPurpose::dequantise, 0, static_cast<std::uint32_t>(group));
    places.clear();
    for (std::size_t i = begin; i < end; ++i) places.push_back(random.uniform());
    std::sort(places.begin(), places.end());
    for (std::size_t i = begin; i < end; ++i) {
      requests[i].arrival +=
          static_cast<Nanoseconds>(places[i - begin] * static_cast<double>(length));
    }
    begin = end;
  }
  builder.report().changed.push_back(
      {fmt::format(
           "arrival spread over its grid interval: the file's times are rounded down to {:.3g} s",
           static_cast<double>(step) * 1e-9),
       static_cast<std::int64_t>(requests.size()), 1});
}

void read_row(const nlohmann::json& row, std::int64_t line, DenseIds& dense,
              std::vector<std::uint32_t>& ids, TraceBuilder& builder) {
  const std::string time_text = member_text(row, "timestamp").value_or("nothing");
  const std::string input_text = member_text(row, "input_length").value_or("nothing");
  const std::string output_text = member_text(row, "output_length").value_or("nothing");
  const auto time = parse_time(time_text, TimeUnit::milliseconds);
  const auto input = parse_count(input_text);
  const auto output = parse_count(output_text);
  if (!time) report_bad_time(builder, line, TimeUnit::milliseconds, time_text);
  if (!input) report_bad_tokens(builder, line, "input", input_text);
  if (!output) report_bad_tokens(builder, line, "output", output_text);
  if (!time || !input || !output) return;
  if (!read_hash_ids(row, "hash_ids", line, *input, block_tokens, dense, ids, builder)) return;
  builder.add({.line = line,
               .time = *time,
               .input_tokens = *input,
               .output_tokens = *output,
               .prefix = ids});
}

Result<ReadTrace> read_mooncake(InputBytes& input, const TraceReadOptions& options) {
  TraceBuilder builder(input, "mooncake", options);
  builder.trace().prefix_block_tokens = block_tokens;
  LineReader reader(input);
  DenseIds dense;
  std::vector<std::uint32_t> ids;
  read_json_lines(reader, builder, [&](const nlohmann::json& row, std::int64_t line) {
    read_row(row, line, dense, ids, builder);
  });
  dequantise(builder);
  return builder.finish(&reader, {});
}

}  // namespace

TraceFormat mooncake_format() {
  return {
      "mooncake",
      "Mooncake JSON lines (timestamp in ms, input_length, output_length, hash_ids of 512 tokens)",
      [](std::string_view head) {
        const std::string_view line = head.substr(0, std::min(head.find('\n'), head.size()));
        const auto has = [line](const char* name) {
          return line.find(name) != std::string_view::npos;
        };
        return line.find('{') != std::string_view::npos && has("\"timestamp\"") &&
               has("\"input_length\"") && has("\"output_length\"");
      },
      read_mooncake};
}

}  // namespace microdc
