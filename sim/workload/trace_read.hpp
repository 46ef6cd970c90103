// Request traces from files, in the formats in which they are published.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/units.hpp"
#include "sim/workload/trace.hpp"

namespace microdc {

/// Rows of a trace that were treated alike, and why.
struct RowNote {
  std::string reason;
  std::int64_t count = 0;
  std::int64_t first_line = 0;  ///< line in the (decompressed) file; 0 if it has none
};

/// What reading a trace did to it. Every row that is not kept as it stands is counted here.
struct TraceReadReport {
  std::string file;
  std::string format;            ///< name in trace_formats()
  bool compressed = false;       ///< the file was gzipped
  std::int64_t rows_read = 0;    ///< data rows, without header and blank lines
  std::int64_t kept = 0;         ///< requests in the trace
  std::vector<RowNote> changed;  ///< kept, but not as written
  std::vector<RowNote> dropped;
  std::vector<std::string> notes;  ///< about the whole file, e.g. where its clock starts
};

struct ReadTrace {
  Trace trace;
  TraceReadReport report;
};

struct TraceReadOptions {
  /// Formats that describe clients instead of requests (servegen) draw them with this seed.
  std::uint64_t seed = 1;
  /// Only requests in [start, start + duration) of the trace's own clock are kept; arrivals count
  /// from start. A duration of 0 means to the end.
  Seconds start{0};
  Seconds duration{0};
  /// More requests than this are an error, not an exhausted memory (24 bytes each).
  std::int64_t max_requests = 100'000'000;
};

/// Reads a trace, plain or gzipped. `format` is a name in trace_formats(); empty: recognised from
/// the content. Errors carry file and line: unreadable or damaged file, unknown format, wrong
/// columns, values that are no numbers, negative, NaN or out of range, lines longer than 1 MiB,
/// more than max_requests, requests further apart than 10 years, no usable request. Requests
/// without output or without input tokens are dropped and reported; rows that are out of order in
/// time are sorted and reported.
Result<ReadTrace> read_trace(const std::filesystem::path& path, const std::string& format = "",
                             const TraceReadOptions& options = {});
/// The same from bytes in memory; `name` stands for the file in messages.
Result<ReadTrace> read_trace_from_memory(std::string_view bytes, const std::string& name,
                                         const std::string& format = "",
                                         const TraceReadOptions& options = {});

class InputBytes;

/// A registered format: one file each in sim/workload/formats/.
struct TraceFormat {
  std::string name;
  std::string description;
  /// Whether the first bytes (decompressed, up to 4 KiB) look like this format.
  std::function<bool(std::string_view first_bytes)> recognises;
  std::function<Result<ReadTrace>(InputBytes&, const TraceReadOptions&)> read;
};
/// All formats, in the order in which they are tried.
const std::vector<TraceFormat>& trace_formats();

/// The report as lines of text ("12 rows dropped: … (first in line 40)").
std::string to_text(const TraceReadReport& report);

}  // namespace microdc
