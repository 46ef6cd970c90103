// Prompts that quote documents: which requests look something up, and what that does to the length
// of their prompts and to what prompts share.
#pragma once

#include <cstdint>

#include "sim/workload/generators.hpp"

namespace microdc {

/// Decides which requests of the stream look something up (RequestStream::looks_up) and puts
/// `retrieval.chunks` chunks of `base` before the prompt of each of these: between what the stream
/// shares and the rest. The luck of a request depends on seed, stream and its index only.
///
/// Prefixes: the first chunk is drawn by popularity, and prompts share it only where it follows the
/// same shared prefix. What stands behind it (further chunks, the conversation, the question) is
/// taken as different each time, so nothing of it is found in a prefix cache; a turn that looks
/// something up finds its conversation there no more, because other documents stand before it.
/// Errors: those of workload_catalog().
Diagnostics put_chunks_before_prompts(RequestStream& stream, const WorkloadSpec& workload,
                                      const KnowledgeBaseSpec& base, std::uint64_t seed,
                                      std::uint32_t stream_index);

/// Rank, from 1, of `count` items at quantile u in (0, 1), where rank k has the probability of
/// x^-exponent between k - 1/2 and k + 1/2: Zipf's law with its sum as an integral, so that any
/// number of items costs one evaluation.
std::int64_t zipf_rank(double u, std::int64_t count, double exponent);

}  // namespace microdc
