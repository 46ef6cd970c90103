// The life of requests: arrival, routing, transfer, completion, follow-ups.
#include <algorithm>
#include <cmath>

#include "sim/serving/rack.hpp"

namespace microdc {

PrefixChain Rack::prefixes(const void* rack, const Sequence& sequence) {
  const Stream& stream = static_cast<const Rack*>(rack)->streams_[sequence.stream];
  const Trace& trace = stream.requests->trace;
  const TraceRequest& request = trace.requests[sequence.request];
  const auto ids = std::span(trace.prefix_hashes).subspan(request.prefix_begin);
  std::size_t conversation = request.prefix_count;
  // Other documents stand before the next turn's prompt than before this one's.
  if (!stream.follower.empty() && stream.follower[sequence.request] >= 0 &&
      !looks_up(stream, sequence.request)) {
    // Turns of one conversation share their chain; the next turn's prompt reaches further.
    const TraceRequest& next =
        trace.requests[static_cast<std::size_t>(stream.follower[sequence.request])];
    if (next.prefix_begin == request.prefix_begin) {
      conversation = std::max<std::size_t>(conversation, next.prefix_count);
    }
  }
  return {ids.first(request.prefix_count), ids.first(conversation), trace.prefix_block_tokens};
}

void Rack::start_streams() {
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    const auto count = static_cast<std::int64_t>(stream.requests->trace.requests.size());
    pending_ += count;
    if (!stream.requests->follows.empty()) {
      stream.follower.assign(static_cast<std::size_t>(count), -1);
      for (std::size_t r = 0; r < stream.requests->follows.size(); ++r) {
        const std::int32_t predecessor = stream.requests->follows[r];
        if (predecessor >= 0) {
          stream.follower[static_cast<std::size_t>(predecessor)] = static_cast<std::int32_t>(r);
        }
      }
    }
    if (stream.requests->closed_loop) {
      const std::int64_t first = std::min(count, stream.requests->closed_loop->concurrency);
      for (; stream.next < static_cast<std::size_t>(first); ++stream.next) {
        loop_.schedule(stream.delay, EventClass::arrival, this,
                       payload(Kind::follow_up, (std::uint64_t{i} << 32) | stream.next));
      }
    } else {
      schedule_next_arrival(i);
    }
  }
  total_requests_ = pending_;
}

void Rack::schedule_next_arrival(std::size_t index) {
  Stream& stream = streams_[index];
  const auto& requests = stream.requests->trace.requests;
  // Requests that follow an answer arrive when it is out.
  while (stream.next < requests.size() && !stream.requests->follows.empty() &&
         stream.requests->follows[stream.next] >= 0) {
    ++stream.next;
  }
  if (stream.next == requests.size()) return;
  loop_.schedule(requests[stream.next].arrival + stream.delay, EventClass::arrival, this,
                 payload(Kind::arrival, index));
}

void Rack::on_arrival(std::size_t index, Nanoseconds now) {
  Stream& stream = streams_[index];
  const std::size_t request = stream.next++;
  schedule_next_arrival(index);
  arrive(index, request, now - stream.delay);
}

void Rack::arrive(std::size_t index, std::size_t request_index, Nanoseconds arrival) {
  Stream& stream = streams_[index];
  const TraceRequest& request = stream.requests->trace.requests[request_index];
  --pending_;
  ++stream.counts.offered;
  const SequenceId id = sequences_.create();
  Sequence& s = sequences_[id];
  s.arrival = arrival;
  s.input_tokens = std::max(1, request.input_tokens);
  s.output_tokens = std::max(1, request.output_tokens);
  s.stream = static_cast<std::uint32_t>(index);
  s.request = static_cast<std::uint32_t>(request_index);
  s.priority = static_cast<std::int32_t>(stream.spec->priority);
  if (stream.spec->client_timeout) {
    const auto patience =
        static_cast<Nanoseconds>(std::llround(stream.spec->client_timeout->value() * 1e9));
    loop_.schedule(arrival + patience, EventClass::timeout, this,
                   payload(Kind::client_timeout, in_flight(id)));
  }
  ++arrived_;
  hours_.on_arrival();
  if (looks_up(stream, request_index)) return look_up(id);
  if (stream.routed) return route(id);
  s.target = static_cast<std::uint16_t>(stream.target);
  dispatch(id, stream.target);
}

