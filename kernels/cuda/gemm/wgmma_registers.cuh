// wgmma with the left operand in registers (sm_90a): bf16, 8 to 64 columns. See wgmma.cuh for the
// layout of d and the fences; a[4] is, per warp of the warpgroup, the left operand of mma.m16n8k16.
// Its registers must not change until the group has been waited for.
#pragma once

#include "kernels/cuda/gemm/wgmma.cuh"

#define MICRODC_SUMS_4(d, i) "+f"(d[i]), "+f"(d[(i) + 1]), "+f"(d[(i) + 2]), "+f"(d[(i) + 3])
#define MICRODC_SUMS_16(d, i)                                                   \
  MICRODC_SUMS_4(d, i), MICRODC_SUMS_4(d, (i) + 4), MICRODC_SUMS_4(d, (i) + 8), \
      MICRODC_SUMS_4(d, (i) + 12)
#define MICRODC_LEFT(a) "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3])

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

/// d[64,8] += a[64,16] b[16,8]; d is overwritten if not `accumulate`.
__device__ __forceinline__ void multiply_async(float (&d)[4], const std::uint32_t (&a)[4],
                                               std::uint64_t b, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %9, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%0, %1, %2, %3}, "
      "{%4, %5, %6, %7}, %8, p, 1, 1, 0;\n}\n"
      : MICRODC_SUMS_4(d, 0)
      : MICRODC_LEFT(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// As above, 16 columns.
__device__ __forceinline__ void multiply_async(float (&d)[8], const std::uint32_t (&a)[4],
                                               std::uint64_t b, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %13, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7}, "
      "{%8, %9, %10, %11}, %12, p, 1, 1, 0;\n}\n"
      : MICRODC_SUMS_4(d, 0), MICRODC_SUMS_4(d, 4)
      : MICRODC_LEFT(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// As above, 32 columns.
__device__ __forceinline__ void multiply_async(float (&d)[16], const std::uint32_t (&a)[4],
                                               std::uint64_t b, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %21, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, "
      "%8, %9, %10, %11, %12, %13, %14, %15}, "
      "{%16, %17, %18, %19}, %20, p, 1, 1, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0)
      : MICRODC_LEFT(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

/// As above, 64 columns.
__device__ __forceinline__ void multiply_async(float (&d)[32], const std::uint32_t (&a)[4],
                                               std::uint64_t b, bool accumulate) {
  asm volatile(
      "{\n.reg .pred p;\nsetp.ne.b32 p, %37, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {%0, %1, %2, %3, %4, %5, %6, %7, "
      "%8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "
      "%24, %25, %26, %27, %28, %29, %30, %31}, "
      "{%32, %33, %34, %35}, %36, p, 1, 1, 0;\n}\n"
      : MICRODC_SUMS_16(d, 0), MICRODC_SUMS_16(d, 16)
      : MICRODC_LEFT(a), "l"(b), "r"(static_cast<int>(accumulate)));
}

#else  // the tests bring definitions of their own

/// d[64,2 * sums] += a b.
void multiply_async_of(float* d, int sums, const std::uint32_t* a, std::uint64_t b,
                       bool accumulate);
template <int Sums>
void multiply_async(float (&d)[Sums], const std::uint32_t (&a)[4], std::uint64_t b,
                    bool accumulate) {
  multiply_async_of(d, Sums, a, b, accumulate);
}

#endif

}  // namespace microdc::kernels::cuda

#undef MICRODC_LEFT
#undef MICRODC_SUMS_16
#undef MICRODC_SUMS_4
