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
  /// and class run by rank, lower first, and those of one rank in the order in which they were
  /// scheduled. Who schedules the same event at different times in different modes (a replica that
  /// jumps over steps or does not) needs a rank of its own, so that the order stays the same.
  void schedule(Nanoseconds date, EventClass event_class, EventTarget* target,
                std::uint64_t payload, std::uint16_t rank = 0);

  /// `watch` is called after every `events` events, for example to look at an interrupt.
  void watch_every(std::uint64_t events, std::function<void()> watch) {
    watch_interval_ = events;
    watch_ = std::move(watch);
  }

  /// Runs until nothing is left to happen, or stop() was called.
  void run();
  /// Ends run() after the current event; what is scheduled stays undone.
  void stop() { stopped_ = true; }
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Called when SimGrid reports that something ended: logic time takes over SimGrid's clock, never
  /// going back, never past an event that is due but has not run yet, and not after stop().
  void synchronise_with_simgrid();

 private:
  struct Event {
    Nanoseconds date;
    std::uint64_t order;  // class (8 bits), rank (16), sequence number (40)
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
  std::uint64_t watch_interval_ = 0;  // 0: nobody watches
  std::function<void()> watch_;
  bool stopped_ = false;
  bool running_events_ = false;
  struct SimGrid;  // keeps SimGrid's types out of this header
  std::unique_ptr<SimGrid> simgrid_;
};

}  // namespace microdc
