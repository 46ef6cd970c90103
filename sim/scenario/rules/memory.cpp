#include <fmt/format.h>

#include <algorithm>

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
    return tokens * work.kv_bytes_per_token_per_gpu() + work.state_bytes_per_sequence_per_gpu(tokens);
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

/// Changes that would make the pool fit, tried out.
std::string remedies(const MemoryCase& now, Bytes memory, std::int64_t devices_per_server) {
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
  if (ways.empty()) return "choose a smaller model, more memory, or spread its layers with \"pp\"";
  return "it fits with " + ways;
}

double memory_share(const PoolSpec& pool, const CheckContext& context) {
  if (pool.memory_utilization) return *pool.memory_utilization;
  const auto at = context.engine_memory_share.find(pool.engine);
  return at == context.engine_memory_share.end() ? 1.0 : at->second;
}

}  // namespace

void weights_fit_memory(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  if (context.hardware == nullptr || context.models == nullptr) return;
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    const PoolSpec& pool = scenario.pools[i];
    const ModelCard* card = context.models->find(pool.model);
    const PlacedGroup placed = group_of_pool(scenario, pool);
    if (card == nullptr || placed.group == nullptr) continue;
    const auto devices = serving_devices(*context.hardware, *placed.group);
    const auto precision = precision_of(pool, *card);
    if (!devices || !devices->memory || !precision) continue;
    const MemoryCase now{*card, *precision, layout_of(pool), tokens_of_one_request(scenario, pool)};
    if (!now.valid()) continue;  // layouts-valid reports it
    const double share = memory_share(pool, context);
    const Bytes usable = share * *devices->memory;
    if (now.fits(usable)) continue;
    findings.add({.problem = Problem::infeasible,
                  .place = fmt::format("/pools/{}/model", i),
                  .message = fmt::format("the model does not fit into the memory of one {}",
                                         devices->device),
                  .found = fmt::format(
                      "{} of weights in {} and {} for the KV cache of one request of {:.0f} "
                      "tokens, per device at tp {}, pp {}",
                      readable(now.weights()), name_of(precision->weights), readable(now.cache()),
                      now.tokens, pool.tp, pool.pp),
                  .allowed = fmt::format("{} ({:.0f} % of {})", readable(usable), 100 * share,
                                         readable(*devices->memory)),
                  .fix = remedies(now, usable, devices->count)});
  }
}

}  // namespace microdc::rules
