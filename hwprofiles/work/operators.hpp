// The vocabulary of work: what a model asks of one accelerator and what hardware laws answer with a
// time. Shapes are those of one GPU (after tensor/expert parallel sharding) and of one engine step.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/units.hpp"

namespace microdc {

/// Storage and compute format of an operand. Weight-only formats (int8_weight, int4_weight) compute
/// in bf16; the others compute in themselves.
enum class NumberFormat {
  fp32,
  fp16,
  bf16,
  fp8,          ///< e4m3, one scale per tensor or row
  fp8_block,    ///< e4m3 with 128x128 block scales (DeepSeek, Qwen3-FP8)
  int8,         ///< weights and activations
  int8_weight,  ///< weight-only
  int4_weight,  ///< weight-only with group scales (GPTQ, AWQ, Marlin)
  nvfp4,        ///< 4 bit with 16-element fp8 scales
  mxfp4,        ///< 4 bit with 32-element e8m0 scales, weight-only on most engines
};
inline constexpr int number_format_count = 10;

/// "bf16", "fp8_block", …
std::string_view name_of(NumberFormat format);
/// Also accepts the usual synonyms (float16, half, e4m3, fp4, w4a16, …). Error lists what is known.
Result<NumberFormat> parse_number_format(std::string_view name);
/// All names, for choices and messages.
std::vector<std::string_view> number_format_names();
/// Bytes per element including scales (nvfp4: 0.5625).
double bytes_per_element(NumberFormat format);
/// The format whose arithmetic peak applies (int4_weight -> bf16).
NumberFormat compute_format(NumberFormat format);

/// C[m,n] = A[m,k] * B[k,n]; B are the weights.
struct Gemm {
  double m = 0;  ///< tokens; fractional for expectations
  std::int64_t n = 0;
  std::int64_t k = 0;
  NumberFormat format = NumberFormat::bf16;
};

/// Causal attention of one sequence's chunk over its context; arithmetic dominates.
struct PrefillAttention {
  double new_tokens = 0;      ///< queries in this chunk
  double context_tokens = 0;  ///< keys after this chunk, including it
  int q_heads = 0;
  int kv_heads = 0;
  int qk_dim = 0;  ///< per head
  int v_dim = 0;   ///< per head
  double window = 0;          ///< sliding window in tokens; 0: none
  NumberFormat kv_format = NumberFormat::bf16;
};

/// One query token per sequence over the cached keys and values; reading the cache dominates.
struct DecodeAttention {
  double sequences = 0;
  double kv_tokens = 0;  ///< summed over sequences
  int q_heads = 0;
  int kv_heads = 0;      ///< 1 for MLA
  int qk_dim = 0;
  int v_dim = 0;
  bool shared_kv = false;  ///< MLA: values are part of the keys; only qk_dim is read
  NumberFormat kv_format = NumberFormat::bf16;
};

/// The routed experts of one MoE layer (gate/up and down projections together).
struct ExpertGemm {
  double tokens = 0;  ///< tokens entering the layer on all ranks that share these experts
  int experts = 0;    ///< routed experts in the layer
  int top_k = 0;
  std::int64_t hidden = 0;
  std::int64_t intermediate = 0;  ///< of one expert, before sharding
  int expert_parallel = 1;        ///< ranks the experts are distributed over
  int tensor_parallel = 1;        ///< ranks each expert is split over
  bool gated = true;              ///< three matrices (gate, up, down) instead of two
  NumberFormat format = NumberFormat::bf16;
};

/// Norms, activations, RoPE, residual adds, quantisation: bytes through memory.
struct Elementwise {
  Bytes bytes;
};

enum class CollectiveKind { all_reduce, all_gather, all_to_all, point_to_point };

struct Collective {
  CollectiveKind kind = CollectiveKind::all_reduce;
  Bytes message;  ///< per-GPU buffer
  int group = 1;  ///< ranks; 1 costs nothing
};

using OperatorKind =
    std::variant<Gemm, PrefillAttention, DecodeAttention, ExpertGemm, Elementwise, Collective>;

/// An operator and how many times it runs in the step (once per layer, usually).
struct Operator {
  OperatorKind kind;
  double count = 1;
};

/// Arithmetic of one execution [FLOP]; two per multiply-add. Source: operator definitions above.
Flop flop_of(const OperatorKind& op);
/// Compulsory memory traffic of one execution on one GPU [byte].
Bytes bytes_of(const OperatorKind& op);
/// Expected number of distinct experts touched by `tokens` tokens when expert i is chosen with
/// probability proportional to i^-0.5 (measured routing skew, notes in docs/models.md).
double expected_experts_touched(double tokens, int experts, int top_k);
/// Format in which the operator's arithmetic runs; bf16 where it has none.
NumberFormat arithmetic_format(const OperatorKind& op);

}  // namespace microdc
