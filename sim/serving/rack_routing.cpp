// The gateway's choice above the replicas: pools and clouds, by complexity, by law, by load.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/scenario/targets.hpp"
#include "sim/serving/rack.hpp"

namespace microdc {
namespace {

/// Weight of the newest request in the mean residence of a pool: the last 20 or so count.
constexpr double newest_weight = 0.05;

Nanoseconds to_nanoseconds(double seconds) {
  return static_cast<Nanoseconds>(std::llround(seconds * 1e9));
}

}  // namespace

Diagnostics Rack::set_clouds() {
  Diagnostics findings;
  for (std::size_t i = 0; i < scenario_.clouds.size(); ++i) {
    const CloudSpec& spec = scenario_.clouds[i];
    if (!spec.ttft || !spec.tpot) {
      findings.add({.place = fmt::format("/clouds/{}", i),
                    .message = "how fast this cloud answers is not known",
                    .found = fmt::format("\"{}\"", spec.name),
                    .fix = "add \"ttft\" and \"tpot\""});
      continue;
    }
    clouds_.push_back({&spec, std::log(spec.ttft->value()), std::log(spec.tpot->value()),
                       CloudResult{.name = spec.name}});
  }
  if (!clouds_.empty() && !scenario_.sites.empty()) {
    const LinkType* wan = catalogs_.hardware.link(scenario_.sites.front().wan_link);
    if (wan != nullptr && wan->latency) wan_latency_ = to_nanoseconds(wan->latency->value);
  }
  return findings;
}

Diagnostics Rack::set_targets() {
  Diagnostics findings;
  gateway_latency_ = to_nanoseconds(scenario_.gateway.latency.value());
  if (scenario_.gateway.spill) {
    spill_ = target_index(scenario_, scenario_.gateway.spill->to);
    spill_queue_ = to_nanoseconds(scenario_.gateway.spill->queue.value());
  }
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    Stream& stream = streams_[i];
    const std::vector<std::size_t> targets = first_targets(scenario_, *stream.spec);
    const auto may = [&](std::size_t target) { return options_.placements.may(i, target); };
    if (targets.empty() || std::none_of(targets.begin(), targets.end(), may)) {
      findings.add({.place = fmt::format("/workloads/{}/pool", i),
                    .message = targets.empty()
                                   ? "this workload names no pool or cloud of the scenario"
                                   : "no pool or cloud that this workload names may serve it",
                    .found = fmt::format("workload \"{}\"", stream.spec->name)});
      continue;
    }
    stream.target = targets.front();
    stream.large = targets.back();
    stream.by_complexity = routed_by_complexity(scenario_, *stream.spec);
    const bool may_spill = spill_ && may(*spill_) &&
                           std::any_of(targets.begin(), targets.end(), [&](std::size_t target) {
                             return target != *spill_ && !is_cloud(target);
                           });
    stream.routed =
        stream.by_complexity || may_spill || is_cloud(stream.target) || stream.lookup.has_value();
    stream.delay = gateway_latency_ + (stream.routed ? 0 : pools_[stream.target].request_latency);
  }
  return findings;
}

/// The request is at the gateway: it goes to the queue of a pool or to a cloud.
void Rack::route(SequenceId id) {
  Sequence& s = sequences_[id];
  const std::size_t target = choose_target(streams_[s.stream], s);
  s.target = static_cast<std::uint16_t>(target);
  if (is_cloud(target)) return send_to_cloud(id);
  s.state = Sequence::State::away;
  if (pools_[target].first_sent < 0) pools_[target].first_sent = loop_.now();
  loop_.schedule(loop_.now() + pools_[target].request_latency, EventClass::arrival, this,
                 payload(Kind::intake_over, in_flight(id)));
}

