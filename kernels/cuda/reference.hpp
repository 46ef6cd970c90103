// What kernels must compute, in float64 and in plain C++: for verify() on the device and for tests
// without one.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

double value_of_bf16(std::uint16_t bits);
/// e4m3: no infinities, NaN is 0x7f and 0xff.
double value_of_fp8(std::uint8_t bits);
/// The nearest of the finite e4m3 values, ties to the even code; beyond +-448 the largest.
std::uint8_t nearest_fp8(double value);

/// Attention of one query over `tokens` keys: softmax(scale q k) v, the result's `head_dim`
/// elements. key(t, d) and value(t, d) give elements.
template <class Key, class Value>
std::vector<double> attention_row(std::span<const double> query, int tokens, double scale,
                                  const Key& key, const Value& value) {
  const int head_dim = static_cast<int>(query.size());
  std::vector<double> scores(static_cast<std::size_t>(tokens));
  double largest = -INFINITY;
  for (int t = 0; t < tokens; ++t) {
    double sum = 0;
    for (int d = 0; d < head_dim; ++d) sum += query[static_cast<std::size_t>(d)] * key(t, d);
    scores[static_cast<std::size_t>(t)] = sum * scale;
    largest = std::fmax(largest, sum * scale);
  }
  double total = 0;
  std::vector<double> output(query.size());
  for (int t = 0; t < tokens; ++t) {
    const double weight = std::exp(scores[static_cast<std::size_t>(t)] - largest);
    total += weight;
    for (int d = 0; d < head_dim; ++d) output[static_cast<std::size_t>(d)] += weight * value(t, d);
  }
  for (double& element : output) element /= total;
  return output;
}

/// One row of the fused residual add and RMSNorm. Rounds the sum to bf16, as it is stored.
struct NormRow {
  std::vector<double> residual, y;
};
NormRow add_rms_norm_row(std::span<const double> x, std::span<const double> residual,
                         std::span<const double> weight, double epsilon);
double round_to_bf16(double value);

double silu_multiply_reference(double gate, double up);

/// Which rows of a large result to compare: at most `most` of the numbers below `count`, ascending;
/// all if they are few, otherwise the first, the last, those beside the edges of tiles, and some at
/// random.
std::vector<std::int64_t> sampled_indices(std::int64_t count, std::int64_t most,
                                          std::uint64_t seed);

/// Whether drawing `token` from a row of logits is right for a uniform number, given that running
/// sums of floats may misplace a boundary by `slack` of the whole weight.
bool sampled_rightly(std::span<const float> logits, int top_k, double top_p, double temperature,
                     double uniform, int token, double slack);

/// Collects the largest deviation, relative to the expected value, or to the root mean square of
/// all of them where that is larger.
class ErrorMeter {
 public:
  void add(double found, double expected);
  /// Elements that have no tolerance: any deviation counts as an infinite error.
  void add_exact(bool equal);
  [[nodiscard]] Verification result(double tolerance) const;

 private:
  struct Deviation {
    double size, expected;
  };
  std::vector<Deviation> deviations_;
  bool broken_ = false, compared_ = false;
};

}  // namespace microdc::kernels::cuda
