// What one engine step of a replica costs in time and accelerator energy.
//
// Time of a step (docs/serving.md): T = (G^4 + H^4)^(1/4), where G is the accelerators' work and H
// the host's; both overlap, and the larger one rules.
//   G = eta * (GEMM + attention + collectives + elementwise + eta_m * experts)
//       + (gM + g8) * MoE layers + gS * sequences * vocabulary / 128256
//   H = (h0 + h1 * sequences + hP * layers in steps with prompts) / single-thread speed of the host
//
// A decode-only step is tabulated per batch size as an integer, piecewise linear function of the
// batch's KV total, so that many steps can be jumped over in closed form with exactly the sum that
// single steps give.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "hwprofiles/laws/device_laws.hpp"
#include "models/step_work.hpp"
#include "sim/serving/serving_engine.hpp"
#include "sim/workload/trace.hpp"

namespace microdc {

/// Durations of steps are kept in 2^-16 nanoseconds, so that the slope by KV token keeps its digits
/// as an integer.
using Ticks = std::int64_t;
inline constexpr int tick_bits = 16;
inline constexpr double ticks_per_second = 1e9 * (1 << tick_bits);

/// KV totals of decode batches are kept in fractions of a token, because speculative decoding adds
/// a fractional number of tokens per step.
inline constexpr std::int64_t kv_scale = 256;

/// Duration and energy of steps of a fixed decode batch while its KV total lies in [begin, end).
struct DecodeSegment {
  std::int64_t begin = 0;  ///< [tokens of KV before the step]
  std::int64_t end = 0;
  Ticks duration = 0;             ///< of the step at `begin`
  Ticks duration_slope = 0;       ///< more per 1/kv_scale KV tokens
  std::int64_t energy = 0;        ///< accelerators of the replica, at `begin` [pJ]
  std::int64_t energy_slope = 0;  ///< more per 1/kv_scale KV tokens [pJ]
};

/// Tokens of one prompt in one step.
struct PrefillChunk {
  std::int64_t new_tokens = 0;
  std::int64_t context_tokens = 0;  ///< after the chunk, including it
  std::uint16_t rank = 0;           ///< data-parallel rank that computes it, below the layout's dp
};

struct MixedStep {
  std::int64_t decode_sequences = 0;
  std::int64_t decode_kv_tokens = 0;  ///< before the step
  std::int64_t sampled_sequences =
      0;  ///< sequences that produce a token: decodes and finished prompts
  std::span<const PrefillChunk> chunks;
};

struct StepPrice {
  Ticks duration = 0;
  std::int64_t energy = 0;  ///< accelerators of the replica [pJ]
};

/// Where the time of a step goes, for explanation [s].
struct StepBreakdown {
  double kernels = 0;     ///< G without expert and sampling overheads
  double experts = 0;     ///< part of the kernels
  double host = 0;        ///< H
  double total = 0;       ///< T
  double bytes = 0;       ///< compulsory traffic of one accelerator
  double arithmetic = 0;  ///< FLOP / peak of one accelerator [s at peak]
  double power = 0;       ///< of one accelerator [W]
};

class StepCost {
 public:
  /// `draft_cost` > 0 adds the drafts of speculative decoding: `draft_tokens` per sequence and
  /// step.
  struct Speculation {
    std::int64_t draft_tokens = 0;
    double draft_cost = 0;
  };
  StepCost(StepWork work, DeviceLaws laws, const ServingEngine& engine, double host_speed,
           Speculation speculation);
  ~StepCost();
  StepCost(StepCost&&) noexcept;

  /// The segment that holds `kv_tokens` for a decode batch of `sequences`. Computed once each.
  const DecodeSegment& decode_segment(std::int64_t sequences, std::int64_t kv_tokens);
  /// A step with prefill chunks.
  StepPrice mixed_step(const MixedStep& step);
  StepBreakdown explain(const MixedStep& step);

  [[nodiscard]] const StepWork& work() const;
  [[nodiscard]] const DeviceLaws& laws() const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace microdc
