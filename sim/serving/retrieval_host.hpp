// Devices of a server group that look documents up: one queue, first come, first served.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/platform/event_loop.hpp"
#include "sim/serving/retrieval_stages.hpp"

namespace microdc {

/// Lookups of one workload on the devices of its knowledge base: all take the same time.
struct LookupKind {
  std::size_t knowledge_base = 0;  ///< index among those that are simulated
  std::int64_t chunk_tokens = 0;   ///< put before the prompt
  std::array<Nanoseconds, retrieval_stage_count> stages{};
  Watts power;            ///< of the device above idle, mean over the stages; 0: counted by cores
  double host_cores = 0;  ///< busy, mean over the stages; 0: counted by power
  [[nodiscard]] Nanoseconds service() const { return stages[0] + stages[1] + stages[2]; }
};

struct Lookup {
  std::uint64_t request = 0;  ///< whatever names the request to the listener
  const LookupKind* kind = nullptr;
  Nanoseconds submitted = 0;
};

class RetrievalListener {
 public:
  virtual ~RetrievalListener() = default;
  /// Whether somebody still waits for it; asked when its turn has come.
  virtual bool is_wanted(const Lookup& lookup) = 0;
  virtual void on_looked_up(const Lookup& lookup, Nanoseconds now) = 0;
  /// The devices of `server` have more or less to do.
  virtual void on_lookups_changed(std::size_t server) = 0;
};

/// Each device does one lookup at a time, all stages in turn. A lookup whose server fails starts
/// again at the head of the queue.
class RetrievalHost final : public EventTarget {
 public:
  /// `servers`: of each device.
  RetrievalHost(std::vector<std::size_t> servers, EventLoop& loop, RetrievalListener& listener);

  void submit(std::uint64_t request, const LookupKind& kind);
  /// Devices of the server are gone, or back.
  void fail(std::size_t server);
  void restore(std::size_t server);
  void on_event(Nanoseconds now, std::uint64_t payload) override;

  struct Load {
    Watts power;
    double host_cores = 0;
  };
  /// What the server's devices do now.
  [[nodiscard]] Load load(std::size_t server) const;
  struct Use {
    Joules energy;            ///< above idle
    double core_seconds = 0;  ///< of host cores
  };
  /// What they have done until `now`, the lookups under way included.
  [[nodiscard]] Use use_until(std::size_t server, Nanoseconds now) const;
  [[nodiscard]] std::size_t devices() const { return devices_.size(); }

 private:
  struct Device {
    std::size_t server = 0;
    bool online = true;
    std::uint32_t run = 0;   // counts lookups: the end of one that was broken off is void
    Nanoseconds since = -1;  // when the lookup under way began; -1: none
    Lookup lookup;
    Use done;
  };
  void start_next();
  void begin(Device& device, const Lookup& lookup);
  void end(Device& device);
  static void add_use(Use& use, const LookupKind& kind, Nanoseconds time);

  EventLoop& loop_;
  RetrievalListener& listener_;
  std::vector<Device> devices_;
  std::deque<Lookup> waiting_;
};

}  // namespace microdc
