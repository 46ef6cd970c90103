#include "hwprofiles/work/operators.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace microdc {
namespace {

/// Activations that kernels hand on to each other, and queries and outputs of attention.
constexpr double activation_bytes = 2.0;
/// Exponent of the routing skew: expert i is chosen with probability proportional to i^-0.5.
constexpr double routing_skew = 0.5;

double operand_bytes(NumberFormat weight_format) {
  return bytes_per_element(compute_format(weight_format));
}

/// Query-key pairs that causal attention of a chunk computes per head. Query i (1…new) sees
/// context - new + i keys, at most the window.
double attended_pairs(const PrefillAttention& op) {
  const double before = std::max(0.0, op.context_tokens - op.new_tokens);
  const double growing =
      op.window > 0 ? std::clamp(op.window - before, 0.0, op.new_tokens) : op.new_tokens;
  return growing * before + growing * (growing + 1) / 2 + (op.new_tokens - growing) * op.window;
}

/// Keys that any query of the chunk sees.
double attended_keys(const PrefillAttention& op) {
  if (op.window <= 0) return op.context_tokens;
  return std::min(op.context_tokens, op.new_tokens + op.window - 1);
}

double expert_matrices(const ExpertGemm& op) { return op.gated ? 3.0 : 2.0; }

/// Rows of tokens that the experts of one rank work on.
double expert_rows(const ExpertGemm& op) { return op.tokens * op.top_k / op.expert_parallel; }

struct FlopOf {
  double operator()(const Gemm& op) const {
    return 2.0 * op.m * static_cast<double>(op.n) * static_cast<double>(op.k);
  }
  double operator()(const PrefillAttention& op) const {
    return 2.0 * op.q_heads * (op.qk_dim + op.v_dim) * attended_pairs(op);
  }
  double operator()(const DecodeAttention& op) const {
    return 2.0 * op.q_heads * (op.qk_dim + op.v_dim) * op.kv_tokens;
  }
  double operator()(const ExpertGemm& op) const {
    return 2.0 * expert_rows(op) * expert_matrices(op) * static_cast<double>(op.hidden) *
           static_cast<double>(op.intermediate) / op.tensor_parallel;
  }
  double operator()(const Elementwise&) const { return 0; }
  double operator()(const Collective&) const { return 0; }
};

struct BytesOf {
  double operator()(const Gemm& op) const {
    const double n = static_cast<double>(op.n);
    const double k = static_cast<double>(op.k);
    return n * k * bytes_per_element(op.format) + op.m * k * operand_bytes(op.format) +
           op.m * n * activation_bytes;
  }
  double operator()(const PrefillAttention& op) const {
    const double head_dims = op.qk_dim + op.v_dim;
    return op.new_tokens * op.q_heads * head_dims * activation_bytes +
           attended_keys(op) * op.kv_heads * head_dims * bytes_per_element(op.kv_format);
  }
  double operator()(const DecodeAttention& op) const {
    const double cached = op.qk_dim + (op.shared_kv ? 0 : op.v_dim);
    return op.sequences * op.q_heads * (op.qk_dim + op.v_dim) * activation_bytes +
           op.kv_tokens * op.kv_heads * cached * bytes_per_element(op.kv_format);
  }
  double operator()(const ExpertGemm& op) const {
    const double hidden = static_cast<double>(op.hidden);
    const double inner = static_cast<double>(op.intermediate) / op.tensor_parallel;
    const double touched =
        expected_experts_touched(op.tokens, op.experts, op.top_k) / op.expert_parallel;
    const double up_outputs = expert_matrices(op) - 1;
    const double per_row = (hidden + inner) * operand_bytes(op.format) +
                           (up_outputs * inner + hidden) * activation_bytes;
    return touched * expert_matrices(op) * hidden * inner * bytes_per_element(op.format) +
           expert_rows(op) * per_row;
  }
  double operator()(const Elementwise& op) const { return op.bytes.value(); }
  double operator()(const Collective&) const { return 0; }
};

struct ArithmeticFormatOf {
  NumberFormat operator()(const Gemm& op) const { return compute_format(op.format); }
  NumberFormat operator()(const ExpertGemm& op) const { return compute_format(op.format); }
  NumberFormat operator()(const PrefillAttention& op) const { return attention(op.kv_format); }
  NumberFormat operator()(const DecodeAttention& op) const { return attention(op.kv_format); }
  NumberFormat operator()(const Elementwise&) const { return NumberFormat::bf16; }
  NumberFormat operator()(const Collective&) const { return NumberFormat::bf16; }

 private:
  /// Engines expand a quantised cache to 16 bits before they multiply.
  static NumberFormat attention(NumberFormat kv_format) {
    return bytes_per_element(kv_format) >= 2 ? kv_format : NumberFormat::bf16;
  }
};

/// log(1 - p_i) of every expert, p_i proportional to i^-0.5 with sum top_k. Experts that would
/// exceed 1 are always chosen; the rest share what is left in the same proportion.
std::vector<double> log_miss_probabilities(int experts, int top_k) {
  std::vector<double> weight(static_cast<std::size_t>(experts));
  double total = 0;
  for (int i = 0; i < experts; ++i) {
    weight[i] = std::pow(i + 1.0, -routing_skew);
    total += weight[i];
  }
  std::vector<double> log_miss(weight.size());
  double left = std::min(top_k, experts);
  for (int i = 0; i < experts; ++i) {
    // Weights fall, so once one expert stays below 1 the scale no longer changes.
    const double p = weight[i] * left / total;
    if (p >= 1 - 1e-12) {
      log_miss[i] = -HUGE_VAL;
      left -= 1;
      total -= weight[i];
    } else {
      log_miss[i] = std::log1p(-std::max(0.0, p));
    }
  }
  return log_miss;
}

}  // namespace

Flop flop_of(const OperatorKind& op) { return Flop(std::visit(FlopOf{}, op)); }

Bytes bytes_of(const OperatorKind& op) { return Bytes(std::visit(BytesOf{}, op)); }

NumberFormat arithmetic_format(const OperatorKind& op) {
  return std::visit(ArithmeticFormatOf{}, op);
}

double expected_experts_touched(double tokens, int experts, int top_k) {
  if (!(tokens > 0) || experts <= 0 || top_k <= 0) return 0;
  // One table per thread: no lock, and a program meets only a handful of shapes.
  thread_local std::map<std::pair<int, int>, std::vector<double>> tables;
  auto [table, is_new] = tables.try_emplace({experts, top_k});
  if (is_new) table->second = log_miss_probabilities(experts, top_k);
  double missed = 0;
  for (const double log_miss : table->second) {
    const double exponent = tokens * log_miss;
    // Probabilities fall with i, so early terms vanish first; exp of less is below rounding.
    if (exponent > -40) missed += std::exp(exponent);
  }
  return experts - missed;
}

}  // namespace microdc
