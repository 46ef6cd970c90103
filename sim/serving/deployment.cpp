#include "sim/serving/deployment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

std::int64_t devices_of(const ServerType& server) {
  return server.accelerator.empty() ? server.sockets : server.accelerators;
}

std::string place_of(std::size_t pool) { return "/pools/" + std::to_string(pool); }

/// Takes `count` devices from the group's servers, first fit; a replica that is larger than one
/// server takes several.
std::optional<std::vector<PowerMeter::Placement>> take_devices(
    std::int64_t count, const std::vector<std::size_t>& candidates,
    std::vector<std::int64_t>& free) {
  for (const std::size_t server : candidates) {
    if (free[server] >= count) {
      free[server] -= count;
      return std::vector<PowerMeter::Placement>{{server, static_cast<double>(count)}};
    }
  }
  std::vector<PowerMeter::Placement> parts;
  std::vector<std::int64_t> left = free;
  for (const std::size_t server : candidates) {
    const std::int64_t taken = std::min(count, left[server]);
    if (taken == 0) continue;
    parts.push_back({server, static_cast<double>(taken)});
    left[server] -= taken;
    count -= taken;
    if (count == 0) {
      free = left;
      return parts;
    }
  }
  return std::nullopt;
}

class Deployer {
 public:
  Deployer(const Scenario& scenario, const Catalogs& catalogs,
           const std::vector<PlacedServer>& servers, std::optional<LawDraw> draw)
      : scenario_(scenario), catalogs_(catalogs), servers_(servers), draw_(draw) {
    for (const PlacedServer& server : servers) free_.push_back(devices_of(*server.type));
  }

  Result<std::vector<DeployedPool>> run() {
    std::vector<DeployedPool> pools;
    for (std::size_t i = 0; i < scenario_.pools.size(); ++i) {
      auto pool = deploy_pool(scenario_.pools[i], place_of(i));
      findings_.append(pool.diagnostics());
      if (pool) pools.push_back(std::move(*pool));
    }
    if (findings_.has_errors()) return findings_;
    return Result<std::vector<DeployedPool>>(std::move(pools), std::move(findings_));
  }

 private:
  Diagnostic unknown(const std::string& place, const std::string& what, const std::string& name) {
    return {.place = place, .message = fmt::format("this {} is not known", what), .found = name};
  }

  Result<DeployedPool> deploy_pool(const PoolSpec& spec, const std::string& place) {
    DeployedPool pool;
    pool.spec = &spec;
    pool.model = catalogs_.models.find(spec.model);
    if (pool.model == nullptr) return unknown(place + "/model", "model", spec.model);
    pool.engine = catalogs_.engines.find(spec.engine);
    if (pool.engine == nullptr) return unknown(place + "/engine", "serving engine", spec.engine);
    std::vector<std::size_t> candidates;
    for (std::size_t s = 0; s < servers_.size(); ++s) {
      if (spec.servers.empty() || servers_[s].group == spec.servers) candidates.push_back(s);
    }
    if (candidates.empty()) return unknown(place + "/servers", "server group", spec.servers);
    const ServerType& server = *servers_[candidates.front()].type;
    pool.cpu_serves = server.accelerator.empty();
    pool.device = pool.cpu_serves ? server.cpu : server.accelerator;
    const auto precision = served_precision(spec, *pool.model, *pool.engine);
    if (!precision) return precision.diagnostics();
    pool.precision = *precision;
    pool.layout = {.tp = static_cast<int>(spec.tp),
                   .pp = static_cast<int>(spec.pp),
                   .dp = static_cast<int>(spec.dp),
                   .ep = static_cast<int>(spec.ep)};
    const auto laws = make_device_laws(catalogs_.hardware, catalogs_.profiles, pool.device,
                                       pool.engine->kernel_source, draw_);
    if (!laws) return laws.diagnostics();
    StepWork work(*pool.model, pool.precision, pool.layout);
    pool.weights_per_accelerator = work.weight_bytes_per_gpu();
    pool.idle_per_accelerator = laws->idle_power();
    Diagnostics findings = set_limits(pool, work, *laws, place);
    for (std::int64_t r = 0; r < spec.replicas; ++r) {
      auto devices = take_devices(pool.layout.gpus(), candidates, free_);
      if (!devices) {
        findings.add({.problem = Problem::infeasible,
                      .place = place,
                      .message = fmt::format("no accelerators are left for replica {} of {}", r + 1,
                                             spec.replicas),
                      .fix = "add servers, or lower replicas or tp*pp*dp"});
        break;
      }
      pool.placements.push_back(std::move(*devices));
    }
    if (findings.has_errors()) return findings;
    StepCost::Speculation speculation;
    if (spec.speculative) {
      speculation = {spec.speculative->draft_tokens, spec.speculative->draft_cost};
      pool.acceptance = {spec.speculative->draft_tokens, spec.speculative->acceptance,
                         static_cast<std::uint64_t>(scenario_.seed)};
    }
    pool.cost = std::make_shared<StepCost>(std::move(work), *laws, *pool.engine, host_speed(server),
                                           speculation);
    return pool;
  }

