// The order of candidates in sampling, and where the nucleus (top-p) ends.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// A number that orders like the float whose bits these are, -infinity first; NaN is not allowed.
MICRODC_HD constexpr std::uint32_t ordered_bits(std::uint32_t float_bits) {
  return (float_bits & 0x80000000u) != 0 ? ~float_bits : float_bits | 0x80000000u;
}
MICRODC_HD constexpr std::uint32_t float_bits_of(std::uint32_t ordered) {
  return (ordered & 0x80000000u) != 0 ? ordered & 0x7fffffffu : ~ordered;
}

/// A token and its logit: larger is better; of equal logits the lower token wins.
using Candidate = std::uint64_t;

MICRODC_HD constexpr Candidate make_candidate(std::uint32_t ordered_logit, std::uint32_t token) {
  return (static_cast<std::uint64_t>(ordered_logit) << 32) | (0xffffffffu - token);
}
MICRODC_HD constexpr std::uint32_t token_of(Candidate candidate) {
  return 0xffffffffu - static_cast<std::uint32_t>(candidate);
}
MICRODC_HD constexpr std::uint32_t ordered_logit_of(Candidate candidate) {
  return static_cast<std::uint32_t>(candidate >> 32);
}

/// The smallest power of two that is not below `count`.
MICRODC_HD constexpr int power_of_two_from(int count) {
  int power = 1;
  while (power < count) power *= 2;
  return power;
}

/// First index of the ascending `sums[0, count)` that exceeds `target`, or the last index.
MICRODC_HD inline int first_above(const float* sums, int count, float target) {
  int low = 0, high = count - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (sums[middle] > target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// First index of the ascending `sums[0, count)` that reaches `target`, or the last index.
MICRODC_HD inline int first_reaching(const float* sums, int count, float target) {
  int low = 0, high = count - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (sums[middle] >= target) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/// The draw: `sums` are the running sums of the candidates' weights, best first; `uniform` in
/// [0, 1). The nucleus is the shortest run of candidates with at least `top_p` of the whole weight.
MICRODC_HD inline int draw(const float* sums, int count, float top_p, float uniform) {
  const int last = first_reaching(sums, count, top_p * sums[count - 1]);
  return first_above(sums, last + 1, uniform * sums[last]);
}

}  // namespace microdc::kernels::cuda
