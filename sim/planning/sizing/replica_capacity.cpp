#include "sim/planning/sizing/replica_capacity.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace microdc {
namespace {

class ReplicaModel {
 public:
  ReplicaModel(DeployedPool& pool, const PeakLoad& load, const SloSpec& slo)
      : pool_(pool), load_(load), slo_(slo) {
    const auto longest = static_cast<double>(pool.limits.max_context);
    prompt_time_ = time_of_prompt(std::min(load.input_tokens, longest));
    long_prompt_time_ = time_of_prompt(std::min(load.long_prompt, longest));
    const ServingEngine& engine = *pool.engine;
    const auto& first =
        pool.model->moe ? engine.expert_first_token_latency : engine.first_token_latency;
    overhead_ =
        (engine.request_latency ? engine.request_latency->value : 0) + (first ? first->value : 0);
  }

  [[nodiscard]] bool serves(double rate) {
    const double prompts = rate * prompt_time_;  // share of time with prompts
    if (prompts >= 1) return false;
    const auto batch = steady_batch(rate * load_.output_tokens / (1 - prompts));
    if (!batch) return false;
    const double fullest = *batch + 2 * std::sqrt(*batch);
    const double tokens = std::max(1.0, fullest) * (load_.input_tokens + load_.output_tokens);
    const auto blocks = static_cast<double>(pool_.limits.kv_blocks);
    if (tokens > blocks * static_cast<double>(pool_.limits.block_tokens)) return false;
    const double step = step_time(std::max(1.0, fullest));
    const double waiting = prompts / (1 - prompts) * prompt_time_;
    const double first = overhead_ + 2 * step + (long_prompt_time_ + waiting) / (1 - prompts);
    return within(slo_.tpot, step / (1 - prompts)) && within(slo_.ttft, first);
  }

 private:
  static bool within(const std::optional<Seconds>& limit, double seconds) {
    return !limit || seconds <= limit->value();
  }

  double step_time(double batch) {
    const auto sequences = static_cast<std::int64_t>(std::ceil(batch));
    const double tokens = load_.input_tokens + load_.output_tokens / 2;
    return pool_.cost
        ->explain({.decode_sequences = sequences,
                   .decode_kv_tokens = std::llround(static_cast<double>(sequences) * tokens),
                   .sampled_sequences = sequences,
                   .chunks = {}})
        .total;
  }

  /// Of a lone prompt, in chunks of the token budget.
  double time_of_prompt(double tokens) {
    const std::int64_t budget = pool_.limits.max_num_batched_tokens;
    const auto all = std::max<std::int64_t>(1, std::llround(tokens));
    double time = 0;
    for (std::int64_t done = 0; done < all;) {
      const std::int64_t chunk = std::min(budget, all - done);
      done += chunk;
      const std::array chunks{PrefillChunk{.new_tokens = chunk, .context_tokens = done}};
      time +=
          pool_.cost->explain({.sampled_sequences = done == all ? 1 : 0, .chunks = chunks}).total;
    }
    return time;
  }

  /// The smallest b with b >= tokens_per_s · step(b); steps grow less than their batch, so that
  /// iterating upwards finds it. Nullopt if the engine takes no such batch.
  std::optional<double> steady_batch(double tokens_per_s) {
    const auto largest = static_cast<double>(pool_.limits.max_num_seqs);
    double batch = 0;
    for (int i = 0; i < 200; ++i) {
      const double next = tokens_per_s * step_time(std::max(1.0, batch));
      if (next > largest) return std::nullopt;
      if (next <= batch * 1.001) return next;
      batch = next;
    }
    return std::nullopt;
  }

  DeployedPool& pool_;
  const PeakLoad& load_;
  const SloSpec& slo_;
  double prompt_time_ = 0;
  double long_prompt_time_ = 0;
  double overhead_ = 0;
};

}  // namespace

double replica_capacity(DeployedPool& pool, const PeakLoad& load, const SloSpec& slo) {
  ReplicaModel replica(pool, load, slo);
  constexpr double lone = 1e-6;  // requests/s: a batch of one
  if (!replica.serves(lone)) return 0;
  double low = lone;
  double high = 1;
  while (replica.serves(high) && high < 1e6) {
    low = high;
    high *= 2;
  }
  while (high > 1.01 * low) {
    const double middle = std::sqrt(low * high);
    (replica.serves(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace microdc