  [[nodiscard]] double host_speed(const ServerType& server) const {
    const Cpu* cpu = catalogs_.hardware.cpu(server.cpu);
    return cpu != nullptr && cpu->single_thread_speed ? cpu->single_thread_speed->value : 1.0;
  }

  Diagnostics set_limits(DeployedPool& pool, const StepWork& work, const DeviceLaws& laws,
                         const std::string& place) {
    const PoolSpec& spec = *pool.spec;
    const double utilization = spec.memory_utilization.value_or(pool.engine->memory_utilization);
    const double capacity = spec.kv_cache_tokens
                                ? static_cast<double>(*spec.kv_cache_tokens * spec.dp)
                                : kv_capacity_tokens(work, laws, utilization);
    Diagnostics findings;
    if (capacity < static_cast<double>(spec.block_tokens)) {
      findings.add(
          {.problem = Problem::infeasible,
           .place = place,
           .message = fmt::format("{} in {} does not fit {} with tp={} pp={}", pool.model->name,
                                  name_of(pool.precision.weights), pool.device, spec.tp, spec.pp),
           .found = fmt::format("{:.1f} GB of weights per accelerator",
                                pool.weights_per_accelerator.value() / 1e9),
           .allowed = fmt::format("less than {:.1f} GB ({:.0f} % of its memory)",
                                  laws.memory().value() * utilization / 1e9, utilization * 100),
           .fix = "raise tp or pp, or serve the weights in a smaller format"});
      return findings;
    }
    pool.limits = {.max_num_seqs = spec.max_num_seqs.value_or(pool.engine->max_num_seqs) * spec.dp,
                   .max_num_batched_tokens =
                       spec.max_num_batched_tokens.value_or(pool.engine->max_num_batched_tokens),
                   .kv_blocks = static_cast<std::int64_t>(capacity) / spec.block_tokens,
                   .ranks = spec.dp,
                   .block_tokens = spec.block_tokens,
                   .max_context = spec.max_model_len.value_or(pool.model->max_context),
                   .prefix_caching = spec.prefix_caching,
                   .gathers_arrivals = spec.gathers_arrivals,
                   .mixes_prefill_and_decode = pool.engine->mixes_prefill_and_decode,
                   .schedules_ahead = pool.engine->schedules_ahead,
                   .prefill_only = spec.role == PoolSpec::Role::prefill};
    return findings;
  }

  const Scenario& scenario_;
  const Catalogs& catalogs_;
  const std::vector<PlacedServer>& servers_;
  std::optional<LawDraw> draw_;
  std::vector<std::int64_t> free_;
  Diagnostics findings_;
};

}  // namespace

Result<ServedPrecision> served_precision(const PoolSpec& spec, const ModelCard& model,
                                         const ServingEngine& engine) {
  return precision_of(spec, model, engine.low_precision_kv_cache);
}

double kv_capacity_tokens(const StepWork& work, const DeviceLaws& laws, double memory_utilization) {
  const double left =
      laws.memory().value() * memory_utilization - work.weight_bytes_per_gpu().value();
  const double per_token = work.kv_bytes_per_token_per_gpu().value();
  return left / std::max(per_token, 1.0) * work.layout().dp;
}

Result<std::vector<DeployedPool>> deploy(const Scenario& scenario, const Catalogs& catalogs,
                                         const std::vector<PlacedServer>& servers,
                                         std::optional<LawDraw> draw) {
  return Deployer(scenario, catalogs, servers, draw).run();
}

}  // namespace microdc
