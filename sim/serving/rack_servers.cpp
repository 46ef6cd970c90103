// Servers fail and return: their requests move on, weights are loaded again.
#include <cmath>

#include "sim/serving/rack.hpp"

namespace microdc {

/// Time to failure is exponential; each server has random numbers of its own.
void Rack::schedule_failure(std::size_t index) {
  ServerState& server = servers_[index];
  RandomStream random(static_cast<std::uint64_t>(scenario_.seed), RandomPurpose::failures,
                      static_cast<std::uint32_t>(index), server.failures);
  const double wait = random.exponential() * scenario_.failures.server_mtbf->value();
  if (wait > 9e9) return;  // beyond what nanoseconds can count: it never fails
  loop_.schedule(loop_.now() + static_cast<Nanoseconds>(std::llround(wait * 1e9)),
                 EventClass::failure, this, payload(Kind::server_fails, index));
}

void Rack::fail_server(std::size_t index) {
  if (!work_left()) return;  // nobody would notice, and the simulation must end
  ServerState& server = servers_[index];
  server.online = false;
  server.off_since = loop_.now();
  ++server.failures;
  platform_.set_online(index, false);
  for (Replica* replica : server.replicas) {
    if (!replica->online()) continue;
    for (const SequenceId id : replica->fail()) {
      ++streams_[sequences_[id].stream].counts.retried;
      dispatch(id, streams_[sequences_[id].stream].pool);
    }
  }
  power_->set_online(index, false);
  const double repair = scenario_.failures.repair_time.value();
  loop_.schedule(loop_.now() + static_cast<Nanoseconds>(std::llround(repair * 1e9)),
                 EventClass::failure, this, payload(Kind::server_returns, index));
}

void Rack::return_server(std::size_t index) {
  ServerState& server = servers_[index];
  server.online = true;
  server.off_time += loop_.now() - server.off_since;
  platform_.set_online(index, true);
  power_->set_online(index, true);
  platform_.transfer({index, true}, {index, false}, server.weights, this,
                     payload(Kind::weights_loaded, index));
}

void Rack::load_weights(std::size_t index) {
  loop_.schedule(loop_.now() + servers_[index].start_up, EventClass::failure, this,
                 payload(Kind::engine_started, index));
}

void Rack::start_engines(std::size_t index) {
  if (!servers_[index].online) return;
  for (Replica* replica : servers_[index].replicas) {
    replica->restore();
    release_held(pool_of_replica_[replica->index()]);
  }
  schedule_failure(index);
}

void Rack::release_held(std::size_t pool) {
  std::deque<SequenceId> held;
  held.swap(pools_[pool].held);
  for (const SequenceId id : held) dispatch(id, pool);
}

}  // namespace microdc
