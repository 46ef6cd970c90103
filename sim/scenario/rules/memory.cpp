#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "models/step_work.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {
namespace {

std::string readable(Bytes bytes) {
  return bytes.value() < 1e8 ? fmt::format("{:.1f} MB", bytes.value() / 1e6)
                             : fmt::format("{:.1f} GB", bytes.value() / 1e9);
}

/// Context that a pool must hold to serve even one request: the mean prompt and answer of the
/// longest workload it may get; where lengths come from a table or a trace, one KV block.
double tokens_of_one_request(const Scenario& scenario, const PoolSpec& pool) {
  auto tokens = static_cast<double>(pool.block_tokens);
  for (const WorkloadSpec& workload : scenario.workloads) {
    const bool known = workload.kind != "trace" && workload.input.kind != LengthSpec::Kind::table &&
                       workload.output.kind != LengthSpec::Kind::table;
    if (!known || (!workload.pool.empty() && workload.pool != pool.name)) continue;
    tokens = std::max(tokens, workload.input.mean + workload.output.mean);
  }
  return tokens;
}

struct MemoryCase {
  const ModelCard& card;
  ServedPrecision precision;
  ParallelLayout layout;
  double tokens;

  [[nodiscard]] bool valid() const { return !check_layout(card, layout).has_errors(); }
  [[nodiscard]] Bytes weights() const {
    return StepWork(card, precision, layout).weight_bytes_per_gpu();
  }
  [[nodiscard]] Bytes cache() const {
    const StepWork work(card, precision, layout);
    return tokens * work.kv_bytes_per_token_per_gpu() +
           work.state_bytes_per_sequence_per_gpu(tokens);
  }
  /// KV cache of a rank that `memory` holds beside the weights [tokens]; nullopt if tokens take
  /// none.
  [[nodiscard]] std::optional<double> tokens_that_fit(Bytes memory) const {
    const StepWork work(card, precision, layout);
    const Bytes left = memory - weights() - work.state_bytes_per_sequence_per_gpu(tokens);
    const Bytes per_token = work.kv_bytes_per_token_per_gpu();
    if (per_token.value() <= 0) return std::nullopt;
    return std::floor(left.value() / per_token.value());
  }
  [[nodiscard]] bool fits(Bytes memory) const { return weights() + cache() <= memory; }
};

/// The smallest tensor parallel size within a server at which the pool fits; 0 if there is none.
int fitting_tensor_parallel(MemoryCase attempt, Bytes memory, std::int64_t devices_per_server) {
  for (; attempt.layout.tp <= devices_per_server; attempt.layout.tp *= 2) {
    if (attempt.valid() && attempt.fits(memory)) return attempt.layout.tp;
  }
  return 0;
}

/// The fewest devices over which the model fits, layers spread by pp over servers; the layout has
/// their sizes. Nullopt if it fits on no number.
std::optional<ParallelLayout> fewest_devices(MemoryCase attempt, Bytes memory,
                                             std::int64_t devices_per_server) {
  std::optional<ParallelLayout> best;
  const std::int64_t layers = attempt.card.layers;
  for (int tp = 1; tp <= devices_per_server; tp *= 2) {
    for (int pp = 1; pp <= layers && (!best || tp * pp < best->gpus()); ++pp) {
      attempt.layout = {.tp = tp, .pp = pp};
      if (!attempt.valid() || !attempt.fits(memory)) continue;
      best = attempt.layout;
      break;
    }
  }
  return best;
}

/// Changes that would make the pool fit, tried out.
std::string remedies(const MemoryCase& now, Bytes memory, const ServingDevices& devices,
                     std::int64_t servers) {
  const std::int64_t devices_per_server = devices.count;
  std::string ways;
  for (const NumberFormat format :
       {now.precision.weights, NumberFormat::fp8, NumberFormat::int4_weight}) {
    MemoryCase attempt = now;
    attempt.precision.weights = format;
    const bool same = format == now.precision.weights;
    if (!same && bytes_per_element(format) >= bytes_per_element(now.precision.weights)) continue;
    const int tp = fitting_tensor_parallel(attempt, memory, devices_per_server);
    if (tp == 0) continue;
    if (!ways.empty()) ways += ", or ";
    if (tp != now.layout.tp) ways += fmt::format("\"tp\": {}", tp);
    if (tp != now.layout.tp && !same) ways += " with ";
    if (!same) ways += fmt::format("\"weights\": \"{}\"", name_of(format));
  }
  if (!ways.empty()) return "it fits with " + ways;
  const auto least = fewest_devices(now, memory, devices_per_server);
  if (!least) return "choose a smaller model or devices with more memory";
  const std::string sizes = fmt::format("\"tp\": {}, \"pp\": {}", least->tp, least->pp);
  if (least->gpus() <= servers * devices_per_server) return "it fits with " + sizes;
  return fmt::format(
      "it needs at least {} × {} ({}): buy more, larger ones, or choose a smaller model",
      least->gpus(), devices.device, sizes);
}

/// A pool whose memory can be judged: model, devices and formats are known and its layout is valid.
struct PoolMemory {
  MemoryCase need;
  ServingDevices devices;
  double share = 1;  ///< of a device's memory that the engine may use
  std::int64_t servers = 1;

