#include "sim/serving/rack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace microdc {
namespace {

constexpr std::uint64_t watch_interval = 4096;  // events between two looks at the interrupt

Nanoseconds to_nanoseconds(Seconds time) {
  return static_cast<Nanoseconds>(std::llround(time.value() * 1e9));
}

double cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Power of the devices of a server that no replica uses: accelerators, or sockets of a server
/// whose CPUs serve. Says what is missing in `model`.
Watts unused_power(const ServerType& type, const HardwareCatalog& hardware, bool cpu_serves,
                   double used, ServerPowerModel& model) {
  const double devices = static_cast<double>(cpu_serves ? type.sockets : type.accelerators);
  if (devices <= used) return {};
  const Accelerator* gpu = hardware.accelerator(type.accelerator);
  const Cpu* cpu = hardware.cpu(type.cpu);
  std::optional<Figure> idle;
  if (cpu_serves && cpu != nullptr) idle = cpu->idle_power;
  if (!cpu_serves && gpu != nullptr) idle = gpu->idle_power;
  if (!idle) {
    model.missing.emplace_back(cpu_serves ? "cpu idle_power" : "accelerator idle_power");
    return {};
  }
  return Watts(idle->value * (devices - used));
}

template <class Kinds>
const typename Kinds::value_type* registered(const Kinds& kinds, const std::string& name) {
  const auto at =
      std::find_if(kinds.begin(), kinds.end(), [&](const auto& kind) { return kind.name == name; });
  return at == kinds.end() ? nullptr : &*at;
}

}  // namespace

Rack::Rack(const Scenario& scenario, const Catalogs& catalogs,
           const std::vector<RequestStream>& streams, const SimulationOptions& options,
           EventLoop& loop)
    : scenario_(scenario),
      catalogs_(catalogs),
      options_(options),
      loop_(loop),
      platform_(scenario, catalogs.hardware, loop),
      servers_(platform_.servers().size()) {
  for (std::size_t i = 0; i < streams.size(); ++i) {
    streams_.emplace_back();
    streams_.back().requests = &streams[i];
    streams_.back().spec = &scenario.workloads[i];
  }
}

Rack::~Rack() = default;

Diagnostics Rack::deploy_pools() {
  auto deployed = deploy(scenario_, catalogs_, platform_.servers(), options_.draw);
  Diagnostics findings;
  findings.append(deployed.diagnostics());
  if (!deployed) return findings;
  const auto pool_index = [&](const std::string& name) {
    const auto at = std::find_if(scenario_.pools.begin(), scenario_.pools.end(),
                                 [&](const PoolSpec& pool) { return pool.name == name; });
    return static_cast<std::size_t>(at - scenario_.pools.begin());
  };
  for (DeployedPool& pool : *deployed) make_replicas(std::move(pool));
  for (Pool& pool : pools_) {
    if (!pool.deployed.spec->decode_pool.empty()) {
      pool.decode_pool = pool_index(pool.deployed.spec->decode_pool);
    }
  }
  make_power_meter();
  findings.append(deploy_retrieval());
  findings.append(set_clouds());
  findings.append(set_targets());
  return findings;
}

void Rack::make_replicas(DeployedPool deployed) {
  const std::size_t index = pools_.size();
  Pool& pool = pools_.emplace_back();
  pool.deployed = std::move(deployed);
  const PoolSpec& spec = *pool.deployed.spec;
  const ServingEngine& engine = *pool.deployed.engine;
  const auto latency = [](const std::optional<Figure>& figure) {
    return to_nanoseconds(Seconds(figure ? figure->value : 0));
  };
  // Their sum is rounded, as it is one delay for most requests.
  const Seconds gateway = scenario_.gateway.latency;
  const Seconds front_end(engine.request_latency ? engine.request_latency->value : 0);
  pool.request_latency = to_nanoseconds(gateway + front_end) - to_nanoseconds(gateway);
  pool.first_token_delay = latency(pool.deployed.model->moe ? engine.expert_first_token_latency
                                                            : engine.first_token_latency);
  ReplicaLimits limits = pool.deployed.limits;
  // Only single steps have one power from their beginning to their end.
  limits.single_steps = options_.single_steps || options_.energy_cross_check;
  pool.router = registered(router_kinds(), scenario_.gateway.router)->make();
  for (const auto& placements : pool.deployed.placements) {
    const auto id = static_cast<std::uint32_t>(replicas_.size());
    pool.replicas.push_back(std::make_unique<Replica>(
        id, limits, pool.deployed.acceptance, pool.deployed.cost,
        registered(scheduler_kinds(), spec.scheduler)->make(), sequences_, loop_, *this, itl_));
    Replica* replica = pool.replicas.back().get();
    replica->set_observer(this);
    replica->set_prefix_lookup(&Rack::prefixes, this);
    replicas_.push_back(replica);
    pool_of_replica_.push_back(index);
    for (const auto& placement : placements) {
      ServerState& server = servers_[placement.server];
      server.replicas.push_back(replica);
      server.weights += pool.deployed.weights_per_accelerator * placement.accelerators;
      server.start_up = std::max(server.start_up, to_nanoseconds(pool.deployed.engine->start_up));
    }
  }
}

