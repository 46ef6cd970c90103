// Replays a trace file.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"
#include "sim/workload/trace_read.hpp"

namespace microdc {
namespace {

/// What reading did to the file, as warnings and notes of the workload.
Diagnostics findings_of(const TraceReadReport& report) {
  Diagnostics findings;
  const auto add = [&](Severity severity, const RowNote& note, const char* what) {
    findings.add({.severity = severity,
                  .file = report.file,
                  .place = note.first_line > 0 ? fmt::format("line {}", note.first_line) : "",
                  .message = fmt::format("{} of {} rows {}: {}", note.count, report.rows_read, what,
                                         note.reason)});
  };
  for (const RowNote& note : report.dropped) {
    // Rows outside a window were asked for; they have no line.
    add(note.first_line > 0 ? Severity::warning : Severity::note, note, "dropped");
  }
  for (const RowNote& note : report.changed) add(Severity::note, note, "changed");
  return findings;
}

void stretch(Trace& trace, double scale) {
  if (scale == 1) return;
  const auto scaled = [scale](Nanoseconds time) {
    return static_cast<Nanoseconds>(std::llround(static_cast<double>(time) * scale));
  };
  for (TraceRequest& request : trace.requests) request.arrival = scaled(request.arrival);
  trace.duration = scaled(trace.duration);
}

void cut(Trace& trace, const WorkloadSpec& spec) {
  if (spec.requests && trace.requests.size() > static_cast<std::size_t>(*spec.requests)) {
    trace.requests.resize(static_cast<std::size_t>(*spec.requests));
    trace.duration = trace.requests.empty() ? 0 : trace.requests.back().arrival;
  }
  if (!spec.duration) return;
  const Nanoseconds end = to_nanoseconds(spec.duration->value());
  while (!trace.requests.empty() && trace.requests.back().arrival >= end) trace.requests.pop_back();
  trace.duration = std::min(trace.duration, end);
}

Result<RequestStream> replay(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                             const std::filesystem::path& base_folder) {
  Diagnostics errors;
  if (spec.trace_file.empty()) {
    errors.add(workload_error(spec, "trace_file", "kind trace needs a file", "none",
                              "a path, relative to the scenario file", "add \"trace_file\""));
  }
  if (!(spec.time_scale > 1e-6 && spec.time_scale < 1e6)) {
    errors.add(workload_error(spec, "time_scale", "the time scale is out of range",
                              fmt::format("{}", spec.time_scale), "1e-6 to 1e6",
                              "1 replays the trace as it is, 2 at half its rate"));
  }
  if (spec.turns_mean > 1 || spec.shared_prefix_tokens > 0) {
    errors.add(workload_error(spec, spec.turns_mean > 1 ? "turns_mean" : "shared_prefix_tokens",
                              "a trace has its own conversations and prefixes",
                              "a value for a generator", "none",
                              "leave turns_mean and shared_prefix_tokens out"));
  }
  if (errors.has_errors()) return errors;
  TraceReadOptions options{.seed = seed + stream};
  if (spec.duration) options.duration = Seconds(spec.duration->value() / spec.time_scale);
  auto read = read_trace(base_folder / spec.trace_file, spec.trace_format, options);
  if (!read) return read.diagnostics();
  RequestStream result{.trace = std::move(read->trace)};
  stretch(result.trace, spec.time_scale);
  cut(result.trace, spec);
  if (result.trace.requests.empty()) {
    return workload_error(spec, "duration", "no request of the trace is in the window",
                          "0 requests", "at least one", "lengthen the duration");
  }
  Diagnostics findings = read.diagnostics();
  findings.append(findings_of(read->report));
  return {std::move(result), std::move(findings)};
}

}  // namespace

WorkloadKind trace_kind() {
  return {"trace", "replays a trace file (microdc list trace-formats)", replay};
}

}  // namespace microdc
