#include "tests/support/rigs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "hwprofiles/base/json_io.hpp"
#include "tests/support/forked.hpp"

namespace microdc::testing {

const Catalogs& catalogs() {
  static const Catalogs loaded = [] {
    auto result = load_catalogs(data_root());
    if (!result) {
      std::fputs(to_text(result.diagnostics()).c_str(), stderr);
      std::abort();
    }
    return std::move(*result);
  }();
  return loaded;
}

Scenario one_accelerator() {
  Scenario scenario;
  scenario.name = "test";
  scenario.workloads.push_back({.name = "requests"});
  SiteSpec site{.name = "site"};
  RackSpec rack{.name = "rack"};
  rack.servers.push_back({.name = "servers", .type = "a100-1x", .count = 1});
  site.racks.push_back(rack);
  scenario.sites.push_back(site);
  PoolSpec pool;
  pool.name = "pool";
  pool.model = "llama-3.1-8b";
  pool.engine = "vllm";
  scenario.pools.push_back(pool);
  return scenario;
}

Scenario replicas_on_servers(std::int64_t count) {
  Scenario scenario = one_accelerator();
  scenario.sites[0].racks[0].servers[0].count = count;
  scenario.pools[0].replicas = count;
  return scenario;
}

Scenario disaggregated() {
  Scenario scenario = replicas_on_servers(2);
  scenario.pools[0].replicas = 1;
  scenario.pools.push_back(scenario.pools[0]);
  scenario.pools[0].role = PoolSpec::Role::prefill;
  scenario.pools[0].decode_pool = "decode";
  scenario.pools[1].name = "decode";
  scenario.pools[1].role = PoolSpec::Role::decode;
  return scenario;
}

RequestStream stream_of(const std::vector<PlainRequest>& requests) {
  RequestStream stream;
  for (const PlainRequest& request : requests) {
    stream.trace.requests.push_back(
        {.arrival = static_cast<Nanoseconds>(std::llround(request.arrival_s * 1e9)),
         .input_tokens = request.input_tokens,
         .output_tokens = request.output_tokens});
    stream.trace.duration = stream.trace.requests.back().arrival;
  }
  return stream;
}

std::string fingerprint(const SimulationResult& result) {
  std::string text;
  const auto counts = [&](const std::string& name, const RequestCounts& c) {
    text += fmt::format("{} {} {} {} {} {} {} {} {} {}\n", name, c.offered, c.completed, c.rejected,
                        c.timed_out, c.unfinished, c.retried, c.within_slo, c.input_tokens,
                        c.output_tokens);
  };
  const auto histogram = [&](const char* name, const DurationHistogram& h) {
    text += fmt::format("{} {} {}", name, h.count(), h.mean_seconds().value_or(-1));
    for (const double share : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999}) {
      text += fmt::format(" {}", h.percentile_seconds(share).value_or(-1));
    }
    text += "\n";
  };
  counts("requests", result.counts);
  for (const StreamResult& stream : result.streams) counts("stream " + stream.name, stream.counts);
  histogram("ttft", result.latency.ttft);
  histogram("tpot", result.latency.tpot);
  histogram("itl", result.latency.itl);
  histogram("e2e", result.latency.e2e);
  histogram("queue", result.latency.queue);
  histogram("intake", result.latency.intake);
  histogram("prefill", result.latency.prefill);
  if (const auto& hour = result.busiest_hour) {
    text += fmt::format("hour {} {} {} {}\n", hour->begin, hour->end, hour->requests,
                        hour->it_energy ? hour->it_energy->value() : -1);
    histogram("hour ttft", hour->ttft);
  }
  for (const KnowledgeBaseResult& base : result.knowledge_bases) {
    text += fmt::format("knowledge base {} {} {} {}\n", base.name, base.lookups, base.chunk_tokens,
                        base.busy);
    histogram("wait", base.wait);
    histogram("lookup", base.total);
  }
  for (const ReplicaResult& replica : result.replicas) {
    const ReplicaCounters& c = replica.counters;
    text += fmt::format("replica {} {} {} {} {} {} {} {}\n", c.steps, c.preemptions,
                        c.prefill_tokens, c.cached_tokens, c.busy,
                        static_cast<std::int64_t>(c.energy / 1000),
                        static_cast<std::int64_t>(c.batch_ticks >> tick_bits), c.peak_blocks);
  }
  text += fmt::format("duration {}\naccelerators {}\n", result.duration,
                      result.energy.accelerators.value());
  if (result.energy.facility) text += fmt::format("facility {}\n", result.energy.facility->value());
  if (result.energy.it_peak) text += fmt::format("peak {}\n", result.energy.it_peak->value());
  return text;
}

std::string run_in_child(const Scenario& scenario, const std::vector<RequestStream>& streams,
                         SimulationOptions options) {
  const Catalogs& known = catalogs();
  return in_child([&] {
    const auto result = simulate(scenario, known, streams, options);
    return result ? fingerprint(*result) : "failed\n" + to_text(result.diagnostics());
  });
}

}  // namespace microdc::testing
