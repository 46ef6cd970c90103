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

#define MICRODC_SUMS_4(d, i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define MICRODC_SUMS_16(d, i)                                                   \
  MICRODC_SUMS_4(d, i), MICRODC_SUMS_4(d, (i) + 4), MICRODC_SUMS_4(d, (i) + 8), \
      MICRODC_SUMS_4(d, (i) + 12)

namespace microdc::kernels::cuda {

/// Descriptor of a tile in shared memory whose rows are 128 bytes of k, swizzled as swizzled_offset
/// does, at a multiple of 1024 bytes (PTX manual, "Matrix descriptor format"): address / 16 in bits
/// 0-13; leading dimension offset in 16-29, which a swizzled tile of one swizzle width does not
/// use; stride between groups of 8 rows / 16 in 32-45; swizzle of 128 bytes, 1, in 62-63.
__device__ __forceinline__ std::uint64_t tile_descriptor(const void* tile) {
  constexpr std::uint64_t group_stride = 8 * tile_row_bytes / 16;
  const std::uint64_t address = (shared_address(tile) & 0x3FFFF) >> 4;
  return address | std::uint64_t{1} << 16 | group_stride << 32 | std::uint64_t{1} << 62;
}

/// That many bytes further along k, within the 128 bytes of a row: the swizzle is a function of
/// address bits, so that the start address may be moved.
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

/// d[64,128] += a[64,16] b[16,128] of bf16; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[64], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __nv_bfloat16) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, p, 1, 1, 0, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// d[64,128] += a[64,16] b[16,128] of f16; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[64], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __half) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, p, 1, 1, 0, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// d[64,128] += a[64,32] b[32,128] of e4m3; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[64], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __nv_fp8_e4m3) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k32.f32.e4m3.e4m3 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, p, 1, 1;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// d[64,256] += a[64,16] b[16,256] of bf16; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[128], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __nv_bfloat16) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
      "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
      "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
      "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
      "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, "
      "%127}, "
      "%128, %129, p, 1, 1, 0, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48), MICRODC_SUMS_16(d, 64), MICRODC_SUMS_16(d, 80),
        MICRODC_SUMS_16(d, 96), MICRODC_SUMS_16(d, 112)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// d[64,256] += a[64,16] b[16,256] of f16; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[128], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __half) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
      "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
      "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
      "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
      "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, "
      "%127}, "
      "%128, %129, p, 1, 1, 0, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48), MICRODC_SUMS_16(d, 64), MICRODC_SUMS_16(d, 80),
        MICRODC_SUMS_16(d, 96), MICRODC_SUMS_16(d, 112)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// d[64,256] += a[64,32] b[32,256] of e4m3; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[128], std::uint64_t a, std::uint64_t b,
                                               bool accumulate, __nv_fp8_e4m3) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %130, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n256k32.f32.e4m3.e4m3 {"
      "%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, "
      "%16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, "
      "%32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, %46, %47, "
      "%48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, "
      "%64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, "
      "%80, %81, %82, %83, %84, %85, %86, %87, %88, %89, %90, %91, %92, %93, %94, %95, "
      "%96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, "
      "%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, "
      "%127}, "
      "%128, %129, p, 1, 1;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16), MICRODC_SUMS_16(d, 32),
        MICRODC_SUMS_16(d, 48), MICRODC_SUMS_16(d, 64), MICRODC_SUMS_16(d, 80),
        MICRODC_SUMS_16(d, 96), MICRODC_SUMS_16(d, 112)
      : "l"(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

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

#endif

}  // namespace microdc::kernels::cuda

#undef MICRODC_SUMS_16
#undef MICRODC_SUMS_4
