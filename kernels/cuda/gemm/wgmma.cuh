// wgmma (sm_90a): a warpgroup multiplies tiles in shared memory into its registers, asynchronously.
// Layout of d in thread t of the warpgroup: d[4 j + 2 h + i] is row t / 32 * 16 + h * 8 + t % 32 /
// 4, column 8 j + t % 4 * 2 + i.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

#include <cstdint>

#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/gemm/wgmma_operands.hpp"

namespace microdc::kernels::cuda {

inline constexpr int warpgroup = 128;  // threads

/// Descriptor of a tile in shared memory whose rows are 128 bytes, swizzled as swizzled_offset
/// does, at a multiple of 1024 bytes (PTX manual, "Matrix descriptor format"): address / 16 in bits
/// 0-13; leading dimension offset / 16 in 16-29; stride between groups of 8 rows / 16 in 32-45;
/// swizzle of 128 bytes, 1, in 62-63.
__device__ __forceinline__ std::uint64_t swizzled_descriptor(const void* tile, int leading_offset) {
  constexpr std::uint64_t group_stride = 8 * tile_row_bytes / 16;
  const std::uint64_t address = (shared_address(tile) & 0x3FFFF) >> 4;
  return address | static_cast<std::uint64_t>(leading_offset / 16) << 16 | group_stride << 32 |
         std::uint64_t{1} << 62;
}

/// Of a tile whose rows lie along k; one swizzle width has no leading dimension offset.
__device__ __forceinline__ std::uint64_t tile_descriptor(const void* tile) {
  return swizzled_descriptor(tile, 16);
}

/// Of a right matrix as it lies: a row per k. Its columns are in panels of 128 bytes,
/// `panel_bytes` apart.
__device__ __forceinline__ std::uint64_t panels_descriptor(const void* panels, int panel_bytes) {
  return swizzled_descriptor(panels, panel_bytes);
}

/// That many bytes further along k, within the 128 bytes of a row or by whole groups of 8 rows: the
/// swizzle is a function of address bits, so that the start address may be moved.
__device__ __forceinline__ std::uint64_t along_k(std::uint64_t descriptor, int bytes) {
  return descriptor + static_cast<std::uint64_t>(bytes / 16);
}

#ifdef __CUDACC__

/// Before the first multiplication and whenever other instructions touched the registers.
__device__ __forceinline__ void multiply_fence() {
  asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
__device__ __forceinline__ void multiply_commit() {
  asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
/// Waits until at most `Pending` of the newest groups are under way.
template <int Pending>
__device__ __forceinline__ void multiply_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(Pending) : "memory");
}

/// Keeps the compiler from using these registers otherwise before a wait that stands above.
template <int Count>
__device__ __forceinline__ void use_only_from_here(float (&d)[Count]) {
#pragma unroll
  for (int i = 0; i < Count; ++i) asm volatile("" : "+f"(d[i])::"memory");
}
template <int Count>
__device__ __forceinline__ void use_only_from_here(std::uint32_t (&a)[Count][4]) {
#pragma unroll
  for (int i = 0; i < 4 * Count; ++i) asm volatile("" : "+r"(a[i / 4][i % 4])::"memory");
}

// multiply_async(d, a, b, accumulate, Element{}): d[64,2 sums] += a b, over 32 bytes of k; d is
// overwritten if not `accumulate`.

/// Both matrices in shared memory, rows along k. `layout`: what the 16-bit types say of that.
#define MICRODC_PRODUCT(sums, shape, types, a_at, b_at, flag_at, layout, Element)             \
  __device__ __forceinline__ void multiply_async(float(&d)[sums], std::uint64_t a,            \
                                                 std::uint64_t b, bool accumulate, Element) { \
    asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" flag_at                                 \
                 ", 0;\nwgmma.mma_async.sync.aligned." shape ".f32." types                    \
                 " {" MICRODC_NAMES_##sums "}, %" a_at ", %" b_at ", p, 1, 1" layout ";\n}\n" \
                 : MICRODC_SUMS_##sums(d, 0)                                                  \
                 : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));                        \
  }
MICRODC_PRODUCT(4, "m64n8k32", "e4m3.e4m3", "4", "5", "6", "", __nv_fp8_e4m3)
MICRODC_PRODUCT(8, "m64n16k32", "e4m3.e4m3", "8", "9", "10", "", __nv_fp8_e4m3)
MICRODC_PRODUCT(16, "m64n32k32", "e4m3.e4m3", "16", "17", "18", "", __nv_fp8_e4m3)
MICRODC_PRODUCT(32, "m64n64k32", "e4m3.e4m3", "32", "33", "34", "", __nv_fp8_e4m3)
MICRODC_PRODUCT(64, "m64n128k16", "bf16.bf16", "64", "65", "66", ", 0, 0", __nv_bfloat16)
MICRODC_PRODUCT(64, "m64n128k16", "f16.f16", "64", "65", "66", ", 0, 0", __half)
MICRODC_PRODUCT(64, "m64n128k32", "e4m3.e4m3", "64", "65", "66", "", __nv_fp8_e4m3)
MICRODC_PRODUCT(128, "m64n256k16", "bf16.bf16", "128", "129", "130", ", 0, 0", __nv_bfloat16)
MICRODC_PRODUCT(128, "m64n256k16", "f16.f16", "128", "129", "130", ", 0, 0", __half)
MICRODC_PRODUCT(128, "m64n256k32", "e4m3.e4m3", "128", "129", "130", "", __nv_fp8_e4m3)

#undef MICRODC_PRODUCT

#else  // the tests bring definitions of their own

void multiply_fence();
void multiply_commit();
void multiply_wait_for(int pending);
template <int Pending>
void multiply_wait() {
  multiply_wait_for(Pending);
}
/// d[64,2 * sums] += a b of elements of `bytes`.
void multiply_async_of(float* d, int sums, std::uint64_t a, std::uint64_t b, bool accumulate,
                       double (*value)(const unsigned char*), int bytes);
double value_at(const unsigned char* bytes, __nv_bfloat16);
double value_at(const unsigned char* bytes, __half);
double value_at(const unsigned char* bytes, __nv_fp8_e4m3);
template <int Sums, class Element>
void multiply_async(float (&d)[Sums], std::uint64_t a, std::uint64_t b, bool accumulate, Element) {
  multiply_async_of(
      d, Sums, a, b, accumulate, [](const unsigned char* at) { return value_at(at, Element{}); },
      static_cast<int>(sizeof(Element)));
}
template <int Count>
void use_only_from_here(float (&)[Count]) {}
template <int Count>
void use_only_from_here(std::uint32_t (&)[Count][4]) {}

#endif

}  // namespace microdc::kernels::cuda
