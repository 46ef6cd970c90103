#include "sim/platform/event_loop.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

namespace microdc {
namespace {

using simgrid::kernel::timer::Timer;

/// Monotone, so that the order of dates survives the rounding; above 2^53 ns (104 days) neighbouring
/// nanoseconds share a SimGrid date, and our own order decides alone.
double to_simgrid_date(Nanoseconds date) { return static_cast<double>(date) * 1e-9; }

}  // namespace

struct EventLoop::SimGrid {
  SimGrid() {
    // Quiet, and without TCP's start-up and cross-traffic corrections, which were calibrated for
    // wide-area TCP and multiply the latency of a rack 13 times (docs/decisions/0002).
    static char name[] = "microdc";
    static char log[] = "--log=root.thresh:error";
    static char* arguments[] = {name, log, nullptr};
    int count = 2;
    // SimGrid takes over Ctrl-C to print its state and exit; how to stop is the program's business.
    struct sigaction interrupt {};
    sigaction(SIGINT, nullptr, &interrupt);
    engine = std::make_unique<simgrid::s4u::Engine>(&count, arguments);
    sigaction(SIGINT, &interrupt, nullptr);
    simgrid::s4u::Engine::set_config("network/model:CM02");
    simgrid::s4u::Engine::set_config("network/crosstraffic:0");
    simgrid::s4u::Engine::set_config("network/TCP-gamma:1e15");
  }
  std::unique_ptr<simgrid::s4u::Engine> engine;
  Timer* timer = nullptr;  // armed at the earliest event; owned by SimGrid
  Nanoseconds armed_for = 0;
};

EventLoop::EventLoop() : simgrid_(std::make_unique<SimGrid>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::schedule(Nanoseconds date, EventClass event_class, EventTarget* target,
                         std::uint64_t payload, std::uint16_t rank) {
  const std::uint64_t order = (static_cast<std::uint64_t>(event_class) << 56) |
                              (static_cast<std::uint64_t>(rank) << 40) | sequence_++;
  heap_.push_back({std::max(date, now_), order, target, payload});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>{});
  if (!running_events_) arm();
}

void EventLoop::arm() {
  if (heap_.empty() || stopped_) {
    if (simgrid_->timer != nullptr) simgrid_->timer->remove();
    simgrid_->timer = nullptr;
    return;
  }
  const Nanoseconds earliest = heap_.front().date;
  if (simgrid_->timer != nullptr) {
    if (simgrid_->armed_for == earliest) return;
    simgrid_->timer->remove();
  }
  simgrid_->armed_for = earliest;
  const double date = std::max(to_simgrid_date(earliest), simgrid::s4u::Engine::get_clock());
  simgrid_->timer = Timer::set(date, [this] {
    simgrid_->timer = nullptr;
    run_due_events(simgrid_->armed_for);
  });
}

void EventLoop::run_due_events(Nanoseconds date) {
  running_events_ = true;
  while (!heap_.empty() && heap_.front().date <= date && !stopped_) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>{});
    const Event event = heap_.back();
    heap_.pop_back();
    now_ = std::max(now_, event.date);
    ++events_;
    event.target->on_event(now_, event.payload);
    if (watch_interval_ > 0 && events_ % watch_interval_ == 0) watch_();
  }
  running_events_ = false;
  arm();
}

void EventLoop::synchronise_with_simgrid() {
  if (stopped_) return;  // SimGrid still finishes its flows, but our time has ended
  auto clock = static_cast<Nanoseconds>(std::llround(simgrid::s4u::Engine::get_clock() * 1e9));
  if (!heap_.empty()) clock = std::min(clock, heap_.front().date);
  now_ = std::max(now_, clock);
}

void EventLoop::run() {
  arm();
  simgrid_->engine->run();
}

}  // namespace microdc
