// Conversion of stored elements to and from float, and how they lie in memory.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <cstdint>

namespace microdc::kernels::cuda {

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(__nv_bfloat16 value) { return __bfloat162float(value); }
__device__ inline float to_float(__half value) { return __half2float(value); }
__device__ inline float to_float(__nv_fp8_e4m3 value) { return static_cast<float>(value); }
__device__ inline float to_float(std::int8_t value) { return static_cast<float>(value); }

template <class T>
__device__ T from_float(float value) {
  return T(value);
}
template <>
__device__ inline std::int8_t from_float<std::int8_t>(float value) {
  return static_cast<std::int8_t>(fminf(fmaxf(rintf(value), -127.0F), 127.0F));
}

}  // namespace microdc::kernels::cuda
