// Any bytes, read in any trace format: either errors or a sound trace that survives being written
// and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/workload/trace_read.hpp"
#include "sim/workload/trace_tools.hpp"

namespace {

using namespace microdc;

void require(bool condition) {
  if (!condition) std::abort();
}

void check_sound(const Trace& trace) {
  Nanoseconds before = 0;
  for (const TraceRequest& request : trace.requests) {
    require(request.arrival >= before && request.arrival <= trace.duration);
    require(request.input_tokens > 0 && request.output_tokens > 0);
    require(std::size_t{request.prefix_begin} + request.prefix_count <= trace.prefix_hashes.size());
    require(request.client == 0 || request.client < trace.clients.size());
    before = request.arrival;
  }
}

void check_round_trip(const Trace& trace) {
  const auto again = read_trace_from_memory(trace_text(trace), "again", "microdc");
  require(again.ok());
  require(again->trace.requests.size() == trace.requests.size());
  require(again->trace.duration == trace.duration);
  require(trace_text(again->trace) == trace_text(trace));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  // The first byte chooses the format; beyond the last it is recognised from the content.
  const auto& formats = trace_formats();
  const std::size_t choice = data[0] % (formats.size() + 1);
  const std::string name = choice < formats.size() ? formats[choice].name : "";
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const auto read = read_trace_from_memory(bytes, "fuzz", name, {.max_requests = 2000});
  if (!read.ok()) {
    require(read.diagnostics().has_errors());
    require(!to_text(read.diagnostics()).empty());
    return 0;
  }
  check_sound(read->trace);
  check_round_trip(read->trace);
  require(!to_text(read->report).empty());
  require(!to_text(trace_stats(read->trace)).empty());
  return 0;
}
