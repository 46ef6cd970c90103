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
template <class M>
void prepare_int8(const Activations& a, std::int64_t token, std::int64_t begin, std::int64_t end,
                  std::int64_t depth) {
  using Float = typename M::Float;
  using Int = typename M::Int;
  const std::int64_t groups = depth / group_size;
  for (std::int64_t g = begin; g < end; ++g) {
    const float* in = a.values + token * depth + g * group_size;
    std::int8_t* out = a.quantised + token * depth + g * group_size;
    Float high = {};
    for (int i = 0; i < group_size; i += M::width) {
      const Float value = load<Float>(in + i), magnitude = value < 0 ? -value : value;
      high = magnitude > high ? magnitude : high;
    }
    const float largest = largest_of<M>(high);
    const float inverse = largest > 0 ? 127.0f / largest : 0.0f;
    Int sums = {};
    for (int i = 0; i < group_size; i += M::width) {
      // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
      const Float shifted = load<Float>(in + i) * inverse + 12582912.0f;
      const Int value = reinterpret_cast<Int>(shifted) - 0x4b400000;
      M::store_int8(out + i, value);
      sums += value;
    }
    a.scales[token * groups + g] = largest / 127.0f;
    a.sums[token * groups + g] = static_cast<std::int32_t>(sum_of<M>(M::to_float(sums)));
  }
}

}  // namespace
}  // namespace microdc::kernels::simd
