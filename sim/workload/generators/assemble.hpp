// From arrival times to requests: lengths, sessions and prefixes, for all generators.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/workload/generators.hpp"

namespace microdc {

/// Most requests of one stream: a typing mistake must not exhaust the memory.
inline constexpr std::int64_t max_stream_requests = 100'000'000;

/// A conversation, or a single request: when it begins and how many turns it has.
struct Opener {
  Nanoseconds arrival = 0;
  std::int64_t turns = 1;
};

/// Number of turns of the opener with this index: geometric with mean `turns_mean`.
std::int64_t draw_turns(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                        std::uint32_t opener);

/// Makes the requests of the openers, which are sorted by arrival. First all openers, in that
/// order; then the follow-ups, conversation by conversation, each with its predecessor in
/// RequestStream::follows and its think time in `arrival`. At most spec.requests in all, counted
/// conversation by conversation. `duration` is the observation window.
Result<RequestStream> assemble(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                               const std::vector<Opener>& openers, Nanoseconds duration);

/// What limits a generator of arrivals.
struct Limits {
  double rate = 0;           ///< of conversations [1/s]
  Nanoseconds duration = 0;  ///< 0: none
  std::int64_t openers = 0;  ///< 0: none
};
/// Checks rate, duration and requests of an open-loop workload; at least one of the two limits must
/// be there.
Result<Limits> open_loop_limits(const WorkloadSpec& spec);

/// Number of requests of a workload that ends by their number (burst, closed_loop).
Result<std::int64_t> request_count(const WorkloadSpec& spec);

/// Gaps between arrivals in units of the mean gap. `first` asks for the time from the start of the
/// observation to the first arrival.
using GapDraw = std::function<double(std::uint32_t index, bool first)>;
/// Openers that arrive with these gaps, within the limits of the workload.
Result<RequestStream> open_loop(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                                const GapDraw& gap);

/// A mistake in a field of a workload.
Diagnostic workload_error(const WorkloadSpec& spec, const std::string& field, std::string message,
                          std::string found, std::string allowed, std::string fix);

/// Nanoseconds of a time in seconds, limited to 290 years.
Nanoseconds to_nanoseconds(double seconds);

}  // namespace microdc
