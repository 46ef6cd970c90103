// Tensor-core instructions of the GEMM kernels besides those of instructions.cuh.
#pragma once

#include <cuda_fp8.h>

#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

/// d[16,8] += a[16,32] b[32,8] of e4m3, in the register layout of mma.m16n8k32. Since sm_89.
__device__ __forceinline__ void multiply_add(float (&d)[4], const std::uint32_t (&a)[4],
                                             std::uint32_t b0, std::uint32_t b1, __nv_fp8_e4m3) {
  asm("mma.sync.aligned.m16n8k32.row.col.f32.e4m3.e4m3.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// As __syncthreads, for whole warps with this many threads, always the same.
template <int Threads>
__device__ __forceinline__ void wait_for_threads() {
  asm volatile("bar.sync 1, %0;" ::"n"(Threads) : "memory");
}

/// 16 bytes that are read once: past L1, 256 bytes at a time into L2.
__device__ __forceinline__ uint4 load_once(const void* from) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(from));
  return v;
}

/// 16 bytes that others read too: through L1.
__device__ __forceinline__ uint4 load_shared_by_many(const void* from) {
  uint4 v;
  asm("ld.global.nc.v4.u32 {%0,%1,%2,%3}, [%4];"
      : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
      : "l"(from));
  return v;
}

/// Two bf16 times two others, and plus two more; rounded to nearest once.
__device__ __forceinline__ std::uint32_t multiply_add_bf16_pair(std::uint32_t a, std::uint32_t b,
                                                                std::uint32_t c) {
  std::uint32_t d = 0;
  asm("fma.rn.bf16x2 %0, %1, %2, %3;" : "=r"(d) : "r"(a), "r"(b), "r"(c));
  return d;
}
__device__ __forceinline__ std::uint32_t multiply_bf16_pair(std::uint32_t a, std::uint32_t b) {
  const __nv_bfloat162 d = __hmul2(*reinterpret_cast<const __nv_bfloat162*>(&a),
                                   *reinterpret_cast<const __nv_bfloat162*>(&b));
  return *reinterpret_cast<const std::uint32_t*>(&d);
}

#else  // the tests bring definitions of their own

std::uint32_t shared_address(const void* pointer);
void wait_for_some(int threads);
template <int Threads>
void wait_for_threads() {
  wait_for_some(Threads);
}
void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __nv_fp8_e4m3);
uint4 load_once(const void* from);
uint4 load_shared_by_many(const void* from);
std::uint32_t multiply_add_bf16_pair(std::uint32_t a, std::uint32_t b, std::uint32_t c);
std::uint32_t multiply_bf16_pair(std::uint32_t a, std::uint32_t b);

#endif

}  // namespace microdc::kernels::cuda
