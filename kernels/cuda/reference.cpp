#include "kernels/cuda/reference.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <numeric>
#include <set>

#include "kernels/cuda/philox.hpp"

namespace microdc::kernels::cuda {

double value_of_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

double round_to_bf16(double value) {
  // float first: double rounding can differ from the direct one only where the kernel, which adds
  // in float, rounds twice as well.
  std::uint32_t bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
  bits += 0x7fffU + ((bits >> 16) & 1U);
  return std::bit_cast<float>(bits & 0xffff0000U);
}

double value_of_fp8(std::uint8_t bits) {
  static const std::array<double, 256> values = [] {
    std::array<double, 256> all{};
    for (int code = 0; code < 256; ++code) {
      const int exponent = (code >> 3) & 15;
      const int mantissa = code & 7;
      const double sign = (code & 0x80) != 0 ? -1 : 1;
      double& value = all[static_cast<std::size_t>(code)];
      if (exponent == 15 && mantissa == 7) value = std::numeric_limits<double>::quiet_NaN();
      else if (exponent == 0) value = sign * std::ldexp(mantissa, -9);
      else value = sign * std::ldexp(8 + mantissa, exponent - 10);
    }
    return all;
  }();
  return values[bits];
}

std::uint8_t nearest_fp8(double value) {
  const double size = std::min(std::abs(value), 448.0);
  int best = 0;
  for (int code = 1; code <= 0x7e; ++code) {
    const double distance = std::abs(value_of_fp8(static_cast<std::uint8_t>(code)) - size);
    const double known = std::abs(value_of_fp8(static_cast<std::uint8_t>(best)) - size);
    if (distance < known || (distance == known && code % 2 == 0)) best = code;
  }
  return static_cast<std::uint8_t>(best | (std::signbit(value) ? 0x80 : 0));
}

NormRow add_rms_norm_row(std::span<const double> x, std::span<const double> residual,
                         std::span<const double> weight, double epsilon) {
  NormRow row;
  double squares = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    row.residual.push_back(round_to_bf16(x[i] + residual[i]));
    squares += row.residual.back() * row.residual.back();
  }
  const double factor = 1 / std::sqrt(squares / static_cast<double>(x.size()) + epsilon);
  for (std::size_t i = 0; i < x.size(); ++i) row.y.push_back(row.residual[i] * factor * weight[i]);
  return row;
}

double silu_multiply_reference(double gate, double up) { return gate / (1 + std::exp(-gate)) * up; }

bool sampled_rightly(std::span<const float> logits, int top_k, double top_p, double temperature,
                     double uniform, int token, double slack) {
  std::vector<int> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto better = [&](int a, int b) {
    const float left = logits[static_cast<std::size_t>(a)];
    const float right = logits[static_cast<std::size_t>(b)];
    return left != right ? left > right : a < b;
  };
  const std::size_t kept = std::min<std::size_t>(static_cast<std::size_t>(top_k), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    better);
  std::vector<double> sums;
  double sum = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const double logit = logits[static_cast<std::size_t>(order[i])];
    sum += std::exp((logit - logits[static_cast<std::size_t>(order[0])]) / temperature);
    sums.push_back(sum);
  }
  // A boundary may fall either way within the slack, so several nuclei and tokens may be right.
  for (const double p : {top_p - slack, top_p + slack}) {
    const auto end = std::lower_bound(sums.begin(), sums.end(), std::min(p, 1.0) * sum);
    const auto last =
        end == sums.end() ? sums.size() - 1 : static_cast<std::size_t>(end - sums.begin());
    for (const double u : {uniform - slack, uniform + slack}) {
      const auto found =
          std::upper_bound(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(last),
                           std::max(u, 0.0) * sums[last]);
      if (order[static_cast<std::size_t>(found - sums.begin())] == token) return true;
    }
  }
  return false;
}

std::vector<std::int64_t> sampled_indices(std::int64_t count, std::int64_t most,
                                          std::uint64_t seed) {
  std::set<std::int64_t> chosen;
  const auto add = [&](std::int64_t index) {
    if (index >= 0 && index < count && static_cast<std::int64_t>(chosen.size()) < most) {
      chosen.insert(index);
    }
  };
  if (count <= most) {
    for (std::int64_t i = 0; i < count; ++i) add(i);
    return {chosen.begin(), chosen.end()};
  }
  for (const std::int64_t edge : {std::int64_t{0}, count, std::int64_t{64}, std::int64_t{128},
                                  std::int64_t{256}, std::int64_t{16}}) {
    add(edge - 1);
    add(edge);
  }
  for (std::uint32_t draw = 0; static_cast<std::int64_t>(chosen.size()) < most; ++draw) {
    const PhiloxWords words = philox({{draw, 0, 0, 0}}, static_cast<std::uint32_t>(seed),
                                     static_cast<std::uint32_t>(seed >> 32));
    const std::uint64_t wide = std::uint64_t{words.word[0]} << 32 | words.word[1];
    add(static_cast<std::int64_t>(wide % static_cast<std::uint64_t>(count)));
  }
  return {chosen.begin(), chosen.end()};
}

void ErrorMeter::add(double found, double expected) {
  const double size = std::abs(found - expected);
  if (!(size <= std::numeric_limits<double>::max())) broken_ = true;
  deviations_.push_back({size, std::abs(expected)});
}

void ErrorMeter::add_exact(bool equal) {
  compared_ = true;
  if (!equal) broken_ = true;
}

Verification ErrorMeter::result(double tolerance) const {
  double squares = 0;
  for (const Deviation& d : deviations_) squares += d.expected * d.expected;
  const double rms =
      deviations_.empty() ? 0 : std::sqrt(squares / static_cast<double>(deviations_.size()));
  double largest = broken_ ? std::numeric_limits<double>::infinity() : 0;
  for (const Deviation& d : deviations_) {
    if (d.size > 0) largest = std::max(largest, d.size / std::max(rms, d.expected));
  }
  const bool any = compared_ || !deviations_.empty();
  return {.passed = any && largest <= tolerance, .largest_error = largest, .tolerance = tolerance};
}

}  // namespace microdc::kernels::cuda
