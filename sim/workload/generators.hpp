// From a workload's description to its requests.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/workload/trace.hpp"

namespace microdc {

/// Users who send their next request only after the previous answer (and a think time). Open-loop
/// streams have none. The simulation asks for the follow-up when a request ends.
struct ClosedLoop {
  std::int64_t concurrency = 0;  ///< closed_loop: a finished request starts the next of the trace
};

/// The requests of one stream. Open-loop requests have their arrival; requests of a closed loop
/// come in trace order as slots become free; requests of a session after the first have in
/// `follows` the index of their predecessor and their think time in `arrival`. Such follow-ups
/// stand behind all requests that have an arrival of their own, conversation by conversation, so
/// that the latter are the first ones and in order of arrival. The turns of a conversation share
/// one chain of prefix hashes (same prefix_begin): what lies beyond a request's own prefix_count
/// and within its follow-up's was said in its answer and in the next question. Prefix ids
/// count from 0 in each stream: who merges streams has to keep them apart.
struct RequestStream {
  Trace trace;
  std::optional<ClosedLoop> closed_loop;
  std::vector<std::int32_t> follows;  ///< empty, or per request: predecessor's index or -1
  std::vector<bool>
      looks_up;  ///< empty, or per request: documents are looked up before it is served
};

/// Makes the requests of one workload. Deterministic in (spec, seed, stream index): the random
/// numbers of each purpose (arrivals, lengths, sessions) come from streams of their own.
Result<RequestStream> make_requests(const WorkloadSpec& spec, std::uint64_t seed,
                                    std::uint32_t stream_index,
                                    const std::filesystem::path& base_folder);

/// A registered kind of workload (one file each in sim/workload/generators/).
struct WorkloadKind {
  std::string name;
  std::string description;
  std::function<Result<RequestStream>(const WorkloadSpec&, std::uint64_t seed, std::uint32_t stream,
                                      const std::filesystem::path& base_folder)>
      make;
  /// Requests arrive at WorkloadSpec::rate all the time, so that any stretch is like any other.
  bool steady = false;
};
const std::vector<WorkloadKind>& workload_kinds();
/// Whether the kind of a workload is one whose requests arrive at its rate all the time. What a
/// workload of another kind says of a rate has no effect.
bool is_steady(const WorkloadSpec& spec);

}  // namespace microdc
