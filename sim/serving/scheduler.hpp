// The order in which waiting requests enter a replica's batch.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/serving/sequence.hpp"

namespace microdc {

/// Waiting requests of one replica. The front is the next to be admitted; one that does not fit
/// blocks those behind it, as in vLLM.
class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual void push(SequenceId id, const Sequence& sequence) = 0;
  /// A preempted request: ahead of all that were never admitted.
  virtual void push_preempted(SequenceId id, const Sequence& sequence) = 0;
  [[nodiscard]] virtual SequenceId front() const = 0;
  virtual void pop() = 0;
  /// Takes a request out wherever it stands; false if it is not waiting here.
  virtual bool remove(SequenceId id) = 0;
  [[nodiscard]] virtual std::size_t size() const = 0;
  /// Whether running request `a` is preempted rather than `b` when KV blocks run out; a strict order.
  [[nodiscard]] virtual bool yields_before(const Sequence& a, const Sequence& b) const = 0;
  [[nodiscard]] bool empty() const { return size() == 0; }
};

struct SchedulerKind {
  std::string name;
  std::string description;
  std::function<std::unique_ptr<Scheduler>()> make;
};

/// All schedulers, one file each in schedulers/.
const std::vector<SchedulerKind>& scheduler_kinds();

SchedulerKind fcfs_scheduler();
SchedulerKind priority_scheduler();

}  // namespace microdc