  [[nodiscard]] Bytes usable() const { return share * *devices.memory; }
};

std::optional<PoolMemory> pool_memory(const Scenario& scenario, const PoolSpec& pool,
                                      const CheckContext& context) {
  if (context.hardware == nullptr || context.models == nullptr) return std::nullopt;
  const ModelCard* card = context.models->find(pool.model);
  const PlacedGroup placed = group_of_pool(scenario, pool);
  if (card == nullptr || placed.group == nullptr) return std::nullopt;
  const auto engine = context.engine_defaults.find(pool.engine);
  const EngineDefaults defaults =
      engine == context.engine_defaults.end() ? EngineDefaults{} : engine->second;
  const auto devices = serving_devices(*context.hardware, *placed.group);
  const auto precision = precision_of(pool, *card, defaults.low_precision_kv_cache);
  if (!devices || !devices->memory || !precision) return std::nullopt;
  const MemoryCase need{*card, *precision, layout_of(pool), tokens_of_one_request(scenario, pool)};
  if (!need.valid()) return std::nullopt;  // layouts-valid reports it
  return PoolMemory{need, *devices, pool.memory_utilization.value_or(defaults.memory_share),
                    placed.group->count};
}

}  // namespace

void weights_fit_memory(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const auto memory = pool_memory(scenario, pool, context);
    if (!memory || memory->need.fits(memory->usable())) continue;
    const MemoryCase& now = memory->need;
    findings.add({.problem = Problem::infeasible,
                  .place = fmt::format("/pools/{}/model", i),
                  .message = fmt::format("the model does not fit into the memory of one {}",
                                         memory->devices.device),
                  .found = fmt::format(
                      "{} of weights in {} and {} for the KV cache of one request of {:.0f} "
                      "tokens, per device at tp {}, pp {}",
                      readable(now.weights()), name_of(now.precision.weights),
                      readable(now.cache()), now.tokens, pool.tp, pool.pp),
                  .allowed = fmt::format("{} ({:.0f} % of {})", readable(memory->usable()),
                                         100 * memory->share, readable(*memory->devices.memory)),
                  .fix = remedies(now, memory->usable(), memory->devices, memory->servers)});
  }
}

// The size may exceed what the engine's share holds (a measured engine is taken at its word), but
// not the device.
void kv_cache_fits_memory(const Scenario& scenario, const CheckContext& context,
                          RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    if (!pool.kv_cache_tokens) continue;
    Diagnostic finding{.place = fmt::format("/pools/{}/kv_cache_tokens", i),
                       .found = std::to_string(*pool.kv_cache_tokens)};
    if (*pool.kv_cache_tokens < pool.block_tokens) {
      finding.message = "the KV cache is smaller than one of its blocks";
      finding.allowed = fmt::format("at least {} tokens (block_tokens)", pool.block_tokens);
      findings.add(std::move(finding));
      continue;
    }
    const auto memory = pool_memory(scenario, pool, context);
    if (!memory || !memory->need.fits(memory->usable())) continue;  // weights-fit-memory reports it
    const Bytes device = *memory->devices.memory;
    const auto largest = memory->need.tokens_that_fit(device);
    if (!largest || static_cast<double>(*pool.kv_cache_tokens) <= *largest) continue;
    finding.problem = Problem::infeasible;
    finding.message =
        fmt::format("the KV cache does not fit into the memory of one {}", memory->devices.device);
    finding.allowed = fmt::format("at most {:.0f} tokens, beside {} of weights in {}", *largest,
                                  readable(memory->need.weights()), readable(device));
    finding.fix =
        fmt::format("leave it out for the {:.0f} tokens that fit into {:.0f} % of the memory",
                    *memory->need.tokens_that_fit(memory->usable()), 100 * memory->share);
    findings.add(std::move(finding));
  }
}

}  // namespace microdc::rules
