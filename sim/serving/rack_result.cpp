// Sums at the end of a run.
#include <sys/resource.h>

#include <algorithm>
#include <set>

#include "sim/serving/rack.hpp"

namespace microdc {

void Rack::take_sample(Nanoseconds now) {
  TimelineSample sample{.time = now};
  std::int64_t blocks = 0;
  std::int64_t used = 0;
  for (const Replica* replica : replicas_) {
    sample.running += replica->running();
    sample.waiting += replica->waiting();
    sample.replicas_online += replica->online() ? 1 : 0;
    blocks += replica->limits().kv_blocks;
    used += replica->used_blocks();
  }
  for (const Stream& stream : streams_) sample.completed += stream.counts.completed;
  sample.kv_use =
      static_cast<double>(used) / static_cast<double>(std::max<std::int64_t>(1, blocks));
  sample.accelerator_power = power_->accelerator_power();
  sample.it_power = power_->it_power();
  for (SimulationObserver* observer : options_.observers) observer->on_sample(sample);
  if (!work_left() || ++samples_ >= options_.sample_limit) return;
  const auto interval = static_cast<Nanoseconds>(options_.sample_interval->value() * 1e9);
  loop_.schedule(now + std::max<Nanoseconds>(1, interval), EventClass::sample, this,
                 payload(Kind::sample, 0));
}

void Rack::end_hour(Nanoseconds now) {
  if (!work_left()) return;  // the run ends here or before: result() closes the hour
  hours_.end_hour(now, it_energy_until(now));
  loop_.schedule(hours_.current_end(), EventClass::sample, this, payload(Kind::hour_ends, 0));
}

std::optional<BusyHour> Rack::busiest_hour(Nanoseconds duration) const {
  if (duration <= BusiestHour::hour) return std::nullopt;
  BusiestHour hours = hours_;
  const Nanoseconds end = std::min(duration, hours.current_end());
  hours.end_hour(end, it_energy_until(end));
  return hours.busiest();
}

/// From 0 to the end of the observation window, or to the end of the last request if that is later
/// (timed-out ones keep the rack busy too); to now if the simulation was stopped before.
Nanoseconds Rack::measured_duration() const {
  if (loop_.stopped()) return loop_.now();
  Nanoseconds window = 0;
  for (const Stream& stream : streams_) {
    window = std::max(window, stream.requests->trace.duration);
  }
  return std::max(window, last_end_);
}

SimulationResult Rack::result() const {
  SimulationResult result;
  result.duration = measured_duration();
  result.interrupted = interrupted_;
  result.has_slo = scenario_.slo.ttft || scenario_.slo.tpot || scenario_.slo.e2e;
  for (const Stream& stream : streams_) {
    result.streams.push_back({stream.spec->name, stream.counts, stream.routing, stream.latency});
    StreamResult& own = result.streams.back();
    own.counts.unfinished =
        own.counts.offered - own.counts.completed - own.counts.rejected - own.counts.timed_out;
    const RequestCounts& counts = own.counts;
    result.counts.offered += counts.offered;
    result.counts.completed += counts.completed;
    result.counts.rejected += counts.rejected;
    result.counts.timed_out += counts.timed_out;
    result.counts.unfinished += counts.unfinished;
    result.counts.retried += counts.retried;
    result.counts.within_slo += counts.within_slo;
    result.counts.input_tokens += counts.input_tokens;
    result.counts.output_tokens += counts.output_tokens;
    result.counts.cloud += counts.cloud;
    result.latency.ttft.merge(stream.latency.ttft);
    result.latency.tpot.merge(stream.latency.tpot);
    result.latency.e2e.merge(stream.latency.e2e);
    result.latency.intake.merge(stream.latency.intake);
    result.latency.queue.merge(stream.latency.queue);
    result.latency.prefill.merge(stream.latency.prefill);
  }
  result.latency.itl = itl_;
  result.busiest_hour = busiest_hour(result.duration);
  for (const Cloud& cloud : clouds_) result.clouds.push_back(cloud.served);
  result.placements = placements_;
  result.knowledge_bases = knowledge_bases_;
  fill_replicas(result);
  fill_energy(result);
  result.engine.events = static_cast<std::int64_t>(loop_.events());
  result.engine.cpu_seconds = cpu_seconds_;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  result.engine.peak_rss_bytes = usage.ru_maxrss * 1024;
  return result;
}

void Rack::fill_replicas(SimulationResult& result) const {
  std::set<std::string> caveats;
  for (const Pool& pool : pools_) {
    for (std::size_t i = 0; i < pool.replicas.size(); ++i) {
      const Replica& replica = *pool.replicas[i];
      ReplicaResult& own = result.replicas.emplace_back();
      own.pool = pool.deployed.spec->name;
      own.model = pool.deployed.model->name;
      for (const auto& placement : pool.deployed.placements[i]) {
        const PlacedServer& server = platform_.servers()[placement.server];
        own.servers.push_back(server.name);
        const std::string& site = scenario_.sites[server.site].name;
        if (std::find(own.sites.begin(), own.sites.end(), site) == own.sites.end()) {
          own.sites.push_back(site);
        }
      }
      own.accelerators = pool.deployed.layout.gpus();
      own.device = pool.deployed.device;
      own.cpu_serves = pool.deployed.cpu_serves;
      own.counters = replica.counters();
      own.kv_blocks = replica.limits().kv_blocks;
      own.kv_capacity_tokens = own.kv_blocks * replica.limits().block_tokens;
      const double busy = static_cast<double>(own.counters.busy) * (1 << tick_bits);
      own.mean_batch = busy > 0 ? static_cast<double>(own.counters.batch_ticks) / busy : 0;
      own.caveats = pool.deployed.cost->laws().caveats_for(pool.deployed.precision.weights,
                                                           pool.deployed.precision.kv_cache);
      caveats.insert(own.caveats.begin(), own.caveats.end());
      result.engine.steps += own.counters.steps;
      result.engine.macro_steps += own.counters.runs;
    }
  }
  result.caveats.assign(caveats.begin(), caveats.end());
}

std::optional<Joules> Rack::cross_checked_energy() const {
  if (!options_.energy_cross_check) return std::nullopt;
  Joules total;
  for (std::size_t s = 0; s < servers_.size(); ++s) total += platform_.plugin_energy(s);
  return total;
}

}  // namespace microdc
