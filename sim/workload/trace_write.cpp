#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <iterator>

#include "hwprofiles/base/json_io.hpp"
#include "sim/workload/trace_tools.hpp"

namespace microdc {
namespace {

constexpr std::size_t longest_name = 1000;

/// A client's name must not break the table.
std::string table_name(const Trace& trace, std::uint16_t client) {
  if (client >= trace.clients.size()) return "";
  std::string name = trace.clients[client].substr(0, longest_name);
  for (char& c : name) {
    if (c == ',' || c == '"' || c == '\n' || c == '\r') c = '_';
  }
  return name;
}

/// Gzip without a time stamp, so that equal traces give equal bytes. Empty if zlib has no memory.
std::string gzipped(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string result;
  std::vector<char> buffer(256u << 10);
  std::size_t taken = 0;
  int status = Z_OK;
  while (status == Z_OK) {
    if (stream.avail_in == 0 && taken < text.size()) {
      const std::size_t count = std::min(text.size() - taken, std::size_t{1} << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + taken));
      stream.avail_in = static_cast<uInt>(count);
      taken += count;
    }
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = deflate(&stream, taken == text.size() ? Z_FINISH : Z_NO_FLUSH);
    result.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return status == Z_STREAM_END ? result : std::string();
}

}  // namespace

std::string trace_text(const Trace& trace) {
  std::string text = fmt::format("#microdc-trace 1 duration_ns={} prefix_block_tokens={}\n",
                                 trace.duration, trace.prefix_block_tokens);
  text += "arrival_ns,input_tokens,output_tokens,client,prefix_hashes\n";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < trace.clients.size(); ++i) {
    names.push_back(table_name(trace, static_cast<std::uint16_t>(i)));
  }
  auto out = std::back_inserter(text);
  for (const TraceRequest& request : trace.requests) {
    fmt::format_to(out, "{},{},{},{},", request.arrival, request.input_tokens,
                   request.output_tokens,
                   request.client < names.size() ? names[request.client] : "");
    for (std::uint32_t i = 0; i < request.prefix_count; ++i) {
      if (i > 0) text += ' ';
      fmt::format_to(out, "{}", trace.prefix_hashes[request.prefix_begin + i]);
    }
    text += '\n';
  }
  return text;
}

Diagnostics write_trace(const Trace& trace, const std::filesystem::path& path) {
  const std::string text = trace_text(trace);
  if (path.extension() != ".gz") return write_file_atomically(path, text);
  const std::string compressed = gzipped(text);
  if (!compressed.empty()) return write_file_atomically(path, compressed);
  Diagnostics errors;
  errors.add({.problem = Problem::internal,
              .file = path.string(),
              .message = "the trace cannot be compressed: out of memory",
              .fix = "write it without .gz"});
  return errors;
}

Result<TraceReadReport> convert_trace(const std::filesystem::path& from,
                                      const std::filesystem::path& to, const std::string& format,
                                      const TraceReadOptions& options) {
  auto read = read_trace(from, format, options);
  if (!read) return read.diagnostics();
  if (auto errors = write_trace(read->trace, to); errors.has_errors()) return errors;
  return Result<TraceReadReport>(std::move(read->report), read.diagnostics());
}

Trace as_open_loop(const RequestStream& stream) {
  Trace trace = stream.trace;
  for (std::size_t i = 0; i < stream.follows.size(); ++i) {
    // Predecessors stand before their follow-ups, so theirs is already an arrival.
    if (stream.follows[i] >= 0) {
      trace.requests[i].arrival +=
          trace.requests[static_cast<std::size_t>(stream.follows[i])].arrival;
    }
  }
  std::stable_sort(
      trace.requests.begin(), trace.requests.end(),
      [](const TraceRequest& a, const TraceRequest& b) { return a.arrival < b.arrival; });
  if (!trace.requests.empty()) {
    trace.duration = std::max(trace.duration, trace.requests.back().arrival);
  }
  return trace;
}

Result<TraceStats> generate_trace(const WorkloadSpec& spec, std::uint64_t seed,
                                  const std::filesystem::path& base_folder,
                                  const std::filesystem::path& to) {
  const auto made = make_requests(spec, seed, 0, base_folder);
  if (!made) return made.diagnostics();
  const Trace trace = as_open_loop(*made);
  if (auto errors = write_trace(trace, to); errors.has_errors()) return errors;
  return Result<TraceStats>(trace_stats(trace), made.diagnostics());
}

}  // namespace microdc