void Rack::report_progress() {
  if (options_.progress && total_requests_ > 0) {
    options_.progress(static_cast<double>(arrived_) / static_cast<double>(total_requests_),
                      Seconds(static_cast<double>(loop_.now()) * 1e-9));
  }
  if (options_.interrupt != nullptr && options_.interrupt->load()) {
    interrupted_ = true;
    loop_.stop();
  }
}

void Rack::dispatch(SequenceId id, std::size_t pool_index) {
  Pool& pool = pools_[pool_index];
  const auto chosen = pool.router->choose(pool.replicas, prefixes(this, sequences_[id]).prompt);
  if (!chosen) {
    sequences_[id].state = Sequence::State::waiting;
    sequences_[id].held = true;
    pool.held.push_back(id);
    return;
  }
  sequences_[id].held = false;
  ++sequences_[id].attempts;
  if (options_.log_placements) log_placement(id, pool.replicas[*chosen]->index(), false);
  pool.replicas[*chosen]->submit(id);
}

void Rack::log_placement(SequenceId id, std::size_t where, bool cloud) {
  const Sequence& s = sequences_[id];
  placements_.push_back({s.stream, s.request, static_cast<std::uint32_t>(where), cloud});
}

void Rack::on_prefilled(Replica& replica, SequenceId id, Nanoseconds now) {
  if (spill_) note_residence(replica, sequences_[id], now);
  if (sequences_[id].abandoned) {
    replica.release_transferred(id);
    return end_timed_out(id);
  }
  Pool& decode = pools_[pools_[pool_of_replica_[replica.index()]].decode_pool];
  // Where it will decode is decided when the cache has arrived; the flow goes to the server of the
  // replica that looks best now. While there is none, the cache stays where it is.
  const auto best = least_loaded(decode.replicas);
  if (!best) {
    decode.kept_caches.push_back(id);
    return;
  }
  const Pool& pool = pools_[pool_of_replica_[replica.index()]];
  const Bytes size = pool.deployed.cost->work().cache_bytes_per_sequence(sequences_[id].to_prefill);
  const std::size_t replica_in_pool = replica.index() - pool.replicas.front()->index();
  sequences_[id].destination = decode.replicas[*best]->index();
  platform_.transfer({pool.deployed.placements[replica_in_pool].front().server},
                     {decode.deployed.placements[*best].front().server}, size, this,
                     payload(Kind::kv_arrived, in_flight(id)));
}

/// The request no longer waits at the gateway, nor its KV cache for a decode server.
void Rack::forget_waiting(SequenceId id) {
  for (Pool& pool : pools_) {
    std::erase(pool.held, id);
    std::erase(pool.kept_caches, id);
  }
}

void Rack::on_finished(Replica& replica, SequenceId id, Nanoseconds now) {
  if (spill_) note_residence(replica, sequences_[id], now);
  if (sequences_[id].abandoned) return end_timed_out(id);  // nobody saw its last token
  const bool within_slo = count_completed(sequences_[id], now);
  end_request(id, RequestOutcome::completed, now, within_slo);
}

void Rack::on_rejected(Replica&, SequenceId id, Nanoseconds now) {
  ++streams_[sequences_[id].stream].counts.rejected;
  end_request(id, RequestOutcome::rejected, now);
}

void Rack::on_aborted(Replica&, SequenceId id, Nanoseconds) { end_timed_out(id); }

/// A reference to a request that may be over when it is used: its id and who uses the id now.
std::uint64_t Rack::in_flight(SequenceId id) const {
  return (std::uint64_t{sequences_[id].identity & 0xffffffu} << 32) | id;
}

bool Rack::is_over(std::uint64_t reference) const {
  const Sequence& s = sequences_[static_cast<SequenceId>(reference & 0xffffffffu)];
  return s.state == Sequence::State::free || (s.identity & 0xffffffu) != (reference >> 32);
}

/// The KV cache of a prompt has left its prefill replica.
void Rack::on_kv_arrived(std::uint64_t reference) {
  if (is_over(reference)) return;
  const auto id = static_cast<SequenceId>(reference & 0xffffffffu);
  // If the prefill server failed meanwhile, the request has started again elsewhere.
  if (sequences_[id].state != Sequence::State::transferring) return;
  Replica& source = *replicas_[sequences_[id].replica];
  // A flow to a server that failed ends there: the cache is sent again.
  if (!replicas_[sequences_[id].destination]->online())
    return on_prefilled(source, id, loop_.now());
  source.release_transferred(id);
  sequences_[id].prefilled_elsewhere = true;
  dispatch(id, pools_[pool_of_replica_[source.index()]].decode_pool);
}

