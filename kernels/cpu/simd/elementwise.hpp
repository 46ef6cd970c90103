// Kernels on single rows (see vectors.hpp on how this file is used).
#pragma once

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

/// residual += added; out = residual / rms(residual) * gain.
template <class M>
void add_and_norm(float* residual, const float* added, const float* gain, float* out,
                  std::int64_t count) {
  using Float = typename M::Float;
  Float squares = {};
  for (std::int64_t i = 0; i < count; i += M::width) {
    const Float sum = load<Float>(residual + i) + load<Float>(added + i);
    store(residual + i, sum);
    squares += sum * sum;
  }
  const float mean = sum_of<M>(squares) / static_cast<float>(count);
  const float factor = 1.0f / __builtin_sqrtf(mean + 1e-6f);
  for (std::int64_t i = 0; i < count; i += M::width) {
    store(out + i, load<Float>(residual + i) * factor * load<Float>(gain + i));
  }
}

/// out = gate / (1 + e^-gate) * up.
template <class M>
void silu_times_up(const float* gate, const float* up, float* out, std::int64_t count) {
  using Float = typename M::Float;
  for (std::int64_t i = 0; i < count; i += M::width) {
    const Float x = load<Float>(gate + i);
    store(out + i, x / (exponential<M>(-x) + 1.0f) * load<Float>(up + i));
  }
}

template <class M>
void rotate_pairs(float* row, const float* cosine, const float* sine, std::int64_t count) {
  using Float = typename M::Float;
  const std::int64_t half = count / 2;
  for (std::int64_t i = 0; i < half; i += M::width) {
    const Float first = load<Float>(row + i), second = load<Float>(row + half + i);
    const Float c = load<Float>(cosine + i), s = load<Float>(sine + i);
    store(row + i, first * c - second * s);
    store(row + half + i, second * c + first * s);
  }
}

template <class M>
Elementwise elementwise() {
  return {add_and_norm<M>, silu_times_up<M>, rotate_pairs<M>};
}

}  // namespace
}  // namespace microdc::kernels::simd
