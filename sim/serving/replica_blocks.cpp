// KV memory of a replica: blocks of sequences, shared prefixes, and how far a decode batch can go.
#include <algorithm>
#include <cmath>

#include "sim/serving/replica.hpp"

namespace microdc {

std::int64_t Replica::blocks_for(std::int64_t tokens) const {
  return (tokens + limits_.block_tokens - 1) / limits_.block_tokens;
}

/// Recurrent state and short sliding windows come out of the same memory, as in vLLM's hybrid
/// cache: blocks that a sequence owns from its admission on, as many as it will need in the end.
std::int64_t Replica::state_blocks(const Sequence& sequence) const {
  const StepWork& work = cost_->work();
  const Bytes block = static_cast<double>(limits_.block_tokens) * work.kv_bytes_per_token_per_gpu();
  if (!(block.value() > 0)) return 0;
  const auto tokens = static_cast<double>(most_cached_tokens(sequence));
  return static_cast<std::int64_t>(
      std::ceil(work.state_bytes_per_sequence_per_gpu(tokens) / block));
}

std::int64_t Replica::used_blocks() const {
  // A run takes its blocks when it ends; its steps that are over have needed theirs already.
  return used_blocks_ + decode_blocks_needed(steps_before(loop_.now() + 1));
}

std::int64_t Replica::available_blocks() const {
  return limits_.kv_blocks - used_blocks_;  // unpinned prefixes are evicted when needed
}

void Replica::take_blocks(std::int64_t count) {
  used_blocks_ += count;
  counters_.peak_blocks = std::max(counters_.peak_blocks, used_blocks_);
  prefix_cache_.evict_down_to(limits_.kv_blocks - used_blocks_);
}

/// Prefix ids that can be shared: none if caching is off, or if an id does not cover whole KV
/// blocks.
PrefixChain Replica::prefixes_of(const Sequence& sequence) const {
  if (!limits_.prefix_caching || prefix_lookup_ == nullptr) return {};
  const PrefixChain chain = prefix_lookup_(prefix_context_, sequence);
  if (chain.block_tokens == 0 || chain.block_tokens % limits_.block_tokens != 0) return {};
  return chain;
}

/// The first `tokens` tokens of a sequence are computed, or will be in the step being planned (as
/// in vLLM v1, which writes the KV of all its sequences before any of them reads): the prefix
/// blocks that they fill completely become shared, and are no longer its own. Of those that another
/// sequence shares already, its own copy is given up.
void Replica::share_prefixes(Sequence& sequence, std::span<const std::uint32_t> ids,
                             std::int32_t block_tokens, std::int64_t tokens) {
  if (block_tokens == 0) return;
  const std::size_t full = std::min(ids.size(), static_cast<std::size_t>(tokens / block_tokens));
  const auto pinned = static_cast<std::size_t>(sequence.pinned_prefixes);
  if (full <= pinned) return;
  pin_prefixes(sequence, ids.subspan(pinned, full - pinned), block_tokens);
  const std::int64_t given = static_cast<std::int64_t>(full - pinned) * blocks_for(block_tokens);
  sequence.own_blocks -= static_cast<std::int32_t>(given);
  used_blocks_ -= given;
}

void Replica::pin_prefixes(Sequence& sequence, std::span<const std::uint32_t> ids,
                           std::int32_t block_tokens) {
  const std::int64_t before = prefix_cache_.pinned_blocks();
  prefix_cache_.pin(ids, static_cast<std::int32_t>(blocks_for(block_tokens)));
  used_blocks_ += prefix_cache_.pinned_blocks() - before;
  sequence.pinned_prefixes += static_cast<std::int32_t>(ids.size());
}

/// KV tokens of a decoding sequence, in 1/kv_scale tokens.
std::int64_t Replica::decoded_kv(const Sequence& s) const {
  return s.to_prefill * kv_scale + growth_per_step(s) * (decode_step_ - s.join_step);
}

std::int64_t Replica::growth_per_step(const Sequence& s) const {
  if (acceptance_.draft_tokens == 0) return kv_scale;
  const std::int64_t tokens = s.output_tokens - 1 - s.generated;
  return tokens * kv_scale / std::max<std::int64_t>(1, s.steps_total);
}

std::size_t Replica::phase_of(std::int64_t kv_tokens) const {
  const std::int64_t block = limits_.block_tokens;
  return static_cast<std::size_t>((kv_tokens - decode_step_ % block + block) % block);
}

/// Blocks that `steps` more decode steps of the present batch will ask for. A sequence needs one in
/// the step before which its KV fills its blocks exactly; phases_ counts sequences by when that is.
std::int64_t Replica::decode_blocks_needed(std::int64_t steps) const {
  if (acceptance_.draft_tokens > 0) return 0;  // reserved when decoding began
  const std::int64_t block = limits_.block_tokens;
  std::int64_t needed = decoding_ * (steps / block);
  for (std::int64_t i = 0; i < steps % block; ++i) {
    const std::int64_t phase = (block - (decode_step_ + i) % block) % block;
    needed += phases_[static_cast<std::size_t>(phase)];
  }
  return needed;
}

/// The largest number of steps up to `limit` for which the blocks suffice.
std::int64_t Replica::steps_with_blocks(std::int64_t limit) const {
  const std::int64_t available = available_blocks();
  if (decoding_ * (limit / limits_.block_tokens + 1) <= available) return limit;
  std::int64_t low = 0;
  std::int64_t high = limit;
  while (low < high) {
    const std::int64_t middle = (low + high + 1) / 2;
    if (decode_blocks_needed(middle) <= available)
      low = middle;
    else
      high = middle - 1;
  }
  return low;
}

/// Takes a sequence out of the decode batch's sums. Its blocks stay with it (own_blocks).
void Replica::leave_decoding(SequenceId id) {
  Sequence& s = sequences_[id];
  std::erase(moved_in_, id);
  const std::int64_t kv = decoded_kv(s);
  decode_kv_ -= kv;
  decode_growth_ -= growth_per_step(s);
  --decoding_;
  if (acceptance_.draft_tokens == 0) {
    const std::int64_t tokens = kv / kv_scale;
    --phases_[phase_of(tokens)];
    const std::int64_t before = blocks_for(s.to_prefill);
    s.own_blocks += static_cast<std::int32_t>(blocks_for(tokens) - before);
  }
}

/// Frees what a sequence holds that is not decoding (any more).
void Replica::give_back_blocks(SequenceId id) {
  Sequence& s = sequences_[id];
  used_blocks_ -= s.own_blocks;
  s.own_blocks = 0;
  if (s.pinned_prefixes == 0) return;
  const std::int64_t before = prefix_cache_.pinned_blocks();
  prefix_cache_.unpin(
      prefixes_of(s).conversation.first(static_cast<std::size_t>(s.pinned_prefixes)));
  used_blocks_ -= before - prefix_cache_.pinned_blocks();
  s.pinned_prefixes = 0;
}

}  // namespace microdc
