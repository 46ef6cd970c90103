// What the next step of a replica holds: decodes first, then prompts under way, then waiting ones.
#include <algorithm>

#include "hwprofiles/base/random.hpp"
#include "sim/serving/replica.hpp"

namespace microdc {

Replica::Replica(std::uint32_t index, ReplicaLimits limits, AcceptanceModel acceptance,
                 std::shared_ptr<StepCost> cost, std::unique_ptr<Scheduler> scheduler,
                 SequenceStore& sequences, EventLoop& loop, ReplicaListener& listener,
                 DurationHistogram& itl)
    : index_(index),
      limits_(limits),
      acceptance_(acceptance),
      cost_(std::move(cost)),
      scheduler_(std::move(scheduler)),
      sequences_(sequences),
      loop_(loop),
      listener_(listener),
      itl_(itl),
      phases_(static_cast<std::size_t>(limits.block_tokens)),
      budgets_(static_cast<std::size_t>(limits.ranks)) {}

Replica::~Replica() = default;

/// Tokens in the KV cache when a sequence leaves; its last token is never written there.
std::int64_t Replica::most_cached_tokens(const Sequence& s) const {
  return std::int64_t{s.input_tokens} + (limits_.prefill_only ? 0 : s.output_tokens - 1);
}

bool Replica::can_never_fit(const Sequence& s) const {
  const std::int64_t longest = most_cached_tokens(s);
  if (blocks_for(longest) + state_blocks(s) > limits_.kv_blocks / limits_.ranks) return true;
  return limits_.max_context > 0 && longest + 1 > limits_.max_context;
}

void Replica::submit(SequenceId id) {
  Sequence& s = sequences_[id];
  s.replica = index_;
  const Nanoseconds now = loop_.now();
  if (can_never_fit(s)) return listener_.on_rejected(*this, id, now);
  s.state = Sequence::State::waiting;
  if (!s.prefilled_elsewhere) {
    s.to_prefill = s.input_tokens + s.generated;
    s.prefilled = 0;
  }
  s.eligible_step = eligible_step(now);
  scheduler_->push(id, s);
  if (activity_ == Activity::idle) {
    // Steps end after the arrivals of their moment, so this one waits for the others of the batch.
    limits_.gathers_arrivals ? schedule_end(now) : plan(now);
  } else if (activity_ == Activity::decode_run && scheduler_->front() == id &&
             running_ < limits_.max_num_seqs) {
    cut_run(now, limits_.schedules_ahead ? 1 : 0);
  }
}

/// The first step that a request arriving now can be part of. An engine that schedules ahead has
/// already put together the step after the one under way.
std::int64_t Replica::eligible_step(Nanoseconds now) const {
  if (!limits_.schedules_ahead || activity_ == Activity::idle) return counters_.steps;
  if (activity_ == Activity::planning) return counters_.steps + 1;
  return counters_.steps + 2 + (activity_ == Activity::decode_run ? steps_until(now) - 1 : 0);
}

/// Steps until the first request in the queue, which has a place, may join; 0 if none waits for
/// that.
std::int64_t Replica::steps_until_next_joins() const {
  if (scheduler_->empty() || running_ >= limits_.max_num_seqs) return 0;
  return std::max<std::int64_t>(0, sequences_[scheduler_->front()].eligible_step - counters_.steps);
}

void Replica::abort(SequenceId id) {
  Sequence& s = sequences_[id];
  if (s.state == Sequence::State::waiting) {
    scheduler_->remove(id);
    listener_.on_aborted(*this, id, loop_.now());
    // The request behind it may fit where this one did not.
    if (activity_ == Activity::decode_run && !scheduler_->empty()) cut_run(loop_.now(), 0);
    if (activity_ == Activity::idle) plan(loop_.now());
    return;
  }
  aborted_.push_back(id);
  if (activity_ == Activity::decode_run) cut_run(loop_.now(), 0);
}

void Replica::plan(Nanoseconds now) {
  // Listeners may submit while we plan; they only queue then.
  activity_ = Activity::planning;
  preempted_in_plan_ = false;
  chunks_.clear();
  chunk_shapes_.clear();
  if (online_) {
    while (decoding_ > 0 && decode_blocks_needed(1) > available_blocks()) {
      preempt(first_to_yield());
    }
    reset_budgets();
    reserved_blocks_ = decode_blocks_needed(1);
    continue_prefills();
    if (!preempted_in_plan_) admit_waiting();
    reserved_blocks_ = 0;
  }
  if (!chunks_.empty()) return start_mixed_step(now);
  if (decoding_ > 0) return start_run(now);
  activity_ = Activity::idle;
  if (observer_ != nullptr) observer_->on_idle(*this, now);
}

/// Decoding sequences are spread evenly over the ranks; where they share a step with prompts, their
/// tokens come first.
void Replica::reset_budgets() {
  const std::int64_t decodes = limits_.mixes_prefill_and_decode ? decoding_ : 0;
  for (std::int64_t r = 0; r < limits_.ranks; ++r) {
    const std::int64_t own = decodes / limits_.ranks + (r < decodes % limits_.ranks ? 1 : 0);
    budgets_[static_cast<std::size_t>(r)] =
        limits_.max_num_batched_tokens - own * (1 + acceptance_.draft_tokens);
  }
}

void Replica::add_chunk(SequenceId id, std::int64_t tokens) {
  Sequence& s = sequences_[id];
  chunks_.push_back({id, static_cast<std::int32_t>(tokens)});
  const std::int64_t computed = s.prefilled + tokens;
  chunk_shapes_.push_back({tokens, computed, s.rank});
  budgets_[s.rank] -= tokens;
  const PrefixChain chain = prefixes_of(s);
  share_prefixes(s, chain.prompt, chain.block_tokens,
                 std::min<std::int64_t>(computed, s.input_tokens));
}

/// Blocks that a sequence must additionally own to hold its first `tokens` tokens.
std::int64_t Replica::missing_blocks(const Sequence& s, std::int64_t tokens) const {
  // With speculation the whole answer is reserved at once: its growth per step is not known.
  if (acceptance_.draft_tokens > 0) tokens = most_cached_tokens(s);
  const std::int64_t shared =
      s.pinned_prefixes > 0 ? s.pinned_prefixes * blocks_for(prefixes_of(s).block_tokens) : 0;
  return std::max<std::int64_t>(0, blocks_for(tokens) + state_blocks(s) - shared - s.own_blocks);
}

void Replica::continue_prefills() {
  for (std::size_t i = 0; i < prefilling_.size(); ++i) {
    const SequenceId id = prefilling_[i];
    const std::int64_t budget = budgets_[sequences_[id].rank];
    if (budget <= 0) continue;
    const std::int64_t tokens =
        std::min<std::int64_t>(budget, sequences_[id].to_prefill - sequences_[id].prefilled);
    const auto missing = [&] {
      return missing_blocks(sequences_[id], sequences_[id].prefilled + tokens);
    };
    SequenceId victim = no_sequence;
    while (victim != id && missing() > available_blocks() - reserved_blocks_) {
      victim = first_to_yield();
      preempt(victim);
    }
    if (victim == id) break;
    // Those preempted may have stood before it.
    i = static_cast<std::size_t>(std::find(prefilling_.begin(), prefilling_.end(), id) -
                                 prefilling_.begin());
    const std::int64_t blocks = missing();
    take_blocks(blocks);
    sequences_[id].own_blocks += static_cast<std::int32_t>(blocks);
    add_chunk(id, tokens);
  }
}

/// A prompt goes to the rank that has the most room for it, and stays there.
void Replica::admit_waiting() {
  // An engine that schedules ahead has nothing ready if it has nothing to do: all may join.
  const bool has_work = !chunks_.empty() || decoding_ > 0;
  while (!scheduler_->empty() && running_ < limits_.max_num_seqs) {
    const auto freest = std::max_element(budgets_.begin(), budgets_.end());
    if (*freest <= 0) return;
    const SequenceId id = scheduler_->front();
    if (has_work && sequences_[id].eligible_step > counters_.steps) return;
    if (!admit(id, static_cast<std::size_t>(freest - budgets_.begin()))) return;
    scheduler_->pop();
  }
}

/// Pins the prefix blocks that are in the cache; at least one token is left to compute.
void Replica::pin_cached_prefixes(Sequence& s) {
  const PrefixChain chain = prefixes_of(s);
  if (chain.prompt.empty()) return;
  const auto most = static_cast<std::size_t>((s.input_tokens - 1) / chain.block_tokens);
  const auto usable = chain.prompt.first(std::min(chain.prompt.size(), most));
  const std::size_t hits = prefix_cache_.count_hits(usable);
  if (hits == 0) return;
  pin_prefixes(s, usable.first(hits), chain.block_tokens);
  s.prefilled = static_cast<std::int32_t>(hits) * chain.block_tokens;
}

bool Replica::admit(SequenceId id, std::size_t rank) {
  Sequence& s = sequences_[id];
  if (!s.prefilled_elsewhere) pin_cached_prefixes(s);
  const std::int64_t tokens = std::min<std::int64_t>(budgets_[rank], s.to_prefill - s.prefilled);
  const std::int64_t blocks = missing_blocks(s, s.prefilled + tokens);
  // A cache from elsewhere that fills its blocks asks for the next one in its first step.
  const bool grows_at_once = s.prefilled_elsewhere && acceptance_.draft_tokens == 0 &&
                             s.prefilled % limits_.block_tokens == 0;
  if (blocks + (grows_at_once ? 1 : 0) > available_blocks() - reserved_blocks_) {
    give_back_blocks(id);
    if (!s.prefilled_elsewhere) s.prefilled = 0;
    return false;
  }
  take_blocks(blocks);
  s.own_blocks += static_cast<std::int32_t>(blocks);
  s.admission = ++admissions_;
  s.rank = static_cast<std::uint16_t>(rank);
  if (s.first_scheduled < 0) s.first_scheduled = loop_.now();
  ++running_;
  if (s.prefilled_elsewhere) {
    begin_decoding(id, loop_.now());
    if (limits_.mixes_prefill_and_decode) budgets_[rank] -= 1 + acceptance_.draft_tokens;
    reserved_blocks_ = decode_blocks_needed(1);
    return true;
  }
  counters_.cached_tokens += s.prefilled;
  s.state = Sequence::State::prefilling;
  prefilling_.push_back(id);
  add_chunk(id, tokens);
  return true;
}

SequenceId Replica::first_to_yield() const {
  SequenceId first = no_sequence;
  const auto consider = [&](SequenceId id) {
    if (first == no_sequence || scheduler_->yields_before(sequences_[id], sequences_[first])) {
      first = id;
    }
  };
  for (const SequenceId id : prefilling_) consider(id);
  for (const EndEntry& entry : ends_) {
    if (sequences_[entry.id].residence == entry.residence) consider(entry.id);
  }
  return first;
}

/// A running request goes back to the front of the queue; all its tokens will be computed again.
void Replica::preempt(SequenceId id) {
  Sequence& s = sequences_[id];
  remove_from_batch(id);
  give_back_blocks(id);
  s.to_prefill = s.input_tokens + s.generated;
  s.prefilled = 0;
  s.prefilled_elsewhere = false;
  s.state = Sequence::State::waiting;
  scheduler_->push_preempted(id, s);
  ++counters_.preemptions;
  preempted_in_plan_ = true;
  reserved_blocks_ = reserved_blocks_ > 0 ? decode_blocks_needed(1) : 0;
}

/// Takes a running request out of the batch, noting the tokens that it has produced.
void Replica::remove_from_batch(SequenceId id) {
  Sequence& s = sequences_[id];
  if (s.state == Sequence::State::decoding) {
    const std::int64_t grown = decoded_kv(s) / kv_scale - s.to_prefill;
    // One that moved in and has not decoded yet had its last token where it came from.
    if (std::find(moved_in_.begin(), moved_in_.end(), id) == moved_in_.end()) {
      s.last_token = loop_.now();
    }
    leave_decoding(id);
    s.generated += static_cast<std::int32_t>(grown) + 1;
  } else {
    std::erase(prefilling_, id);
    const auto chunk = std::find_if(chunks_.begin(), chunks_.end(),
                                    [id](const ChunkOfStep& c) { return c.id == id; });
    if (chunk != chunks_.end()) {
      chunk_shapes_.erase(chunk_shapes_.begin() + (chunk - chunks_.begin()));
      chunks_.erase(chunk);
    }
  }
  --running_;
  ++s.residence;
}

std::vector<SequenceId> Replica::fail() {
  std::vector<SequenceId> lost;
  while (!scheduler_->empty()) {
    lost.push_back(scheduler_->front());
    scheduler_->pop();
  }
  account_interrupted_step(loop_.now(), steps_before(loop_.now()));
  lost.insert(lost.end(), prefilling_.begin(), prefilling_.end());
  for (const EndEntry& entry : ends_) {
    if (sequences_[entry.id].residence == entry.residence) lost.push_back(entry.id);
  }
  lost.insert(lost.end(), transferring_.begin(), transferring_.end());
  for (const SequenceId id : lost) {
    Sequence& s = sequences_[id];
    ++s.residence;
    s.generated = 0;
    if (s.first_token >= 0) s.last_token = loop_.now();
    s.own_blocks = 0;
    s.pinned_prefixes = 0;
    s.prefilled_elsewhere = false;
    s.state = Sequence::State::waiting;
  }
  std::sort(lost.begin(), lost.end(), [&](SequenceId a, SequenceId b) {
    return sequences_[a].arrival != sequences_[b].arrival
               ? sequences_[a].arrival < sequences_[b].arrival
               : a < b;
  });
  ++generation_;
  prefilling_.clear();
  transferring_.clear();
  aborted_.clear();
  ends_.clear();
  stalls_.clear();
  moved_in_.clear();
  std::fill(phases_.begin(), phases_.end(), 0);
  prefix_cache_.clear();
  running_ = decoding_ = decode_kv_ = decode_growth_ = used_blocks_ = 0;
  activity_ = Activity::idle;
  online_ = false;
  if (observer_ != nullptr) observer_->on_idle(*this, loop_.now());
  return lost;
}

void Replica::restore() { online_ = true; }

/// Steps that a sequence needs for its remaining tokens: one each, or fewer with speculation, where
/// a step yields 1 + the number of drafts accepted before the first refusal.
std::int64_t Replica::decode_steps_for(const Sequence& s) const {
  const std::int64_t tokens = std::int64_t{s.output_tokens} - 1 - s.generated;
  if (acceptance_.draft_tokens == 0) return tokens;
  RandomStream random(acceptance_.seed, RandomPurpose::speculation, s.stream, s.request);
  std::int64_t steps = 0;
  for (std::int64_t done = 0; done < tokens; ++steps) {
    std::int64_t accepted = 0;
    while (accepted < acceptance_.draft_tokens && random.uniform() < acceptance_.acceptance) {
      ++accepted;
    }
    done += 1 + accepted;
  }
  return steps;
}

}  // namespace microdc
