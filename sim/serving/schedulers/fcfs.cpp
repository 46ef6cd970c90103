#include <algorithm>
#include <deque>

#include "sim/serving/scheduler.hpp"

namespace microdc {
namespace {

class FcfsScheduler final : public Scheduler {
 public:
  void push(SequenceId id, const Sequence&) override { waiting_.push_back(id); }
  void push_preempted(SequenceId id, const Sequence&) override { waiting_.push_front(id); }
  [[nodiscard]] SequenceId front() const override { return waiting_.front(); }
  void pop() override { waiting_.pop_front(); }
  bool remove(SequenceId id) override {
    const auto at = std::find(waiting_.begin(), waiting_.end(), id);
    if (at == waiting_.end()) return false;
    waiting_.erase(at);
    return true;
  }
  [[nodiscard]] std::size_t size() const override { return waiting_.size(); }
  [[nodiscard]] bool yields_before(const Sequence& a, const Sequence& b) const override {
    return a.admission > b.admission;
  }

 private:
  std::deque<SequenceId> waiting_;
};

}  // namespace

SchedulerKind fcfs_scheduler() {
  return {"fcfs", "first come, first served (vLLM's default)",
          [] { return std::make_unique<FcfsScheduler>(); }};
}

}  // namespace microdc
