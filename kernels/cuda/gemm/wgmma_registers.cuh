// wgmma with the left operand in registers (sm_90a), of bf16. See wgmma.cuh for the layout of d and
// the fences; a[4] is, per warp of the warpgroup, the left operand of mma.m16n8k16. Its registers
// must not change until the group has been waited for.
#pragma once

#include "kernels/cuda/gemm/wgmma.cuh"

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

// name(d, a, b, accumulate): d[64,2 sums] += a[64,16] b; d is overwritten if not `accumulate`.
#define MICRODC_PRODUCT(name, sums, shape, a0, a1, a2, a3, b_at, flag_at, transposed)             \
  __device__ __forceinline__ void name(float(&d)[sums], const std::uint32_t(&a)[4],               \
                                       std::uint64_t b, bool accumulate) {                        \
    asm volatile(                                                                                 \
        "{\n.reg .pred p;\nsetp.ne.b32 p, %" flag_at ", 0;\nwgmma.mma_async.sync.aligned." shape  \
        ".f32.bf16.bf16 {" MICRODC_NAMES_##sums "}, {%" a0 ", %" a1 ", %" a2 ", %" a3 "}, %" b_at \
                                                ", p, 1, 1, " transposed ";\n}\n"                 \
        : MICRODC_SUMS_##sums(d, 0)                                                               \
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(accumulate))); \
  }
// b as tile_descriptor says.
MICRODC_PRODUCT(multiply_async, 4, "m64n8k16", "4", "5", "6", "7", "8", "9", "0")
MICRODC_PRODUCT(multiply_async, 8, "m64n16k16", "8", "9", "10", "11", "12", "13", "0")
MICRODC_PRODUCT(multiply_async, 16, "m64n32k16", "16", "17", "18", "19", "20", "21", "0")
MICRODC_PRODUCT(multiply_async, 32, "m64n64k16", "32", "33", "34", "35", "36", "37", "0")
// b as panels_descriptor says.
MICRODC_PRODUCT(multiply_panels_async, 32, "m64n64k16", "32", "33", "34", "35", "36", "37", "1")
MICRODC_PRODUCT(multiply_panels_async, 64, "m64n128k16", "64", "65", "66", "67", "68", "69", "1")
#undef MICRODC_PRODUCT

#else  // the tests bring definitions of their own

/// d[64,2 * sums] += a b.
void multiply_async_of(float* d, int sums, const std::uint32_t* a, std::uint64_t b, bool accumulate,
                       bool panels);
template <int Sums>
void multiply_async(float (&d)[Sums], const std::uint32_t (&a)[4], std::uint64_t b,
                    bool accumulate) {
  multiply_async_of(d, Sums, a, b, accumulate, false);
}
template <int Sums>
void multiply_panels_async(float (&d)[Sums], const std::uint32_t (&a)[4], std::uint64_t b,
                           bool accumulate) {
  multiply_async_of(d, Sums, a, b, accumulate, true);
}

#endif

}  // namespace microdc::kernels::cuda
