// Carrying out steps of a replica, one by one or many in closed form.
#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/serving/replica.hpp"

namespace microdc {
namespace {

constexpr Ticks tick_mask = (Ticks{1} << tick_bits) - 1;

/// Sum over n steps whose value starts at `first` and grows by `slope` each.
Wide arithmetic_sum(std::int64_t first, std::int64_t slope, std::int64_t n) {
  return static_cast<Wide>(first) * n + static_cast<Wide>(slope) * n * (n - 1) / 2;
}

/// 19 hours: the sum of a run's steps must fit into Ticks.
constexpr Ticks longest_run = std::numeric_limits<Ticks>::max() / 2;

}  // namespace

void Replica::on_event(Nanoseconds now, std::uint64_t payload) {
  if (payload != generation_) return;  // the step was cut, or the server failed
  const Activity ended = activity_;
  activity_ = Activity::planning;
  if (ended == Activity::mixed_step) {
    finish_mixed_step(now);
  } else if (ended == Activity::decode_run) {
    finish_run(now);
  }
  drop_aborted(now);
  plan(now);
}

void Replica::schedule_end(Nanoseconds end) {
  loop_.schedule(end, EventClass::step_end, this, ++generation_,
                 static_cast<std::uint16_t>(index_));
}

/// When `ticks` after `begin` are over, with the fraction that earlier steps left.
Nanoseconds Replica::end_of(Nanoseconds begin, Ticks ticks) const {
  return begin + ((clock_rest_ + ticks) >> tick_bits);
}

void Replica::commit_ticks(Ticks ticks) { clock_rest_ = (clock_rest_ + ticks) & tick_mask; }

// ---- a step with prefill chunks -----------------------------------------------------------------

void Replica::start_mixed_step(Nanoseconds now) {
  activity_ = Activity::mixed_step;
  decodes_in_step_ = limits_.mixes_prefill_and_decode && decoding_ > 0;
  MixedStep step;
  step.decode_sequences = decodes_in_step_ ? decoding_ : 0;
  step.decode_kv_tokens = decodes_in_step_ ? decode_kv_ / kv_scale : 0;
  step.chunks = chunk_shapes_;
  step.sampled_sequences = step.decode_sequences;
  std::int64_t prefill_tokens = 0;
  for (const ChunkOfStep& chunk : chunks_) {
    const Sequence& s = sequences_[chunk.id];
    if (s.prefilled + chunk.tokens == s.to_prefill) ++step.sampled_sequences;
    prefill_tokens += chunk.tokens;
  }
  price_ = cost_->mixed_step(step);
  const double power = watts(price_.energy, price_.duration);
  step_begin_ = now;
  const Nanoseconds end = end_of(now, price_.duration);
  counters_.prefill_tokens += prefill_tokens;
  record_ = {.begin = now,
             .end = end,
             .steps = 1,
             .decode_sequences = step.decode_sequences,
             .prefill_sequences = static_cast<std::int64_t>(chunks_.size()),
             .prefill_tokens = prefill_tokens,
             .kv_tokens = step.decode_kv_tokens,
             .waiting = waiting(),
             .power = power,
             .metered_power = power};
  if (observer_ != nullptr) observer_->on_step_begin(*this, record_);
  schedule_end(end);
}

void Replica::finish_mixed_step(Nanoseconds now) {
  commit_ticks(price_.duration);
  ++counters_.steps;
  ++counters_.runs;
  counters_.busy += now - step_begin_;
  counters_.energy += price_.energy;
  counters_.batch_ticks += static_cast<Wide>(running_) * price_.duration;
  if (decodes_in_step_) {
    take_blocks(decode_blocks_needed(1));
    record_gaps(now, price_.duration, 0, 1);
    ++decode_step_;
    decode_kv_ += decode_growth_;
    complete_finished(now);
  } else if (decoding_ > 0) {
    stalls_.push_back({price_.duration, decoding_ - static_cast<std::int64_t>(moved_in_.size())});
  }
  for (const ChunkOfStep& chunk : chunks_) {
    Sequence& s = sequences_[chunk.id];
    s.prefilled += chunk.tokens;
    if (s.prefilled < s.to_prefill) continue;
    std::erase(prefilling_, chunk.id);
    begin_decoding(chunk.id, now);
  }
  if (observer_ != nullptr) observer_->on_step_end(*this, record_);
}

// ---- runs of decode-only steps ------------------------------------------------------------------

void Replica::start_run(Nanoseconds now) {
  activity_ = Activity::decode_run;
  drop_void_ends();
  const DecodeSegment& segment = cost_->decode_segment(decoding_, decode_kv_ / kv_scale);
  std::int64_t steps = ends_.front().end_step - decode_step_;
  if (decode_growth_ > 0) {
    // The segment holds as long as a step begins below its end.
    const std::int64_t room = segment.end * kv_scale - decode_kv_;
    steps = std::min(steps, (room + decode_growth_ - 1) / decode_growth_);
  }
  if (const std::int64_t joins = steps_until_next_joins(); joins > 0) {
    steps = std::min(steps, joins);
  }
  steps = std::max<std::int64_t>(1, steps_with_blocks(steps));
  if (preempted_in_plan_ || limits_.single_steps) steps = 1;
  const std::int64_t beyond = decode_kv_ - segment.begin * kv_scale;
  run_ = {.begin = now,
          .end = 0,
          .steps = steps,
          .first_duration = segment.duration + segment.duration_slope * beyond,
          .duration_growth = segment.duration_slope * decode_growth_,
          .first_energy = segment.energy + segment.energy_slope * beyond,
          .energy_growth = segment.energy_slope * decode_growth_};
  while (arithmetic_sum(run_.first_duration, run_.duration_growth, run_.steps) > longest_run) {
    run_.steps = (run_.steps + 1) / 2;
  }
  run_.end = end_of(now, run_ticks(run_.steps));
  if (observer_ != nullptr) {
    record_ = {.begin = now,
               .end = run_.end,
               .steps = run_.steps,
               .decode_sequences = decoding_,
               .prefill_sequences = 0,
               .prefill_tokens = 0,
               .kv_tokens = decode_kv_ / kv_scale,
               .waiting = waiting(),
               .power = watts(run_.first_energy, run_.first_duration),
               .metered_power = watts(segment.energy, segment.duration)};
    observer_->on_step_begin(*this, record_);
  }
  schedule_end(run_.end);
}

Ticks Replica::run_ticks(std::int64_t steps) const {
  return static_cast<Ticks>(arithmetic_sum(run_.first_duration, run_.duration_growth, steps));
}

Wide Replica::run_energy(std::int64_t steps) const {
  return arithmetic_sum(run_.first_energy, run_.energy_growth, steps);
}

/// The first step of the run that ends at or after `date`, as a number of steps from its start.
std::int64_t Replica::steps_until(Nanoseconds date) const {
  std::int64_t low = 1;
  std::int64_t high = run_.steps;
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    if (end_of(run_.begin, run_ticks(middle)) >= date)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Steps of the run that end before `date`; 0 if no run is under way.
std::int64_t Replica::steps_before(Nanoseconds date) const {
  if (activity_ != Activity::decode_run) return 0;
  return run_.end < date ? run_.steps : steps_until(date) - 1;
}

/// Something came up: the run ends with the step under way, or `further_steps` later.
void Replica::cut_run(Nanoseconds now, std::int64_t further_steps) {
  const std::int64_t steps = steps_until(now) + further_steps;
  if (steps >= run_.steps) return;
  run_.steps = steps;
  run_.end = end_of(run_.begin, run_ticks(steps));
  schedule_end(run_.end);
}

/// The sums of the first `steps` steps of the run.
void Replica::account_run(std::int64_t steps) {
  const Ticks ticks = run_ticks(steps);
  const Nanoseconds end = end_of(run_.begin, ticks);
  take_blocks(decode_blocks_needed(steps));
  record_gaps(end_of(run_.begin, run_ticks(1)), run_.first_duration, run_.duration_growth, steps);
  commit_ticks(ticks);
  counters_.steps += steps;
  ++counters_.runs;
  counters_.busy += end - run_.begin;
  counters_.energy += run_energy(steps);
  counters_.batch_ticks += static_cast<Wide>(running_) * ticks;
  decode_step_ += steps;
  decode_kv_ += decode_growth_ * steps;
  run_.begin = end;
  run_.first_duration += run_.duration_growth * steps;
  run_.first_energy += run_.energy_growth * steps;
}

void Replica::finish_run(Nanoseconds now) {
  const std::int64_t steps = run_.steps;
  account_run(steps);
  complete_finished(now);
  if (observer_ != nullptr) {
    record_.end = now;
    record_.steps = steps;
    observer_->on_step_end(*this, record_);
  }
}

// ---- tokens and completions ---------------------------------------------------------------------

/// Gaps between tokens that `steps` decode steps cause: one per sequence and step. Steps last
/// `first`, first + growth, … [ticks]; the first ends at `first_end`. Counted by histogram bucket,
/// so that it does not matter whether the steps come one by one.
void Replica::record_gaps(Nanoseconds first_end, Ticks first, Ticks growth, std::int64_t steps) {
  itl_.add_sum(arithmetic_sum(first, growth, steps) * decoding_);
  std::int64_t step = 0;
  if (!stalls_.empty() || !moved_in_.empty()) {
    record_first_gaps(first_end, first);
    step = 1;
  }
  while (step < steps) {
    const Ticks duration = first + growth * step;
    const Nanoseconds gap = duration >> tick_bits;
    std::int64_t same = steps - step;
    if (growth > 0) {
      const Ticks bucket_end = DurationHistogram::bucket_end(gap) << tick_bits;
      same = std::min(same, (bucket_end - duration + growth - 1) / growth);
    }
    itl_.count_only(gap, same * decoding_);
    step += same;
  }
}

/// The first decode step after prefill-only steps: those who waited see the wait as part of the
/// gap. Of those whose cache came from elsewhere, the gap began with the token that was produced
/// there.
void Replica::record_first_gaps(Nanoseconds first_end, Ticks first) {
  for (const SequenceId id : moved_in_) {
    const Nanoseconds gap = first_end - sequences_[id].last_token;
    itl_.count_only(gap, 1);
    itl_.add_sum((static_cast<Wide>(gap) << tick_bits) - first);
  }
  Ticks stalled = 0;
  const std::int64_t waited = decoding_ - static_cast<std::int64_t>(moved_in_.size());
  moved_in_.clear();
  for (const Stall& stall : stalls_) stalled += stall.duration;
  std::int64_t counted = 0;
  for (const Stall& stall : stalls_) {
    const std::int64_t group = std::min(stall.sequences, waited) - counted;
    if (group > 0) {
      itl_.count_only((first + stalled) >> tick_bits, group);
      itl_.add_sum(static_cast<Wide>(stalled) * group);
      counted += group;
    }
    stalled -= stall.duration;
  }
  if (waited > counted) itl_.count_only(first >> tick_bits, waited - counted);
  stalls_.clear();
}

/// The prompt is computed (here or elsewhere): the step that ended has produced a token.
void Replica::begin_decoding(SequenceId id, Nanoseconds now) {
  Sequence& s = sequences_[id];
  if (!s.prefilled_elsewhere) {
    if (s.first_token < 0) {
      s.first_token = now;
    } else {
      itl_.add(now - s.last_token);
    }
    s.last_token = now;
  }
  if (limits_.prefill_only && s.output_tokens > 1) {
    s.state = Sequence::State::transferring;
    --running_;
    ++s.residence;
    transferring_.push_back(id);
    return listener_.on_prefilled(*this, id, now);
  }
  s.steps_total = decode_steps_for(s);
  s.join_step = decode_step_;
  s.end_step = decode_step_ + s.steps_total;
  s.state = Sequence::State::decoding;
  if (s.steps_total == 0) return finish_undecoded(id, now);
  ++decoding_;
  decode_kv_ += s.to_prefill * kv_scale;
  decode_growth_ += growth_per_step(s);
  if (s.prefilled_elsewhere) moved_in_.push_back(id);
  if (acceptance_.draft_tokens == 0) ++phases_[phase_of(s.to_prefill)];
  ends_.push_back({s.end_step, id, s.residence});
  std::push_heap(ends_.begin(), ends_.end(), std::greater<>{});
}

void Replica::release_transferred(SequenceId id) {
  std::erase(transferring_, id);
  give_back_blocks(id);
  if (activity_ == Activity::idle && online_) plan(loop_.now());
}

void Replica::drop_void_ends() {
  while (!ends_.empty() && sequences_[ends_.front().id].residence != ends_.front().residence) {
    std::pop_heap(ends_.begin(), ends_.end(), std::greater<>{});
    ends_.pop_back();
  }
}

void Replica::complete_finished(Nanoseconds now) {
  for (drop_void_ends(); !ends_.empty() && ends_.front().end_step <= decode_step_;
       drop_void_ends()) {
    const SequenceId id = ends_.front().id;
    std::pop_heap(ends_.begin(), ends_.end(), std::greater<>{});
    ends_.pop_back();
    leave_decoding(id);
    finish_undecoded(id, now);
  }
}

/// The last token is out of a sequence that is not in the decode batch (any more).
void Replica::finish_undecoded(SequenceId id, Nanoseconds now) {
  Sequence& s = sequences_[id];
  // The conversation's next prompt finds the answer's blocks too. (The last token is not in the
  // cache; with speculation blocks are reserved, not filled one by one, but the tokens are the
  // same.)
  const PrefixChain chain = prefixes_of(s);
  share_prefixes(s, chain.conversation, chain.block_tokens,
                 std::int64_t{s.input_tokens} + s.output_tokens - 1);
  give_back_blocks(id);
  --running_;
  ++s.residence;
  s.last_token = now;
  listener_.on_finished(*this, id, now);
}

void Replica::drop_aborted(Nanoseconds now) {
  for (const SequenceId id : aborted_) {
    const Sequence::State state = sequences_[id].state;
    if (state != Sequence::State::prefilling && state != Sequence::State::decoding) continue;
    remove_from_batch(id);
    give_back_blocks(id);
    listener_.on_aborted(*this, id, now);
  }
  aborted_.clear();
}

double Replica::watts(std::int64_t energy, Ticks duration) {
  return static_cast<double>(energy) * 1e-12 / (static_cast<double>(duration) / ticks_per_second);
}

}  // namespace microdc