void Rack::on_client_timeout(std::uint64_t reference) {
  if (is_over(reference)) return;
  const auto id = static_cast<SequenceId>(reference & 0xffffffffu);
  Sequence& s = sequences_[id];
  if (s.state == Sequence::State::away) {
    if (s.first_token > loop_.now()) s.first_token = -1;
    return end_timed_out(id);
  }
  if (s.held || s.state == Sequence::State::transferring) {
    forget_waiting(id);
    if (!s.held) replicas_[s.replica]->release_transferred(id);
    return end_timed_out(id);
  }
  s.abandoned = true;
  replicas_[s.replica]->abort(id);
}

void Rack::end_timed_out(SequenceId id) {
  ++streams_[sequences_[id].stream].counts.timed_out;
  end_request(id, RequestOutcome::timed_out, loop_.now());
}

/// When the client has the first token: not later than the last. -1: never.
Nanoseconds Rack::first_token_seen(const Sequence& s, Nanoseconds now) const {
  if (s.first_token < 0) return -1;
  const Nanoseconds delay = is_cloud(s.target) ? 0 : pools_[s.target].first_token_delay;
  return std::min(s.first_token + delay, now);
}

/// Whether it met every objective.
bool Rack::count_completed(const Sequence& s, Nanoseconds now) {
  Stream& stream = streams_[s.stream];
  LatencyMetrics& latency = stream.latency;
  const Nanoseconds ttft = first_token_seen(s, now) - s.arrival;
  const Nanoseconds e2e = now - s.arrival;
  latency.ttft.add(ttft);
  latency.e2e.add(e2e);
  if (!is_cloud(s.target)) {
    const Nanoseconds intake = intake_of(s);
    const Nanoseconds queue = s.first_scheduled - s.arrival - intake;
    latency.intake.add(intake);
    latency.queue.add(queue);
    latency.prefill.add(ttft - intake - queue);
  }
  hours_.on_completed(s.arrival + stream.delay, ttft);
  Nanoseconds tpot = 0;
  if (s.output_tokens > 1) {
    tpot = (e2e - ttft) / (s.output_tokens - 1);
    latency.tpot.add(tpot);
  }
  if (is_cloud(s.target)) count_by_cloud(s, tpot);
  RequestCounts& counts = stream.counts;
  ++counts.completed;
  counts.input_tokens += s.input_tokens;
  counts.output_tokens += s.output_tokens;
  const auto within = [](Nanoseconds value, const std::optional<Seconds>& limit) {
    return !limit || static_cast<double>(value) <= limit->value() * 1e9;
  };
  const SloSpec& slo = scenario_.slo;
  const bool met = within(ttft, slo.ttft) && within(tpot, slo.tpot) && within(e2e, slo.e2e);
  if (met) ++counts.within_slo;
  return met;
}

void Rack::end_request(SequenceId id, RequestOutcome outcome, Nanoseconds now, bool within_slo) {
  const Sequence s = sequences_[id];
  sequences_.release(id);
  last_end_ = now;
  if (!options_.observers.empty()) {
    const RequestRecord record{.stream = s.stream,
                               .request = s.request,
                               .outcome = outcome,
                               .arrival = s.arrival,
                               .first_scheduled = s.first_scheduled,
                               .first_token = first_token_seen(s, now),
                               .finished = now,
                               .input_tokens = s.input_tokens,
                               .output_tokens = s.output_tokens,
                               .replica = s.replica,
                               .target = s.target,
                               .attempts = s.attempts,
                               .within_slo = within_slo};
    for (SimulationObserver* observer : options_.observers) observer->on_request(record);
  }
  start_followers(s, now);
}

/// The next request of a closed loop takes the slot; the next turn of a session follows the answer
/// after its think time.
void Rack::start_followers(const Sequence& s, Nanoseconds now) {
  Stream& stream = streams_[s.stream];
  const auto& requests = stream.requests->trace.requests;
  const auto follow = [&](std::size_t request, Nanoseconds think) {
    loop_.schedule(now + think + stream.delay, EventClass::arrival, this,
                   payload(Kind::follow_up, (std::uint64_t{s.stream} << 32) | request));
  };
  if (stream.requests->closed_loop && stream.next < requests.size()) follow(stream.next++, 0);
  if (!stream.follower.empty() && stream.follower[s.request] >= 0) {
    const auto next = static_cast<std::size_t>(stream.follower[s.request]);
    follow(next, requests[next].arrival);
  }
}

}  // namespace microdc
