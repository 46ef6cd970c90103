// Activations quantised on the fly, for dot product instructions (see vectors.hpp on how this file
// is used).
#pragma once

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

inline void prepare_bf16(const Activations& a, std::int64_t token, std::int64_t begin,
                         std::int64_t end, std::int64_t depth) {
  const std::int64_t row = token * depth;
  for (std::int64_t k = begin * group_size; k < end * group_size; ++k) {
    a.bf16[row + k] = to_bf16(a.values[row + k]);
  }
}

/// Symmetric, one scale per group: the largest magnitude becomes 127.
inline void prepare_int8(const Activations& a, std::int64_t token, std::int64_t begin,
                         std::int64_t end, std::int64_t depth) {
  const std::int64_t groups = depth / group_size;
  for (std::int64_t g = begin; g < end; ++g) {
    const float* in = a.values + token * depth + g * group_size;
    std::int8_t* out = a.quantised + token * depth + g * group_size;
    float largest = 0;
    for (int i = 0; i < group_size; ++i) {
      const float magnitude = in[i] < 0 ? -in[i] : in[i];
      largest = magnitude > largest ? magnitude : largest;
    }
    const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    std::int32_t sum = 0;
    for (int i = 0; i < group_size; ++i) {
      const float scaled = in[i] * inverse;
      const auto value = static_cast<std::int32_t>(scaled + (scaled < 0 ? -0.5f : 0.5f));
      out[i] = static_cast<std::int8_t>(value);
      sum += value;
    }
    a.scales[token * groups + g] = largest / 127.0f;
    a.sums[token * groups + g] = sum;
  }
}

}  // namespace
}  // namespace microdc::kernels::simd
