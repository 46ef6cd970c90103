// What the tests of kernels on the host share: random operands of given formats.
#pragma once

#include "tests/support/device_on_host.hpp"
// After the above.
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/cuda/reference.hpp"

namespace microdc::testing {

/// N(0, scale) rounded to bf16, at a multiple of 16 bytes.
inline std::vector<__nv_bfloat16> random_bf16(std::size_t count, unsigned seed, float scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, scale);
  std::vector<__nv_bfloat16> values(count);
  for (auto& value : values) value = __float2bfloat16(normal(random));
  return values;
}

/// N(0, 2) rounded to e4m3.
inline std::vector<std::uint8_t> random_fp8(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 2);
  std::vector<std::uint8_t> values(count);
  for (auto& value : values) value = kernels::cuda::nearest_fp8(normal(random));
  return values;
}

inline double value_of(__nv_bfloat16 element) { return __bfloat162float(element); }
inline double value_of(std::uint8_t element) { return kernels::cuda::value_of_fp8(element); }

/// Room for results, all NaN.
inline std::vector<__nv_bfloat16> poisoned_bf16(std::size_t count) {
  return std::vector<__nv_bfloat16>(count, __float2bfloat16(NAN));
}

}  // namespace microdc::testing
