#include "sim/workload/formats/trace_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/workload/formats/row_text.hpp"

namespace microdc {
namespace {

constexpr std::int64_t max_errors = 20;
/// 4 GB of ids.
constexpr std::size_t max_prefix_blocks = 1'000'000'000;
constexpr Nanoseconds one_second = 1'000'000'000;
constexpr Nanoseconds longest_trace = Nanoseconds{10} * 365 * 86400 * one_second;
constexpr std::size_t max_clients = std::numeric_limits<std::uint16_t>::max();

}  // namespace

TraceBuilder::TraceBuilder(const InputBytes& input, std::string format,
                           const TraceReadOptions& options)
    : file_(input.name()), options_(options) {
  report_.file = file_;
  report_.format = std::move(format);
  report_.compressed = input.compressed();
  trace_.source = file_;
}

void TraceBuilder::note(std::vector<RowNote>& notes, std::int64_t line, std::string_view reason) {
  for (RowNote& item : notes) {
    if (item.reason != reason) continue;
    ++item.count;
    return;
  }
  notes.push_back({std::string(reason), 1, line});
}

void TraceBuilder::error(std::int64_t line, std::string message, std::string_view found,
                         std::string allowed, std::string fix) {
  error({.file = file_,
         .place = fmt::format("line {}", line),
         .message = std::move(message),
         .found = shown(found),
         .allowed = std::move(allowed),
         .fix = std::move(fix)});
}

void TraceBuilder::error(Diagnostic diagnostic) {
  errors_.add(std::move(diagnostic));
  ++error_count_;
  if (error_count_ >= max_errors && !stopped_) {
    stopped_ = true;
    errors_.add({.severity = Severity::note,
                 .file = file_,
                 .message = fmt::format("reading stopped after {} errors", max_errors)});
  }
}

std::uint16_t TraceBuilder::client(std::string_view name) {
  if (!trace_.clients.empty() && name == last_client_) return last_client_index_;
  last_client_ = name;
  const auto found = clients_.find(last_client_);
  if (found != clients_.end()) return last_client_index_ = found->second;
  // The index has 16 bits; clients beyond that many share the last one.
  if (trace_.clients.size() == max_clients) {
    return last_client_index_ = static_cast<std::uint16_t>(max_clients - 1);
  }
  last_client_index_ = static_cast<std::uint16_t>(trace_.clients.size());
  trace_.clients.push_back(last_client_);
  clients_.emplace(last_client_, last_client_index_);
  return last_client_index_;
}

void TraceBuilder::add(const Row& row, bool calendar) {
  if (!calendar && row.time < 0) {
    error(row.line, "the arrival is negative",
          fmt::format("{} s", static_cast<double>(row.time) * 1e-9), "a time of at least 0",
          "let the trace's clock start at or before its first request");
    return;
  }
  for (const auto& [tokens, what] :
       {std::pair{row.input_tokens, "input"}, std::pair{row.output_tokens, "output"}}) {
    if (tokens <= max_request_tokens) continue;
    error(row.line, fmt::format("the number of {} tokens is out of range", what),
          std::to_string(tokens), fmt::format("0 to {}", max_request_tokens), "correct the row");
    return;
  }
  if (row.output_tokens == 0) return drop(row.line, "no output tokens: a failed request");
  if (row.input_tokens == 0) return drop(row.line, "no input tokens");
  if (static_cast<std::int64_t>(trace_.requests.size()) >= options_.max_requests) {
    stopped_ = true;
    error(row.line, "the trace has more requests than the limit", "more",
          fmt::format("at most {} requests", options_.max_requests),
          "read a part of it (a window of time), or raise the limit");
    return;
  }
  if (row.line > 0 && row.time < latest_) {
    change(row.line, "earlier than the row before it: sorted by arrival");
  } else {
    latest_ = row.time;
  }
  std::span<const std::uint32_t> prefix = row.prefix;
  constexpr std::size_t most_blocks = std::numeric_limits<std::uint16_t>::max();
  if (prefix.size() > most_blocks) {
    change(row.line, "more than 65535 prefix blocks: only the first are kept");
    prefix = prefix.first(most_blocks);
  }
  if (trace_.prefix_hashes.size() + prefix.size() > max_prefix_blocks) {
    stopped_ = true;
    error(row.line, "the trace has more prefix blocks than the limit", "more",
          fmt::format("at most {} in all", max_prefix_blocks),
          "read a part of it (a window of time)");
    return;
  }
  trace_.requests.push_back(
      {.arrival = row.time,
       .input_tokens = static_cast<std::int32_t>(row.input_tokens),
       .output_tokens = static_cast<std::int32_t>(row.output_tokens),
       .prefix_begin = static_cast<std::uint32_t>(trace_.prefix_hashes.size()),
       .prefix_count = static_cast<std::uint16_t>(prefix.size()),
       .client = row.client});
  trace_.prefix_hashes.insert(trace_.prefix_hashes.end(), prefix.begin(), prefix.end());
}

void TraceBuilder::sort_by_arrival() {
  const auto earlier = [](const TraceRequest& a, const TraceRequest& b) {
    return a.arrival < b.arrival;
  };
  if (!std::is_sorted(trace_.requests.begin(), trace_.requests.end(), earlier)) {
    std::stable_sort(trace_.requests.begin(), trace_.requests.end(), earlier);
  }
}

bool TraceBuilder::start_clock(const Ending& ending) {
  auto& requests = trace_.requests;
  const Nanoseconds first = requests.front().arrival;
  const Nanoseconds span = requests.back().arrival - first;
  // Numbers beyond ten years are Unix times: a calendar in disguise.
  const bool unix_time = !ending.clock_from_first && first > longest_trace;
  if (span > longest_trace) {
    error({.file = file_,
           .message = "the requests are further apart than any observation",
           .found = fmt::format("{:.0f} days", static_cast<double>(span) / (86400e9)),
           .allowed = "at most 10 years from the first to the last",
           .fix = "check the unit of the times, and rows with a wrong date"});
    return false;
  }
  if (ending.clock_from_first || unix_time) {
    for (TraceRequest& request : requests) request.arrival -= first;
    remark(fmt::format("the clock starts with the first request, {}.{:09} s after 1970-01-01 UTC",
                       first / one_second, first % one_second));
  }
  trace_.duration = std::max(ending.duration, requests.back().arrival);
  return true;
}

void TraceBuilder::cut_window() {
  const double start = options_.start.value();
  const double length = options_.duration.value();
  if (start <= 0 && length <= 0) return;
  const Nanoseconds begin = std::llround(std::max(0.0, std::min(start, 9e9)) * 1e9);
  const Nanoseconds end =
      length > 0 ? begin + std::llround(std::min(length, 1e8) * 1e9) : trace_.duration + 1;
  std::vector<TraceRequest> inside;
  for (TraceRequest request : trace_.requests) {
    if (request.arrival < begin || request.arrival >= end) {
      drop(0, "outside the window of time that was asked for");
      continue;
    }
    request.arrival -= begin;
    inside.push_back(request);
  }
  trace_.requests = std::move(inside);
  trace_.duration = std::max<Nanoseconds>(0, std::min(end, trace_.duration) - begin);
}

Result<ReadTrace> TraceBuilder::finish(const LineReader* reader, const Ending& ending) {
  if (reader != nullptr && reader->error()) error(*reader->error());
  bool usable = !has_errors() && !trace_.requests.empty();
  if (usable) {
    sort_by_arrival();
    usable = start_clock(ending);
    if (usable) cut_window();
  }
  if (!has_errors() && trace_.requests.empty()) {
    std::string found = fmt::format("{} data rows", report_.rows_read);
    for (const RowNote& item : report_.dropped) {
      found += fmt::format("; {} dropped: {}", item.count, item.reason);
    }
    error({.file = file_,
           .message = "the trace has no usable request",
           .found = found,
           .allowed = "at least one row with input and output tokens",
           .fix = "check that this is the right file and format"});
  }
  if (has_errors()) return errors_;
  report_.kept = static_cast<std::int64_t>(trace_.requests.size());
  return ReadTrace{std::move(trace_), std::move(report_)};
}

}  // namespace microdc
