// Servers fail and return: their requests move on, weights are loaded again.
#include <algorithm>
#include <cmath>

#include "sim/serving/rack.hpp"

namespace microdc {

/// Time to failure is exponential; each server has random numbers of its own.
void Rack::schedule_failure(std::size_t index) {
  ServerState& server = servers_[index];
  RandomStream random(static_cast<std::uint64_t>(scenario_.seed), RandomPurpose::failures,
                      static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(server.failures.size()));
  const double wait = random.exponential() * scenario_.failures.server_mtbf->value();
  // Beyond what nanoseconds can count, it never fails.
  if (wait > 9e9 - static_cast<double>(loop_.now()) * 1e-9) return;
  loop_.schedule(loop_.now() + static_cast<Nanoseconds>(std::llround(wait * 1e9)),
                 EventClass::failure, this, payload(Kind::server_fails, index));
}

void Rack::fail_server(std::size_t index) {
  if (!work_left()) return;  // nobody would notice, and the simulation must end
  ServerState& server = servers_[index];
  server.online = false;
  server.serving = false;
  server.failures.push_back(loop_.now());
  platform_.set_online(index, false);
  // All its replicas are gone before the first request looks for another one.
  std::vector<SequenceId> lost;
  for (Replica* replica : server.replicas) {
    if (!replica->online()) continue;
    const std::vector<SequenceId> own = replica->fail();
    lost.insert(lost.end(), own.begin(), own.end());
  }
  std::stable_sort(lost.begin(), lost.end(), [this](SequenceId a, SequenceId b) {
    return sequences_[a].arrival < sequences_[b].arrival;
  });
  power_->set_online(index, false);
  for (const auto& host : retrieval_hosts_) host->fail(index);
  for (const SequenceId id : lost) {
    forget_waiting(id);
    if (sequences_[id].abandoned) {
      end_timed_out(id);
      continue;
    }
    ++streams_[sequences_[id].stream].counts.retried;
    dispatch(id, sequences_[id].target);
  }
  const double repair = scenario_.failures.repair_time.value();
  loop_.schedule(loop_.now() + static_cast<Nanoseconds>(std::llround(repair * 1e9)),
                 EventClass::failure, this, payload(Kind::server_returns, index));
}

void Rack::return_server(std::size_t index) {
  ServerState& server = servers_[index];
  server.online = true;
  server.returns.push_back(loop_.now());
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
  servers_[index].serving = true;
  for (const auto& host : retrieval_hosts_) host->restore(index);
  for (Replica* replica : servers_[index].replicas) {
    if (!all_servers_serve(*replica)) continue;
    replica->restore();
    release_held(pool_of_replica_[replica->index()]);
  }
  schedule_failure(index);
}

/// Whether none of the servers that a replica stands on is down or starting.
bool Rack::all_servers_serve(const Replica& replica) const {
  return std::all_of(servers_.begin(), servers_.end(), [&](const ServerState& server) {
    return server.serving || std::find(server.replicas.begin(), server.replicas.end(), &replica) ==
                                 server.replicas.end();
  });
}

void Rack::release_held(std::size_t pool) {
  std::deque<SequenceId> held;
  held.swap(pools_[pool].held);
  for (const SequenceId id : held) dispatch(id, pool);
  std::deque<SequenceId> caches;
  caches.swap(pools_[pool].kept_caches);
  for (const SequenceId id : caches) {
    on_prefilled(*replicas_[sequences_[id].replica], id, loop_.now());
  }
}

}  // namespace microdc
