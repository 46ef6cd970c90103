// What a simulation found out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"
#include "sim/serving/busiest_hour.hpp"
#include "sim/serving/histogram.hpp"
#include "sim/serving/placement.hpp"
#include "sim/serving/replica.hpp"
#include "sim/serving/retrieval_stages.hpp"

namespace microdc {

/// Latencies of completed requests, as the client sees them.
struct LatencyMetrics {
  // intake, queue and prefill leave out what clouds answered: they do not tell.
  DurationHistogram ttft;    ///< arrival to first token: intake + queue + prefill
  DurationHistogram intake;  ///< before the queue: gateway, looking documents up, HTTP, tokeniser
  DurationHistogram tpot;   ///< (e2e - ttft) / (output tokens - 1); requests with more than one token
  DurationHistogram itl;    ///< gaps between tokens, all requests pooled
  DurationHistogram e2e;    ///< arrival to last token
  DurationHistogram queue;  ///< arrival at a replica to first being scheduled
  DurationHistogram
      prefill;  ///< first being scheduled to first token, preemptions and transfers too
};

struct RequestCounts {
  std::int64_t offered = 0;
  std::int64_t completed = 0;
  std::int64_t rejected = 0;    ///< could never fit the KV cache or the context
  std::int64_t timed_out = 0;   ///< the client gave up
  std::int64_t unfinished = 0;  ///< still under way when the simulation stopped
  std::int64_t retried = 0;     ///< routed again after a failure of their server
  std::int64_t within_slo = 0;  ///< completed within every objective
  std::int64_t input_tokens = 0;   ///< of completed requests
  std::int64_t output_tokens = 0;
  std::int64_t cloud = 0;  ///< completed by a cloud
};

/// What the gateway decided about the requests of a stream.
struct RoutingCounts {
  // Routing by complexity: where requests were sent, spilled ones apart.
  std::int64_t small = 0;
  std::int64_t large = 0;
  std::int64_t moved_by_law = 0;  ///< of these, to the other one because theirs may not have them
  std::int64_t spilled = 0;       ///< sent elsewhere because of their pool's queue
};

/// What a cloud was asked for and has answered.
struct CloudResult {
  std::string name;
  std::int64_t requests = 0;  ///< completed
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
};

/// What was looked up in a knowledge base, and how long it took.
struct KnowledgeBaseResult {
  std::string name;
  std::string device;         ///< accelerator or CPU on which its stages run
  std::string server_group;
  std::int64_t devices = 0;   ///< of these, shared by all knowledge bases of the group
  bool beside_model = false;  ///< the devices also serve models
  std::string embedding, reranker, index;
  Bytes index_memory, model_memory;   ///< on each server, or each accelerator
  std::int64_t lookups = 0;           ///< that reached the gateway's next step
  std::int64_t chunk_tokens = 0;      ///< put before prompts by these
  Nanoseconds busy = 0;               ///< of all devices together, with lookups for clients who left
  DurationHistogram wait;             ///< for a free device
  std::array<DurationHistogram, retrieval_stage_count> stages;
  DurationHistogram total;            ///< wait and stages
};

/// One workload stream's own figures.
struct StreamResult {
  std::string name;
  RequestCounts counts;
  RoutingCounts routing;
  LatencyMetrics latency;  ///< without itl, which is pooled over all streams
};

struct ReplicaResult {
  std::string pool;
  std::string model;
  std::vector<std::string> servers;
  std::vector<std::string> sites;  ///< where the servers stand, each once
  int accelerators = 0;
  std::string device;
  bool cpu_serves = false;  ///< the accelerators are CPU sockets
  ReplicaCounters counters;
  std::int64_t kv_capacity_tokens = 0;
  std::int64_t kv_blocks = 0;
  double mean_batch = 0;       ///< sequences in the batch while busy
  std::vector<std::string> caveats;  ///< of the device's laws
};

struct EnergyResult {
  Joules accelerators;                ///< busy and idle
  std::optional<Joules> it;           ///< at the servers' plugs; empty if a figure is missing
  std::optional<Joules> facility;     ///< with each site's PUE
  std::vector<std::string> missing;   ///< figures the catalog lacks, per server type
  std::optional<Watts> it_peak;
  std::optional<Watts> it_idle;       ///< everything on, nothing to do
  std::optional<double> carbon_grams; ///< facility energy times carbon intensity
};

/// Facility energy by site, for the tariff.
struct SiteEnergy {
  std::string site;
  std::optional<Joules> facility;
};

/// How the computation itself went.
struct EngineResult {
  std::int64_t steps = 0;
  std::int64_t macro_steps = 0;
  std::int64_t events = 0;
  double cpu_seconds = 0;  ///< from the first to the last event
  std::int64_t peak_rss_bytes = 0;
};

struct SimulationResult {
  RequestCounts counts;
  LatencyMetrics latency;
  std::vector<StreamResult> streams;
  std::vector<CloudResult> clouds;        ///< as in Scenario::clouds
  std::vector<PlacedRequest> placements;  ///< with SimulationOptions::log_placements
  std::vector<KnowledgeBaseResult> knowledge_bases;  ///< those that some request may read
  std::vector<ReplicaResult> replicas;
  EnergyResult energy;
  std::vector<SiteEnergy> sites;
  Nanoseconds duration = 0;  ///< to the end of the workload's window or of the last request
  std::optional<BusyHour> busiest_hour;  ///< only of runs of more than an hour
  bool has_slo = false;
  bool interrupted = false;
  std::vector<std::string> caveats;  ///< what a reader of the numbers must know
  EngineResult engine;
};

}  // namespace microdc