std::size_t Rack::choose_target(Stream& stream, const Sequence& s) {
  std::size_t target = stream.target;
  bool moved = false;
  if (stream.by_complexity) {
    const bool hard = is_hard(scenario_, s.stream, s.request);
    target = hard ? stream.large : stream.target;
    moved = !options_.placements.may(s.stream, target);
    if (moved) target = hard ? stream.target : stream.large;
  }
  if (spill_ && target != *spill_ && !is_cloud(target) &&
      options_.placements.may(s.stream, *spill_)) {
    const Nanoseconds wait = expected_wait(pools_[target]);
    const bool shorter = is_cloud(*spill_) || expected_wait(pools_[*spill_]) < wait;
    if (wait > spill_queue_ && shorter) {
      ++stream.routing.spilled;
      return *spill_;
    }
  }
  if (stream.by_complexity) {
    ++(target == stream.large ? stream.routing.large : stream.routing.small);
    stream.routing.moved_by_law += moved ? 1 : 0;
  }
  return target;
}

/// Little's law: those who wait are served at the rate running / residence. Until the first request
/// is done, its time so far stands for the residence. No end while no replica is online.
Nanoseconds Rack::expected_wait(const Pool& pool) const {
  std::int64_t waiting = static_cast<std::int64_t>(pool.held.size());
  std::int64_t running = 0;
  bool online = false;
  for (const auto& replica : pool.replicas) {
    online = online || replica->online();
    waiting += replica->waiting();
    running += replica->running();
  }
  if (!online) return std::numeric_limits<Nanoseconds>::max();
  double residence = pool.residence;
  if (residence == 0 && pool.first_sent >= 0) {
    residence = static_cast<double>(loop_.now() - pool.first_sent);
  }
  return static_cast<Nanoseconds>(static_cast<double>(waiting) * residence /
                                  static_cast<double>(std::max<std::int64_t>(1, running)));
}

/// A request has left the pool that it was sent to.
void Rack::note_residence(const Replica& replica, const Sequence& s, Nanoseconds now) {
  const std::size_t index = pool_of_replica_[replica.index()];
  if (index != s.target) return;  // it came from a prefill pool
  Pool& pool = pools_[index];
  const auto residence = static_cast<double>(now - s.first_scheduled);
  pool.residence += (residence - pool.residence) * (pool.residence > 0 ? newest_weight : 1.0);
}

void Rack::on_intake_over(std::uint64_t reference) {
  if (is_over(reference)) return;
  const auto id = static_cast<SequenceId>(reference & 0xffffffffu);
  dispatch(id, sequences_[id].target);
}

/// Both latencies are lognormal and belong to the request, whatever else happens in a run.
void Rack::send_to_cloud(SequenceId id) {
  Sequence& s = sequences_[id];
  const std::size_t index = s.target - pools_.size();
  const Cloud& cloud = clouds_[index];
  RandomStream random(static_cast<std::uint64_t>(scenario_.seed), RandomPurpose::cloud_latency,
                      s.stream, s.request);
  const double ttft = random.lognormal(cloud.ttft_mu, cloud.spec->latency_sigma);
  const double tpot = random.lognormal(cloud.tpot_mu, cloud.spec->latency_sigma);
  s.state = Sequence::State::away;
  ++s.attempts;
  s.first_token = loop_.now() + 2 * wan_latency_ + to_nanoseconds(ttft);
  if (options_.log_placements) log_placement(id, index, true);
  loop_.schedule(s.first_token + (s.output_tokens - 1) * to_nanoseconds(tpot), EventClass::arrival,
                 this, payload(Kind::cloud_answered, in_flight(id)));
}

void Rack::on_cloud_answered(std::uint64_t reference) {
  if (is_over(reference)) return;
  const auto id = static_cast<SequenceId>(reference & 0xffffffffu);
  const bool within_slo = count_completed(sequences_[id], loop_.now());
  end_request(id, RequestOutcome::completed, loop_.now(), within_slo);
}

void Rack::count_by_cloud(const Sequence& s, Nanoseconds tpot) {
  CloudResult& served = clouds_[s.target - pools_.size()].served;
  ++served.requests;
  served.input_tokens += s.input_tokens;
  served.output_tokens += s.output_tokens;
  ++streams_[s.stream].counts.cloud;
  const std::int64_t gaps = s.output_tokens - 1;
  if (gaps <= 0) return;
  itl_.count_only(tpot, gaps);
  itl_.add_sum(static_cast<Wide>(tpot) * gaps << 16);
}

Nanoseconds Rack::intake_of(const Sequence& s) const {
  return gateway_latency_ + s.retrieval + pools_[s.target].request_latency;
}

}  // namespace microdc
