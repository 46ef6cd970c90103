#include <set>
#include <tuple>
#include <unordered_map>

#include "sim/serving/scheduler.hpp"

namespace microdc {
namespace {

/// Lower priority numbers first, as in vLLM; first come, first served within one priority. Of the
/// running requests the one that came last with the highest number is preempted.
class PriorityScheduler final : public Scheduler {
 public:
  void push(SequenceId id, const Sequence& sequence) override {
    insert(id, {sequence.priority, next_++, id});
  }
  void push_preempted(SequenceId id, const Sequence& sequence) override {
    insert(id, {sequence.priority, --first_, id});
  }
  [[nodiscard]] SequenceId front() const override { return std::get<2>(*waiting_.begin()); }
  void pop() override {
    keys_.erase(front());
    waiting_.erase(waiting_.begin());
  }
  bool remove(SequenceId id) override {
    const auto at = keys_.find(id);
    if (at == keys_.end()) return false;
    waiting_.erase(at->second);
    keys_.erase(at);
    return true;
  }
  [[nodiscard]] std::size_t size() const override { return waiting_.size(); }
  [[nodiscard]] bool yields_before(const Sequence& a, const Sequence& b) const override {
    return std::tie(a.priority, a.arrival, a.admission) >
           std::tie(b.priority, b.arrival, b.admission);
  }

 private:
  using Key = std::tuple<std::int32_t, std::int64_t, SequenceId>;
  void insert(SequenceId id, Key key) {
    waiting_.insert(key);
    keys_[id] = key;
  }
  std::set<Key> waiting_;
  std::unordered_map<SequenceId, Key> keys_;
  std::int64_t next_ = 0;
  std::int64_t first_ = 0;
};

}  // namespace

SchedulerKind priority_scheduler() {
  return {"priority", "lowest priority number of the workload first, then first come first served",
          [] { return std::make_unique<PriorityScheduler>(); }};
}

}  // namespace microdc
