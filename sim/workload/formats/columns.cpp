#include "sim/workload/formats/columns.hpp"

#include <algorithm>
#include <array>

namespace microdc {
namespace {

struct TimeName {
  std::string_view name;
  TimeColumn column;
};

// Sources of the names without an obvious unit: "arrived_at" and "num_prefill_tokens" are Vidur's
// (seconds), "starttimeoffset" apex_plus's (nanoseconds), "arrival_time_ns" LLMServingSim's.
constexpr std::array time_names{
    TimeName{"arrival_s", {TimeUnit::seconds}},
    TimeName{"arrived_at", {TimeUnit::seconds}},
    TimeName{"arrival_time_s", {TimeUnit::seconds}},
    TimeName{"timestamp_s", {TimeUnit::seconds}},
    TimeName{"time_s", {TimeUnit::seconds}},
    TimeName{"arrival_ms", {TimeUnit::milliseconds}},
    TimeName{"arrival_time_ms", {TimeUnit::milliseconds}},
    TimeName{"timestamp_ms", {TimeUnit::milliseconds}},
    TimeName{"time_ms", {TimeUnit::milliseconds}},
    TimeName{"arrival_us", {TimeUnit::microseconds}},
    TimeName{"timestamp_us", {TimeUnit::microseconds}},
    TimeName{"arrival_ns", {TimeUnit::nanoseconds}},
    TimeName{"arrival_time_ns", {TimeUnit::nanoseconds}},
    TimeName{"timestamp_ns", {TimeUnit::nanoseconds}},
    TimeName{"starttimeoffset", {TimeUnit::nanoseconds}},
    TimeName{"timestamp", {TimeUnit::calendar, true}},
    TimeName{"arrival", {TimeUnit::calendar, true}},
    TimeName{"arrival_time", {TimeUnit::calendar, true}},
    TimeName{"time", {TimeUnit::calendar, true, true}},
};
constexpr std::array<std::string_view, 9> input_names{
    "input_tokens", "num_prefill_tokens", "prompt_tokens",  "contexttokens", "context_tokens",
    "input_length", "input_toks",         "request_tokens", "prompt_len"};
constexpr std::array<std::string_view, 9> output_names{
    "output_tokens",   "num_decode_tokens", "completion_tokens",
    "generatedtokens", "generated_tokens",  "output_length",
    "output_toks",     "response_tokens",   "output_len"};
constexpr std::array<std::string_view, 5> client_names{"client", "class", "tenant", "user",
                                                       "client_id"};
constexpr std::array<std::string_view, 2> prefix_names{"prefix_hashes", "hash_ids"};

template <class Names>
bool holds(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string normalised_name(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (c == ' ' || c == '-' || c == '.') c = '_';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::optional<TimeColumn> time_column(std::string_view normalised) {
  for (const TimeName& item : time_names) {
    if (item.name == normalised) return item.column;
  }
  return std::nullopt;
}

TimeUnit time_unit(std::string_view normalised, std::string_view first) {
  const auto column = time_column(normalised);
  if (!column) return TimeUnit::seconds;
  const bool number = column->numbers_are_seconds && parse_time(first, TimeUnit::seconds);
  return number ? TimeUnit::seconds : column->unit;
}

ColumnRole column_role(std::string_view normalised) {
  if (time_column(normalised)) return ColumnRole::arrival;
  if (holds(input_names, normalised)) return ColumnRole::input;
  if (holds(output_names, normalised)) return ColumnRole::output;
  if (holds(client_names, normalised)) return ColumnRole::client;
  if (holds(prefix_names, normalised)) return ColumnRole::prefix;
  return ColumnRole::other;
}

std::vector<std::string> names_of(ColumnRole role) {
  std::vector<std::string> names;
  switch (role) {
    case ColumnRole::arrival:
      for (const TimeName& item : time_names) names.emplace_back(item.name);
      break;
    case ColumnRole::input: names.assign(input_names.begin(), input_names.end()); break;
    case ColumnRole::output: names.assign(output_names.begin(), output_names.end()); break;
    case ColumnRole::client: names.assign(client_names.begin(), client_names.end()); break;
    case ColumnRole::prefix: names.assign(prefix_names.begin(), prefix_names.end()); break;
    case ColumnRole::other: break;
  }
  return names;
}

}  // namespace microdc
