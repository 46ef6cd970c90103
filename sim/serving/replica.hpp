// One replica of a model under a vLLM-v1-like scheduler: continuous batching with chunked prefill
// under a token budget, paged KV blocks, prefix caching, preemption by recompute.
//
// While a batch only decodes, the replica jumps over as many steps as it can in closed form (a
// run): to the next completion, to the end of the cost's linear segment, or to the last step for
// which blocks suffice. A request that arrives cuts the run at the end of the step under way. Runs
// and single steps give the same answer to the nanosecond (docs/invariants.md).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sim/platform/event_loop.hpp"
#include "sim/serving/histogram.hpp"
#include "sim/serving/prefix_cache.hpp"
#include "sim/serving/scheduler.hpp"
#include "sim/serving/sequence.hpp"
#include "sim/serving/step_cost.hpp"

namespace microdc {

class Replica;

/// Who is told what happens to sequences.
class ReplicaListener {
 public:
  virtual ~ReplicaListener() = default;
  /// All tokens are out; the sequence has left the replica.
  virtual void on_finished(Replica& replica, SequenceId id, Nanoseconds now) = 0;
  /// Only on prefill replicas: the KV cache is ready to move; the sequence has left the batch, its
  /// blocks stay until release_transferred().
  virtual void on_prefilled(Replica& replica, SequenceId id, Nanoseconds now) = 0;
  /// The request can never fit (longer than the KV cache or the model's context).
  virtual void on_rejected(Replica& replica, SequenceId id, Nanoseconds now) = 0;
  /// abort() has been carried out; the sequence has left the replica.
  virtual void on_aborted(Replica& replica, SequenceId id, Nanoseconds now) = 0;
};

/// A step, or a run of equal-batch decode steps, as observers see it.
struct StepRecord {
  Nanoseconds begin = 0;
  Nanoseconds end = 0;
  std::int64_t steps = 1;
  std::int64_t decode_sequences = 0;
  std::int64_t prefill_sequences = 0;
  std::int64_t prefill_tokens = 0;
  std::int64_t kv_tokens = 0;
  std::int64_t waiting = 0;
  double power = 0;  ///< accelerators of the replica in the (first) step [W]
  /// The same for instruments: of decode steps, that at the beginning of the cost's linear segment,
  /// so that it changes at the same moments whether steps come one by one or in runs [W].
  double metered_power = 0;
};

class StepObserver {
 public:
  virtual ~StepObserver() = default;
  /// A step begins that will draw this power; `record.end` is when it ends if nothing cuts it.
  virtual void on_step_begin(const Replica& replica, const StepRecord& record) = 0;
  /// What was carried out.
  virtual void on_step_end(const Replica& replica, const StepRecord& record) = 0;
  /// The replica has nothing to do.
  virtual void on_idle(const Replica& replica, Nanoseconds now) = 0;
};

struct ReplicaLimits {
  std::int64_t max_num_seqs = 256;
  std::int64_t max_num_batched_tokens = 8192;  ///< of one rank
  std::int64_t kv_blocks = 0;                  ///< of all data-parallel ranks
  std::int64_t ranks = 1;                      ///< data-parallel; a sequence lives on one of them
  std::int64_t block_tokens = 16;
  std::int64_t max_context = 0;  ///< tokens of prompt and answer; 0: no limit
  bool prefix_caching = false;
  bool gathers_arrivals = false;  ///< what arrives together begins together
  bool mixes_prefill_and_decode = true;
  bool schedules_ahead = false;  ///< the next step is put together while one is under way
  bool prefill_only = false;     ///< role in a disaggregated pool
  bool single_steps = false;     ///< never jump (cross-check of macro-stepping)
};

/// Speculative decoding: tokens a step yields per sequence are random; 0 drafts: one.
struct AcceptanceModel {
  std::int64_t draft_tokens = 0;
  double acceptance = 0;
  std::uint64_t seed = 0;
};

/// Counters of one replica.
struct ReplicaCounters {
  std::int64_t steps = 0;  ///< engine steps
  std::int64_t runs = 0;   ///< events that carried them out (macro-steps)
  std::int64_t preemptions = 0;
  std::int64_t prefill_tokens = 0;
  std::int64_t cached_tokens = 0;  ///< prompt tokens found in the prefix cache
  Nanoseconds busy = 0;
  Wide energy = 0;       ///< accelerators while busy [pJ]
  Wide batch_ticks = 0;  ///< sequences in the batch * time [2^-16 ns]
  std::int64_t peak_blocks = 0;
};

class Replica final : public EventTarget {
 public:
  Replica(std::uint32_t index, ReplicaLimits limits, AcceptanceModel acceptance,
          std::shared_ptr<StepCost> cost, std::unique_ptr<Scheduler> scheduler,
          SequenceStore& sequences, EventLoop& loop, ReplicaListener& listener,
          DurationHistogram& itl);
  ~Replica() override;

