// The clock of the simulation. Logic time is integer nanoseconds; events of one date run in a
// defined order. SimGrid's engine drives it: a SimGrid timer is armed at the earliest event, so that
// flows, hosts and this queue share one clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/workload/trace.hpp"

namespace microdc {

/// Order of events that fall on the same nanosecond.
enum class EventClass : std::uint8_t {
  failure,    ///< hosts fail and return
  transfer,   ///< a flow has arrived
  arrival,    ///< requests reach the gateway, and the replicas after it
  step_end,   ///< a replica has finished a step (or a run of steps)
  timeout,    ///< clients give up: after a token that arrives just in time
  sample,     ///< observers look at the state last
};

/// Something that events happen to.
class EventTarget {
 public:
  virtual ~EventTarget() = default;
  /// `payload` is what was given to EventLoop::schedule.
  virtual void on_event(Nanoseconds now, std::uint64_t payload) = 0;
};

class EventLoop {
 public:
  /// Starts SimGrid. One per process, ever: SimGrid's clock and models are global.
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  [[nodiscard]] Nanoseconds now() const { return now_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

  /// `target->on_event(date, payload)` will be called at `date` (not before now). Events of one date
  /// and class run in the order in which they were scheduled.
  void schedule(Nanoseconds date, EventClass event_class, EventTarget* target,
                std::uint64_t payload);

  /// Runs until nothing is left to happen, or stop() was called.
  void run();
  /// Ends run() after the current event; what is scheduled stays undone.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Called when SimGrid reports that something ended: logic time takes over SimGrid's clock, never
  /// going back and never past an event that is due but has not run yet.
  void synchronise_with_simgrid();

 private:
  struct Event {
    Nanoseconds date;
    std::uint64_t order;  // class in the top byte, then the sequence number
    EventTarget* target;
    std::uint64_t payload;
    bool operator>(const Event& other) const {
      return date != other.date ? date > other.date : order > other.order;
    }
  };

  void arm();
  void run_due_events(Nanoseconds date);

  std::vector<Event> heap_;
  Nanoseconds now_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t events_ = 0;
  bool stopped_ = false;
  bool running_events_ = false;
  struct SimGrid;  // keeps SimGrid's types out of this header
  std::unique_ptr<SimGrid> simgrid_;
};

}  // namespace microdc
