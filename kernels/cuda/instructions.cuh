// Instructions that C++ has no word for. Without nvcc they are only declared: the tests run kernels
// on the host and bring definitions of their own (tests/support/device_on_host.hpp).
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#ifdef __CUDACC__
#define MICRODC_DYNAMIC_SHARED(name) extern __shared__ __align__(128) unsigned char name[]
#else
#define MICRODC_DYNAMIC_SHARED(name) unsigned char* name = dynamic_shared_memory()
#endif

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

__device__ __forceinline__ std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

/// 16 bytes from global to shared memory, asynchronously and past L1; zeros if not `valid`.
__device__ __forceinline__ void copy_async_16(void* to_shared, const void* from, bool valid) {
  asm volatile(
      "cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(shared_address(to_shared)),
      "l"(from), "r"(valid ? 16 : 0)
      : "memory");
}

/// As copy_async_16, of 8 bytes.
__device__ __forceinline__ void copy_async_8(void* to_shared, const void* from, bool valid) {
  asm volatile(
      "cp.async.ca.shared.global.L2::128B [%0], [%1], 8, %2;" ::"r"(shared_address(to_shared)),
      "l"(from), "r"(valid ? 8 : 0)
      : "memory");
}

/// Closes the group of the asynchronous copies that this thread issued since the last one.
__device__ __forceinline__ void copy_async_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}

/// Waits until at most `Pending` of this thread's newest groups are under way.
template <int Pending>
__device__ __forceinline__ void copy_async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(Pending) : "memory");
}

/// d[16,8] += a[16,16] b[16,8], in the register layout of mma.m16n8k16.
__device__ __forceinline__ void multiply_add(float (&d)[4], const std::uint32_t (&a)[4],
                                             std::uint32_t b0, std::uint32_t b1, __nv_bfloat16) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

__device__ __forceinline__ void multiply_add(float (&d)[4], const std::uint32_t (&a)[4],
                                             std::uint32_t b0, std::uint32_t b1, __half) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// Four 8x8 matrices of 16-bit elements; lane i gives the address of row i%8 of matrix i/8.
__device__ __forceinline__ void load_matrices(std::uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

/// As load_matrices, each matrix transposed.
__device__ __forceinline__ void load_matrices_transposed(std::uint32_t (&r)[4], const void* row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(shared_address(row))
               : "memory");
}

/// An 8x8 matrix of 16-bit elements transposed; lane i has elements 2 * (i%4) and the next of row
/// i/4, before and after.
__device__ __forceinline__ std::uint32_t transpose_matrix(std::uint32_t pair) {
  std::uint32_t transposed;
  asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(transposed) : "r"(pair));
  return transposed;
}

/// 2^x to about 2 ulp; 0 for -infinity.
__device__ __forceinline__ float exp2_fast(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

/// Bytes of high:low (7 to 0), one per hexadecimal digit of the selector; 8 + i instead of i stands
/// for the sign of byte i in all bits.
__device__ __forceinline__ std::uint32_t permute_bytes(std::uint32_t low, std::uint32_t high,
                                                       std::uint32_t selector) {
  std::uint32_t permuted;
  asm("prmt.b32 %0, %1, %2, %3;" : "=r"(permuted) : "r"(low), "r"(high), "r"(selector));
  return permuted;
}

/// Four e4m3 as two pairs of fp16, exactly. Since sm_89.
__device__ __forceinline__ void e4m3_to_halves(std::uint32_t four, std::uint32_t (&pairs)[2]) {
  // Both halves of one register are operands as they are: no shift between.
  asm("{\n.reg .b16 low, high;\n"
      "mov.b32 {low, high}, %2;\n"
      "cvt.rn.f16x2.e4m3x2 %0, low;\n"
      "cvt.rn.f16x2.e4m3x2 %1, high;\n}"
      : "=r"(pairs[0]), "=r"(pairs[1])
      : "r"(four));
}

/// A flag in another GPU's memory: what was written before is visible to who reads it.
__device__ __forceinline__ void store_release_system(std::uint32_t* flag, std::uint32_t value) {
  asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(flag), "r"(value) : "memory");
}

__device__ __forceinline__ std::uint32_t load_acquire_system(const std::uint32_t* flag) {
  std::uint32_t value;
  asm volatile("ld.acquire.sys.global.u32 %0, [%1];" : "=r"(value) : "l"(flag) : "memory");
  return value;
}

#else

unsigned char* dynamic_shared_memory();
void copy_async_16(void* to_shared, const void* from, bool valid);
void copy_async_8(void* to_shared, const void* from, bool valid);
void copy_async_commit();
void copy_async_wait_for(int pending);
template <int Pending>
void copy_async_wait() {
  copy_async_wait_for(Pending);
}
void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __nv_bfloat16);
void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __half);
void load_matrices(std::uint32_t (&r)[4], const void* row);
void load_matrices_transposed(std::uint32_t (&r)[4], const void* row);
std::uint32_t transpose_matrix(std::uint32_t pair);
float exp2_fast(float x);
std::uint32_t permute_bytes(std::uint32_t low, std::uint32_t high, std::uint32_t selector);
void e4m3_to_halves(std::uint32_t four, std::uint32_t (&pairs)[2]);
void store_release_system(std::uint32_t* flag, std::uint32_t value);
std::uint32_t load_acquire_system(const std::uint32_t* flag);

#endif

/// Two floats rounded to the nearest 16-bit elements, the first in the low half.
__device__ __forceinline__ std::uint32_t pack_pair(float low, float high, __nv_bfloat16) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
  std::uint32_t word;
  memcpy(&word, &pair, sizeof word);
  return word;
}
__device__ __forceinline__ std::uint32_t pack_pair(float low, float high, __half) {
  const __half2 pair = __floats2half2_rn(low, high);
  std::uint32_t word;
  memcpy(&word, &pair, sizeof word);
  return word;
}

/// The two bf16 of a register.
__device__ __forceinline__ float low_bf16(std::uint32_t pair) {
  return __uint_as_float(pair << 16);
}
__device__ __forceinline__ float high_bf16(std::uint32_t pair) {
  return __uint_as_float(pair & 0xffff0000u);
}

/// Eight bf16 as floats, and back (rounded to nearest).
__device__ __forceinline__ void unpack_bf16(const uint4& vector, float (&x)[8]) {
  const std::uint32_t words[4] = {vector.x, vector.y, vector.z, vector.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    x[2 * i] = low_bf16(words[i]);
    x[2 * i + 1] = high_bf16(words[i]);
  }
}
__device__ __forceinline__ uint4 pack_bf16(const float (&x)[8]) {
  uint4 vector;
  vector.x = pack_pair(x[0], x[1], __nv_bfloat16{});
  vector.y = pack_pair(x[2], x[3], __nv_bfloat16{});
  vector.z = pack_pair(x[4], x[5], __nv_bfloat16{});
  vector.w = pack_pair(x[6], x[7], __nv_bfloat16{});
  return vector;
}

}  // namespace microdc::kernels::cuda