  /// A request arrives now. `prefixes` are its prefix ids; they stay valid while it is here.
  void submit(SequenceId id);
  /// The client has gone: whatever the request is doing ends (at the end of the step under way).
  void abort(SequenceId id);
  /// A KV cache that left a prefill replica has arrived: its blocks are free again.
  void release_transferred(SequenceId id);
  /// The server fails: all requests are lost from here and returned, in order of arrival.
  std::vector<SequenceId> fail();
  void restore();
  /// The simulation stops now: of a step under way, the part that has passed counts.
  void settle() {
    account_interrupted_step(loop_.now(), steps_before(loop_.now() + 1));
    activity_ = Activity::idle;
  }

  [[nodiscard]] std::uint32_t index() const { return index_; }
  [[nodiscard]] bool online() const { return online_; }
  /// Requests waiting or running.
  [[nodiscard]] std::int64_t load() const {
    return static_cast<std::int64_t>(scheduler_->size()) + running_;
  }
  [[nodiscard]] std::int64_t running() const { return running_; }
  [[nodiscard]] std::int64_t waiting() const {
    return static_cast<std::int64_t>(scheduler_->size());
  }
  /// KV blocks in use now, by sequences and by prefixes that they share.
  [[nodiscard]] std::int64_t used_blocks() const;
  [[nodiscard]] const ReplicaLimits& limits() const { return limits_; }
  [[nodiscard]] const ReplicaCounters& counters() const { return counters_; }
  /// Time and energy of the accelerators while busy, until `now` in the middle of whatever is done.
  struct Use {
    Nanoseconds busy = 0;
    Wide energy = 0;  ///< [pJ]
  };
  [[nodiscard]] Use use_until(Nanoseconds now) const;
  [[nodiscard]] const StepCost& cost() const { return *cost_; }

  void set_observer(StepObserver* observer) { observer_ = observer; }
  /// The prefix ids of a sequence (from the simulation, which owns the traces).
  using PrefixLookup = PrefixChain (*)(const void* context, const Sequence&);
  void set_prefix_lookup(PrefixLookup lookup, const void* context) {
    prefix_lookup_ = lookup;
    prefix_context_ = context;
  }

  void on_event(Nanoseconds now, std::uint64_t payload) override;

 private:
  enum class Activity : std::uint8_t { idle, planning, mixed_step, decode_run };
  struct ChunkOfStep {
    SequenceId id;
    std::int32_t tokens;
  };
  struct Run {
    Nanoseconds begin = 0;
    Nanoseconds end = 0;
    std::int64_t steps = 0;
    Ticks first_duration = 0;
    Ticks duration_growth = 0;       // per step
    std::int64_t first_energy = 0;   // [pJ]
    std::int64_t energy_growth = 0;  // per step
  };
  struct Stall {
    Ticks duration;          // of a prefill-only step
    std::int64_t sequences;  // that were decoding and had to wait, without moved_in_
  };
  struct EndEntry {
    std::int64_t end_step;
    SequenceId id;
    std::uint32_t residence;
    bool operator>(const EndEntry& other) const {
      return end_step != other.end_step ? end_step > other.end_step : id > other.id;
    }
  };

  // replica_schedule.cpp: what the next step holds
  void plan(Nanoseconds now);
  void reset_budgets();
  void continue_prefills();
  void admit_waiting();
  bool admit(SequenceId id, std::size_t rank);
  void pin_cached_prefixes(Sequence& sequence);
  void add_chunk(SequenceId id, std::int64_t tokens);
  std::int64_t missing_blocks(const Sequence& sequence, std::int64_t tokens) const;
  void preempt(SequenceId id);
  void remove_from_batch(SequenceId id);
  [[nodiscard]] SequenceId first_to_yield() const;
  [[nodiscard]] std::int64_t eligible_step(Nanoseconds now) const;
  [[nodiscard]] std::int64_t steps_until_next_joins() const;
  [[nodiscard]] std::int64_t most_cached_tokens(const Sequence& sequence) const;
  [[nodiscard]] bool can_never_fit(const Sequence& sequence) const;

