#include "sim/workload/retrieval_prompts.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "hwprofiles/base/random.hpp"
#include "sim/workload/catalog.hpp"

namespace microdc {
namespace {

/// vLLM's default block, for streams that share nothing else.
constexpr std::int32_t default_block_tokens = 16;
/// No context is that long: what reaches it is rejected, whatever more it would have.
constexpr std::int64_t longest_prompt = 1'000'000'000;
constexpr std::size_t most_chain_blocks = 65535;  // of TraceRequest::prefix_count

/// Chains of prefix ids: what the stream shares, then one popular chunk.
class ChunkChains {
 public:
  ChunkChains(Trace& trace, std::int64_t shared_tokens, std::int64_t chunk_tokens) : trace_(trace) {
    if (trace.prefix_block_tokens == 0) trace.prefix_block_tokens = default_block_tokens;
    const auto blocks = [&](std::int64_t tokens) {
      return std::min(static_cast<std::size_t>(tokens / trace.prefix_block_tokens),
                      most_chain_blocks);
    };
    shared_ = std::min(blocks(shared_tokens), trace.prefix_hashes.size());
    with_chunk_ = blocks(shared_tokens + chunk_tokens);
    for (const std::uint32_t id : trace.prefix_hashes) next_id_ = std::max(next_id_, id + 1);
  }

  /// The request has this chain, as far as whole blocks of its prompt reach.
  void put(TraceRequest& request, std::int64_t rank, bool found_once) {
    const auto own = static_cast<std::size_t>(request.input_tokens / trace_.prefix_block_tokens);
    // What nobody else finds needs no ids: those of the stream's shared prefix stand first.
    request.prefix_begin = found_once ? 0 : chain_of(rank);
    request.prefix_count =
        static_cast<std::uint16_t>(std::min(own, found_once ? shared_ : with_chunk_));
  }

 private:
  std::uint32_t chain_of(std::int64_t rank) {
    const auto [at, is_new] =
        begins_.try_emplace(rank, static_cast<std::uint32_t>(trace_.prefix_hashes.size()));
    if (!is_new) return at->second;
    for (std::size_t block = 0; block < with_chunk_; ++block) {
      const std::uint32_t id = block < shared_ ? trace_.prefix_hashes[block] : next_id_++;
      trace_.prefix_hashes.push_back(id);
    }
    return at->second;
  }

  Trace& trace_;
  std::size_t shared_ = 0;      // blocks
  std::size_t with_chunk_ = 0;  // blocks
  std::uint32_t next_id_ = 0;
  std::map<std::int64_t, std::uint32_t> begins_;  // by rank of the chunk
};

}  // namespace

std::int64_t zipf_rank(double u, std::int64_t count, double exponent) {
  const double low = 0.5;
  const double high = static_cast<double>(count) + 0.5;
  double x = 0;
  if (exponent == 1) {
    x = low * std::pow(high / low, u);
  } else {
    const double power = 1 - exponent;
    const double from = std::pow(low, power);
    x = std::pow(from + u * (std::pow(high, power) - from), 1 / power);
  }
  return std::clamp<std::int64_t>(std::llround(x), 1, count);
}

Diagnostics put_chunks_before_prompts(RequestStream& stream, const WorkloadSpec& workload,
                                      const KnowledgeBaseSpec& base, std::uint64_t seed,
                                      std::uint32_t stream_index) {
  const auto& catalog = workload_catalog();
  if (!catalog) return catalog.diagnostics();
  const RetrievalSpec& retrieval = *workload.retrieval;
  const double exponent =
      base.popularity_exponent.value_or(catalog->behaviour.chunk_popularity_exponent);
  auto& requests = stream.trace.requests;
  stream.looks_up.assign(requests.size(), false);
  std::vector<std::int64_t> first_chunks(requests.size());
  std::map<std::int64_t, std::int64_t> found;  // how often, by rank
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto index = static_cast<std::uint32_t>(i);
    const double luck = RandomStream(seed, RandomPurpose::retrieval, stream_index, index).uniform();
    stream.looks_up[i] = luck < retrieval.share;
    if (!stream.looks_up[i]) continue;
    const double popularity =
        RandomStream(seed, RandomPurpose::chunk_popularity, stream_index, index).uniform();
    first_chunks[i] = zipf_rank(popularity, base.chunks, exponent);
    ++found[first_chunks[i]];
  }
  const std::int64_t added =
      std::min(retrieval.chunks * base.chunk_tokens, longest_prompt);  // at most 10^4 * 10^6
  ChunkChains chains(stream.trace, workload.shared_prefix_tokens, base.chunk_tokens);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!stream.looks_up[i]) continue;
    requests[i].input_tokens = static_cast<std::int32_t>(
        std::min(std::int64_t{requests[i].input_tokens} + added, longest_prompt));
    chains.put(requests[i], first_chunks[i], found[first_chunks[i]] == 1);
  }
  return {};
}

}  // namespace microdc