double Rack::host_cores_of(const DeployedPool& pool) {
  return pool.cpu_serves ? 0.0 : pool.engine->host_cores_per_accelerator;
}

void Rack::make_power_meter() {
  const std::vector<ServerOccupancy> occupied = occupancy();
  std::vector<PowerMeter::ReplicaPower> replica_power;
  for (const Pool& pool : pools_) {
    const DeployedPool& deployed = pool.deployed;
    for (const auto& placements : deployed.placements) {
      replica_power.push_back({placements, deployed.idle_per_accelerator,
                               static_cast<double>(deployed.layout.gpus()),
                               host_cores_of(deployed)});
    }
  }
  for (std::size_t s = 0; s < occupied.size(); ++s) {
    const ServerType& type = *platform_.servers()[s].type;
    const bool cpu_serves = occupied[s].cpu_serves;
    ServerPowerModel& model =
        power_models_.emplace_back(make_server_power(type, catalogs_.hardware, cpu_serves));
    unused_power_.push_back(
        unused_power(type, catalogs_.hardware, cpu_serves, occupied[s].devices, model));
  }
  power_ = std::make_unique<PowerMeter>(power_models_, unused_power_, std::move(replica_power));
}

void Rack::run() {
  start_streams();
  loop_.watch_every(watch_interval, [this] { report_progress(); });
  if (scenario_.failures.server_mtbf) {
    for (std::size_t s = 0; s < servers_.size(); ++s) schedule_failure(s);
  }
  if (options_.sample_interval) {
    loop_.schedule(0, EventClass::sample, this, payload(Kind::sample, 0));
  }
  loop_.schedule(hours_.current_end(), EventClass::sample, this, payload(Kind::hour_ends, 0));
  if (scenario_.horizon) {
    loop_.schedule(to_nanoseconds(*scenario_.horizon), EventClass::sample, this,
                   payload(Kind::horizon, 0));
  }
  const double before = cpu_time();
  loop_.run();
  cpu_seconds_ = cpu_time() - before;
  if (loop_.stopped()) {
    for (Replica* replica : replicas_) replica->settle();
  }
}

void Rack::on_event(Nanoseconds now, std::uint64_t payload_bits) {
  const std::uint64_t data = payload_bits & ((std::uint64_t{1} << 56) - 1);
  switch (static_cast<Kind>(payload_bits >> 56)) {
    case Kind::arrival: return on_arrival(data, now);
    case Kind::follow_up: {
      const std::size_t stream = data >> 32;
      return arrive(stream, data & 0xffffffffu, now - streams_[stream].delay);
    }
    case Kind::client_timeout: return on_client_timeout(data);
    case Kind::kv_arrived: return on_kv_arrived(data);
    case Kind::intake_over: return on_intake_over(data);
    case Kind::cloud_answered: return on_cloud_answered(data);
    case Kind::server_fails: return fail_server(data);
    case Kind::server_returns: return return_server(data);
    case Kind::weights_loaded: return load_weights(data);
    case Kind::engine_started: return start_engines(data);
    case Kind::sample: return take_sample(now);
    case Kind::hour_ends: return end_hour(now);
    case Kind::horizon: return loop_.stop();
  }
}

void Rack::on_step_begin(const Replica& replica, const StepRecord& record) {
  power_->set_busy(replica.index(), Watts(record.metered_power));
  if (options_.energy_cross_check) draw_cross_check(replica, record);
  for (SimulationObserver* observer : options_.observers) observer->on_step_begin(replica, record);
}

/// The same power for the same time as an execution in SimGrid, whose energy plugin counts it.
void Rack::draw_cross_check(const Replica& replica, const StepRecord& record) {
  const Pool& pool = pools_[pool_of_replica_[replica.index()]];
  const auto& placements =
      pool.deployed.placements[replica.index() - pool.replicas.front()->index()];
  const Seconds duration(static_cast<double>(record.end - record.begin) * 1e-9);
  for (const auto& placement : placements) {
    const double share = placement.accelerators / pool.deployed.layout.gpus();
    platform_.draw_power(placement.server, Watts(record.power * share), duration);
  }
}

void Rack::on_step_end(const Replica& replica, const StepRecord& record) {
  for (SimulationObserver* observer : options_.observers) observer->on_step_end(replica, record);
}

void Rack::on_idle(const Replica& replica, Nanoseconds now) {
  power_->set_idle(replica.index());
  for (SimulationObserver* observer : options_.observers) observer->on_idle(replica, now);
}

}  // namespace microdc
