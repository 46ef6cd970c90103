// The formula that stands for an uncontended ring all-reduce equals real SimGrid flows.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <simgrid/s4u.hpp>
#include <sstream>

#include "sim/platform/event_loop.hpp"
#include "sim/platform/simgrid_zones.hpp"
#include "tests/support/forked.hpp"

namespace microdc::testing {
namespace {

namespace s4u = simgrid::s4u;
namespace zones = simgrid_zones;

/// A ring of `ranks` accelerators; each round every rank sends a chunk to its neighbour, and the next
/// round begins when all chunks of the round have arrived.
class Ring final : public EventTarget {
 public:
  Ring(EventLoop& loop, int ranks, double bandwidth, double latency) : loop_(loop), ranks_(ranks) {
    s4u::NetZone* zone = zones::add_world("ring");
    for (int i = 0; i < ranks; ++i) {
      hosts_.push_back(zones::add_host(zone, fmt::format("gpu-{}", i), 1e9));
    }
    for (int i = 0; i < ranks; ++i) {
      s4u::Link* link = zones::add_link(zone, fmt::format("link-{}", i), bandwidth);
      link->set_latency(latency);
      zones::add_route(zone, hosts_[i]->get_netpoint(), hosts_[(i + 1) % ranks]->get_netpoint(),
                       {s4u::LinkInRoute(link)}, false);
    }
    zone->seal();
    s4u::Comm::on_completion_cb([this](const auto&) { one_arrived(); });
  }
  void start(double bytes) {
    chunk_ = bytes / ranks_;
    rounds_left_ = 2 * (ranks_ - 1);
    loop_.schedule(0, EventClass::arrival, this, 0);
  }
  void on_event(Nanoseconds, std::uint64_t) override { start_round(); }
  [[nodiscard]] double finished() const { return finished_; }

 private:
  void start_round() {
    arrived_ = 0;
    comms_.clear();
    for (int i = 0; i < ranks_; ++i) {
      comms_.push_back(s4u::Comm::sendto_init(hosts_[i], hosts_[(i + 1) % ranks_])
                           ->set_payload_size(static_cast<std::uint64_t>(chunk_)));
      comms_.back()->start();
    }
  }
  void one_arrived() {
    if (++arrived_ < ranks_) return;
    finished_ = s4u::Engine::get_clock();
    loop_.synchronise_with_simgrid();
    if (--rounds_left_ > 0) loop_.schedule(loop_.now(), EventClass::transfer, this, 0);
  }
  EventLoop& loop_;
  int ranks_;
  std::vector<s4u::Host*> hosts_;
  std::vector<s4u::CommPtr> comms_;
  double chunk_ = 0;
  double finished_ = 0;
  int rounds_left_ = 0;
  int arrived_ = 0;
};

TEST(Ring, FormulaEqualsSimGridFlows) {
  for (const int ranks : {2, 4, 8}) {
    constexpr double bandwidth = 450e9;
    constexpr double latency = 1e-6;
    const double bytes = 64.0 * 1024 * 1024;
    const std::string answer = in_child([&] {
      EventLoop loop;
      Ring ring(loop, ranks, bandwidth, latency);
      ring.start(bytes);
      loop.run();
      return fmt::format("{}", ring.finished());
    });
    double simulated = 0;
    std::istringstream(answer) >> simulated;
    // 2 (n-1) rounds, each a latency and a chunk of 1/n of the message.
    const double formula = 2 * (ranks - 1) * (latency + bytes / ranks / bandwidth);
    EXPECT_NEAR(simulated / formula, 1, 1e-4) << ranks << ": " << answer;
  }
}

}  // namespace
}  // namespace microdc::testing
