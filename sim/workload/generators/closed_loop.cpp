#include <fmt/format.h>

#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {
namespace {

Result<RequestStream> make_closed_loop(const WorkloadSpec& spec, std::uint64_t seed,
                                       std::uint32_t stream, const std::filesystem::path&) {
  Diagnostics errors;
  const auto count = request_count(spec);
  errors.append(count.diagnostics());
  if (spec.concurrency < 1) {
    errors.add(workload_error(spec, "concurrency", "the concurrency is out of range",
                              fmt::format("{}", spec.concurrency), "at least 1",
                              "give the number of requests in flight"));
  }
  if (spec.turns_mean > 1) {
    errors.add(workload_error(spec, "turns_mean", "a closed loop has no sessions",
                              fmt::format("{} turns", spec.turns_mean), "1",
                              "leave turns_mean out, or use an open-loop kind"));
  }
  if (errors.has_errors()) return errors;
  const std::vector<Opener> openers(static_cast<std::size_t>(*count));
  auto stream_of_requests = assemble(spec, seed, stream, openers, 0);
  if (stream_of_requests) stream_of_requests->closed_loop = ClosedLoop{spec.concurrency};
  return stream_of_requests;
}

}  // namespace

WorkloadKind closed_loop_kind() {
  return {"closed_loop", "a constant number of requests in flight; a finished one starts the next",
          make_closed_loop};
}

}  // namespace microdc
