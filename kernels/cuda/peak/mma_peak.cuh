// Tensor cores through mma.sync, operands in registers. A warp multiplies 32 rows by 32 columns
// over 32 bytes of k, again and again; each of the warps of a block keeps its own sums of the same.
#pragma once

#include "kernels/cuda/gemm/gemm_instructions.cuh"

namespace microdc::kernels::cuda {

inline constexpr int mma_peak_threads = 256;
inline constexpr int mma_peak_rows = 32, mma_peak_columns = 32;

/// Marks int8; the sums wrap around.
struct Int8Operand {};

#ifdef __CUDACC__
__device__ __forceinline__ void multiply_add(std::int32_t (&d)[4], const std::uint32_t (&a)[4],
                                             std::uint32_t b0, std::uint32_t b1, Int8Operand) {
  asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, "
      "{%8,%9}, {%0,%1,%2,%3};"
      : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}
#else
void multiply_add(std::int32_t (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                  std::uint32_t b1, Int8Operand);
#endif

/// `left` and `right` have 32 rows of 8 words, `sums` is [block][32][32].
template <class Operand, class Sum>
__global__ void __launch_bounds__(mma_peak_threads)
    mma_peak(const std::uint32_t* __restrict__ left, const std::uint32_t* __restrict__ right,
             int steps, Sum* __restrict__ sums) {
  constexpr int words_per_row = 8;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int row = lane / 4;
  const int word = lane % 4;
  std::uint32_t a[2][4];
  std::uint32_t b[4][2];
#pragma unroll
  for (int i = 0; i < 8; ++i) {
    a[i / 4][i % 4] = left[(i / 4 * 16 + i % 2 * 8 + row) * words_per_row + i % 4 / 2 * 4 + word];
    b[i / 2][i % 2] = right[(i / 2 * 8 + row) * words_per_row + i % 2 * 4 + word];
  }
  Sum d[2][4][4] = {};
#pragma unroll 4
  for (int step = 0; step < steps; ++step) {
#pragma unroll
    for (int i = 0; i < 8; ++i)
      multiply_add(d[i / 4][i % 4], a[i / 4], b[i % 4][0], b[i % 4][1], Operand{});
  }
  // All warps hold the same sums and store them to the same place.
  Sum* to = sums + std::int64_t{blockIdx.x} * mma_peak_rows * mma_peak_columns;
#pragma unroll
  for (int i = 0; i < 32; ++i) {
    const int part = i % 4;
    to[(i / 16 * 16 + part / 2 * 8 + row) * mma_peak_columns + i / 4 % 4 * 8 + word * 2 +
       part % 2] = d[i / 16][i / 4 % 4][part];
  }
}

}  // namespace microdc::kernels::cuda