  // replica_steps.cpp: carrying steps out
  void start_mixed_step(Nanoseconds now);
  void finish_mixed_step(Nanoseconds now);
  void start_run(Nanoseconds now);
  void finish_run(Nanoseconds now);
  void account_run(std::int64_t steps);
  void cut_run(Nanoseconds now, std::int64_t further_steps);
  void schedule_end(Nanoseconds end);
  [[nodiscard]] Ticks run_ticks(std::int64_t steps) const;
  [[nodiscard]] Wide run_energy(std::int64_t steps) const;  // [pJ]
  [[nodiscard]] std::int64_t steps_until(Nanoseconds date) const;
  [[nodiscard]] std::int64_t steps_before(Nanoseconds date) const;
  [[nodiscard]] Nanoseconds end_of(Nanoseconds begin, Ticks ticks) const;
  void commit_ticks(Ticks ticks);
  void record_gaps(Nanoseconds first_end, Ticks first, Ticks growth, std::int64_t steps);
  void record_first_gaps(Nanoseconds first_end, Ticks first);
  void begin_decoding(SequenceId id, Nanoseconds now);
  void complete_finished(Nanoseconds now);
  void finish_undecoded(SequenceId id, Nanoseconds now);
  void drop_void_ends();
  void drop_aborted(Nanoseconds now);
  /// The step under way when `steps_over` steps of a run are over (0 in a mixed step).
  struct StepUnderWay {
    Nanoseconds begin = 0;
    StepPrice price;
  };
  [[nodiscard]] StepUnderWay step_under_way(std::int64_t steps_over) const;
  void account_interrupted_step(Nanoseconds now, std::int64_t steps_over);
  [[nodiscard]] std::int64_t decode_steps_for(const Sequence& sequence) const;
  static double watts(std::int64_t energy, Ticks duration);

  // replica_blocks.cpp: KV memory
  [[nodiscard]] std::int64_t blocks_for(std::int64_t tokens) const;
  [[nodiscard]] std::int64_t state_blocks(const Sequence& sequence) const;
  [[nodiscard]] std::int64_t available_blocks() const;
  [[nodiscard]] std::int64_t decode_blocks_needed(std::int64_t steps) const;
  [[nodiscard]] std::int64_t steps_with_blocks(std::int64_t limit) const;
  void take_blocks(std::int64_t count);
  void give_back_blocks(SequenceId id);
  void leave_decoding(SequenceId id);
  [[nodiscard]] std::int64_t decoded_kv(const Sequence& sequence) const;
  [[nodiscard]] std::int64_t growth_per_step(const Sequence& sequence) const;
  [[nodiscard]] PrefixChain prefixes_of(const Sequence& sequence) const;
  void share_prefixes(Sequence& sequence, std::span<const std::uint32_t> ids,
                      std::int32_t block_tokens, std::int64_t tokens);
  void pin_prefixes(Sequence& sequence, std::span<const std::uint32_t> ids,
                    std::int32_t block_tokens);
  [[nodiscard]] std::size_t phase_of(std::int64_t kv_tokens) const;

  std::uint32_t index_;
  ReplicaLimits limits_;
  AcceptanceModel acceptance_;
  std::shared_ptr<StepCost> cost_;  // shared with the other replicas of the pool
  std::unique_ptr<Scheduler> scheduler_;
  SequenceStore& sequences_;
  EventLoop& loop_;
  ReplicaListener& listener_;
  DurationHistogram& itl_;
  StepObserver* observer_ = nullptr;
  PrefixLookup prefix_lookup_ = nullptr;
  const void* prefix_context_ = nullptr;

  bool online_ = true;
  Activity activity_ = Activity::idle;
  std::uint64_t generation_ = 0;  // of the pending step event; older ones are void
  std::uint64_t admissions_ = 0;
  bool preempted_in_plan_ = false;

  std::int64_t running_ = 0;              // prefilling and decoding
  std::vector<SequenceId> prefilling_;    // in order of admission
  std::vector<SequenceId> transferring_;  // prefilled here, KV cache on its way elsewhere
  std::int64_t decoding_ = 0;
  std::int64_t decode_step_ = 0;      // counter of decode steps since the start
  std::int64_t decode_kv_ = 0;        // KV of the decoding sequences [1/kv_scale tokens]
  std::int64_t decode_growth_ = 0;    // per step [1/kv_scale tokens]
  std::vector<EndEntry> ends_;        // heap by end_step; entries of old residences are void
  std::vector<std::int64_t> phases_;  // decoding sequences by (KV - decode step) mod block

  std::vector<std::int64_t> budgets_;  // tokens that each rank may still take into the step
  std::vector<ChunkOfStep> chunks_;
  std::vector<PrefillChunk> chunk_shapes_;
  Run run_;
  StepRecord record_;
  StepPrice price_;
  bool decodes_in_step_ = false;
  Ticks clock_rest_ = 0;              // fraction of a nanosecond left from the last step
  std::vector<Stall> stalls_;         // prefill-only steps since the last decode step
  std::vector<SequenceId> moved_in_;  // from a prefill replica, before their first decode step
  Nanoseconds step_begin_ = 0;
  std::vector<SequenceId> aborted_;  // to be taken out when the step ends

  std::int64_t used_blocks_ = 0;      // by sequences and pinned prefixes
  std::int64_t reserved_blocks_ = 0;  // for the decodes of the step being planned
  PrefixCache prefix_cache_;
  ReplicaCounters counters_;
};

}  // namespace microdc
