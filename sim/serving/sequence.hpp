// A request while it is inside the rack.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/workload/trace.hpp"

namespace microdc {

using SequenceId = std::uint32_t;
inline constexpr SequenceId no_sequence = 0xffffffffu;

struct Sequence {
  /// away: looking documents up, on its way to a replica's queue, or in a cloud.
  enum class State : std::uint8_t { free, waiting, prefilling, decoding, transferring, away };

  Nanoseconds arrival = 0;           ///< at the gateway
  Nanoseconds retrieval = 0;         ///< from the gateway to the end of looking documents up
  Nanoseconds first_scheduled = -1;  ///< -1: not yet
  Nanoseconds first_token = -1;      ///< -1: not yet
  Nanoseconds last_token = -1;       ///< when its last token left; set when it stops decoding
                                     ///< or leaves a prefill replica
  std::int32_t input_tokens = 0;
  std::int32_t output_tokens = 0;
  std::int32_t generated = 0;   ///< tokens produced before it last started to decode
  std::int32_t to_prefill = 0;  ///< tokens to compute before it can decode: prompt, or prompt and
                                ///< generated tokens after a preemption
  std::int32_t prefilled = 0;   ///< of these, computed or found in the prefix cache
  std::int32_t pinned_prefixes = 0;  ///< leading prefix blocks it shares with the prefix cache
  std::int32_t own_blocks = 0;       ///< KV blocks held while prefilling, without the shared ones
  std::int32_t priority = 0;
  std::int64_t join_step = 0;      ///< replica's decode counter when it began to decode
  std::int64_t end_step = 0;       ///< decode counter at which it is done
  std::int64_t steps_total = 0;    ///< end_step - join_step of this residence
  std::int64_t eligible_step = 0;  ///< replica's count of steps from which it may join one
  std::uint64_t admission = 0;     ///< order of admission to the running batch
  std::uint32_t stream = 0;        ///< workload it belongs to
  std::uint32_t request = 0;       ///< index in the stream's trace
  std::uint32_t replica = 0;
  std::uint32_t destination = 0;  ///< replica to whose server its KV cache is moving
  std::uint32_t residence = 0;    ///< changes whenever it leaves a batch: old references are void
  std::uint32_t identity = 0;     ///< differs between successive users of one id
  std::uint16_t rank = 0;         ///< data-parallel rank that computes its prompt
  std::uint16_t attempts = 0;     ///< times it was routed (more than once after failures)
  std::uint16_t target = 0;  ///< pool or cloud that the gateway chose (sim/scenario/targets.hpp)
  State state = State::free;
  bool held : 1 = false;                 ///< at the gateway, while no replica is online
  bool abandoned : 1 = false;            ///< the client has gone; it ends with the step under way
  bool prefilled_elsewhere : 1 = false;  ///< its KV cache arrived from a prefill pool
};

/// All requests in flight; identities are reused.
class SequenceStore {
 public:
  SequenceId create() {
    if (free_.empty()) {
      sequences_.emplace_back();
      return static_cast<SequenceId>(sequences_.size() - 1);
    }
    const SequenceId id = free_.back();
    free_.pop_back();
    const std::uint32_t residence = sequences_[id].residence + 1;
    const std::uint32_t identity = sequences_[id].identity + 1;
    sequences_[id] = Sequence{};
    sequences_[id].residence = residence;
    sequences_[id].identity = identity;
    return id;
  }
  void release(SequenceId id) {
    sequences_[id].state = Sequence::State::free;
    ++sequences_[id].residence;
    free_.push_back(id);
  }
  Sequence& operator[](SequenceId id) { return sequences_[id]; }
  const Sequence& operator[](SequenceId id) const { return sequences_[id]; }
  [[nodiscard]] std::size_t in_flight() const { return sequences_.size() - free_.size(); }

 private:
  std::vector<Sequence> sequences_;
  std::vector<SequenceId> free_;
};

}  // namespace microdc
