// The running rack: gateway, pools, failures and transfers, driven by the event loop.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "hwprofiles/base/random.hpp"
#include "sim/platform/platform.hpp"
#include "sim/serving/deployment.hpp"
#include "sim/serving/power_meter.hpp"
#include "sim/serving/retrieval_placement.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {

class Rack final : public EventTarget,
                   public ReplicaListener,
                   public RetrievalListener,
                   public StepObserver {
 public:
  Rack(const Scenario& scenario, const Catalogs& catalogs,
       const std::vector<RequestStream>& streams, const SimulationOptions& options,
       EventLoop& loop);
  ~Rack() override;

  /// Places the pools; errors if they do not fit.
  Diagnostics deploy_pools();
  void run();
  [[nodiscard]] SimulationResult result() const;
  [[nodiscard]] std::optional<Joules> cross_checked_energy() const;

  void on_event(Nanoseconds now, std::uint64_t payload) override;
  void on_finished(Replica& replica, SequenceId id, Nanoseconds now) override;
  void on_prefilled(Replica& replica, SequenceId id, Nanoseconds now) override;
  void on_rejected(Replica& replica, SequenceId id, Nanoseconds now) override;
  void on_aborted(Replica& replica, SequenceId id, Nanoseconds now) override;
  bool is_wanted(const Lookup& lookup) override;
  void on_looked_up(const Lookup& lookup, Nanoseconds now) override;
  void on_lookups_changed(std::size_t server) override;
  void on_step_begin(const Replica& replica, const StepRecord& record) override;
  void on_step_end(const Replica& replica, const StepRecord& record) override;
  void on_idle(const Replica& replica, Nanoseconds now) override;

 private:
  /// What an event of the rack means; in the top byte of its payload.
  enum class Kind : std::uint64_t {
    arrival,         // stream's next open-loop request
    follow_up,       // (stream, request): closed loop or session
    client_timeout,  // in_flight reference
    kv_arrived,      // in_flight reference: the KV cache reached its decode server
    intake_over,     // in_flight reference: it reached the queue of the pool that was chosen for it
    cloud_answered,  // in_flight reference
    server_fails,
    server_returns,
    weights_loaded,  // server
    engine_started,  // server
    sample,
    hour_ends,
    horizon,
  };
  static std::uint64_t payload(Kind kind, std::uint64_t data) {
    return (static_cast<std::uint64_t>(kind) << 56) | data;
  }

  struct Pool {
    DeployedPool deployed;
    std::vector<std::unique_ptr<Replica>> replicas;
    std::unique_ptr<Router> router;
    std::deque<SequenceId> held;         // while no replica is online
    std::deque<SequenceId> kept_caches;  // prefilled elsewhere, to be sent when a replica is online
    std::size_t decode_pool = 0;
    Nanoseconds request_latency = 0;    // of the engine's front-end, before the queue
    Nanoseconds first_token_delay = 0;  // of the first token on its way to the client
    double residence = 0;               // mean time from admission to the end, recent ones [ns]
    Nanoseconds first_sent = -1;        // when the first request was sent to it
  };
  struct Cloud {
    const CloudSpec* spec = nullptr;
    double ttft_mu = 0, tpot_mu = 0;  // of the logarithm [s]
    CloudResult served;
  };
  struct Stream {
    const RequestStream* requests = nullptr;
    const WorkloadSpec* spec = nullptr;
    std::size_t target = 0;  // its own pool or cloud; routed by complexity: the small one
    std::size_t large = 0;   // routed by complexity: for hard requests
    bool routed = false;     // the gateway chooses a target for each request
    bool by_complexity = false;
    Nanoseconds delay =
        0;  // from the client to the gateway's choice; to the replica if it has none
    RoutingCounts routing;
    std::optional<LookupKind> lookup;  // of requests that look something up
    RetrievalHost* lookup_host = nullptr;
    std::size_t next = 0;                // next open-loop or closed-loop request
    std::vector<std::int32_t> follower;  // request that waits for this one; -1 none
    RequestCounts counts;
    LatencyMetrics latency;
  };
  struct ServerState {
    bool online = true;   // it has power
    bool serving = true;  // its engines run
    std::vector<Replica*> replicas;
    Bytes weights;  // to load when it returns
    Nanoseconds start_up = 0;
    std::vector<Nanoseconds> failures;  // dates
    std::vector<Nanoseconds> returns;   // dates; one less while it is off
  };

  // rack_requests.cpp: the life of requests
  void start_streams();
  void schedule_next_arrival(std::size_t stream);
  void on_arrival(std::size_t stream, Nanoseconds now);
  void arrive(std::size_t stream, std::size_t request, Nanoseconds arrival);
  void dispatch(SequenceId id, std::size_t pool);
  void log_placement(SequenceId id, std::size_t where, bool cloud);
  void start_followers(const Sequence& sequence, Nanoseconds now);
  void on_client_timeout(std::uint64_t reference);
  void on_kv_arrived(std::uint64_t reference);
  [[nodiscard]] std::uint64_t in_flight(SequenceId id) const;
  [[nodiscard]] bool is_over(std::uint64_t reference) const;
  void end_request(SequenceId id, RequestOutcome outcome, Nanoseconds now, bool within_slo = false);
  void end_timed_out(SequenceId id);
  void forget_waiting(SequenceId id);
  [[nodiscard]] Nanoseconds first_token_seen(const Sequence& sequence, Nanoseconds now) const;
  bool count_completed(const Sequence& sequence, Nanoseconds now);
  void report_progress();
  [[nodiscard]] bool work_left() const { return pending_ > 0 || sequences_.in_flight() > 0; }
  static PrefixChain prefixes(const void* rack, const Sequence& sequence);

  // rack_routing.cpp: pools, clouds, and the choice between them
  Diagnostics set_targets();
  Diagnostics set_clouds();
  void route(SequenceId id);
  [[nodiscard]] std::size_t choose_target(Stream& stream, const Sequence& sequence);
  [[nodiscard]] bool is_cloud(std::size_t target) const { return target >= pools_.size(); }
  [[nodiscard]] Nanoseconds expected_wait(const Pool& pool) const;
  void note_residence(const Replica& replica, const Sequence& sequence, Nanoseconds now);
  void send_to_cloud(SequenceId id);
  void on_intake_over(std::uint64_t reference);
  void on_cloud_answered(std::uint64_t reference);
  void count_by_cloud(const Sequence& sequence, Nanoseconds tpot);
  [[nodiscard]] Nanoseconds intake_of(const Sequence& sequence) const;

  // rack_retrieval.cpp: looking documents up
  Diagnostics deploy_retrieval();
  Diagnostics add_lookups(Stream& stream, std::size_t index,
                          const std::vector<PlacedRetrieval>& placed);
  [[nodiscard]] std::vector<ServerOccupancy> occupancy() const;
  [[nodiscard]] static bool looks_up(const Stream& stream, std::size_t request) {
    return stream.lookup && stream.requests->looks_up[request];
  }
  void look_up(SequenceId id);

  // rack_servers.cpp: failures and returns
  void schedule_failure(std::size_t server);
  void fail_server(std::size_t server);
  void return_server(std::size_t server);
  void load_weights(std::size_t server);
  void start_engines(std::size_t server);
  [[nodiscard]] bool all_servers_serve(const Replica& replica) const;
  void release_held(std::size_t pool);

  // rack_energy.cpp
  struct ServerUse {
    double on = 0;            // [s]
    Joules accelerators;      // busy, idle and unused ones
    double core_seconds = 0;  // of host cores
  };
  static double time_on(const ServerState& server, Nanoseconds duration);
  [[nodiscard]] std::vector<ServerUse> server_use(Nanoseconds duration) const;
  [[nodiscard]] Joules it_energy_of(std::size_t server, const ServerUse& use) const;
  [[nodiscard]] std::optional<Joules> it_energy_until(Nanoseconds now) const;
  void fill_energy(SimulationResult& result) const;
  [[nodiscard]] std::vector<std::string> missing_power_figures() const;

  // rack_result.cpp
  void take_sample(Nanoseconds now);
  void end_hour(Nanoseconds now);
  [[nodiscard]] std::optional<BusyHour> busiest_hour(Nanoseconds duration) const;
  void fill_replicas(SimulationResult& result) const;
  [[nodiscard]] Nanoseconds measured_duration() const;

  void make_replicas(DeployedPool deployed);
  void make_power_meter();
  static double host_cores_of(const DeployedPool& pool);  // busy per accelerator while it serves
  void draw_cross_check(const Replica& replica, const StepRecord& record);

  const Scenario& scenario_;
  const Catalogs& catalogs_;
  const SimulationOptions& options_;
  EventLoop& loop_;
  Platform platform_;
  SequenceStore sequences_;
  std::vector<Stream> streams_;
  std::vector<Pool> pools_;
  std::vector<Cloud> clouds_;
  std::optional<std::size_t> spill_;  // target
  Nanoseconds spill_queue_ = 0;       // expected wait from which on requests go there
  Nanoseconds gateway_latency_ = 0;
  Nanoseconds wan_latency_ = 0;  // of the gateway's site, one way
  std::vector<PlacedRequest> placements_;
  std::vector<Replica*> replicas_;  // all, by index
  std::vector<std::size_t> pool_of_replica_;
  std::vector<ServerState> servers_;
  std::vector<std::unique_ptr<RetrievalHost>> retrieval_hosts_;
  std::vector<KnowledgeBaseResult> knowledge_bases_;
  std::vector<ServerPowerModel> power_models_;  // by server
  std::vector<Watts> unused_power_;             // by server: devices that no replica uses
  std::unique_ptr<PowerMeter> power_;
  DurationHistogram itl_;
  BusiestHour hours_;
  std::int64_t samples_ = 0;  // taken for observers
  Nanoseconds last_end_ = 0;  // of a request, whatever became of it
  std::int64_t pending_ = 0;  // requests that will still arrive
  std::int64_t total_requests_ = 0;
  std::int64_t arrived_ = 0;
  bool interrupted_ = false;
  double cpu_seconds_ = 0;
};

}  // namespace microdc
