// Storing what tensor cores leave in registers.
#pragma once

#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

/// Stores a piece of C of 8 rows and 32 columns from the registers of one warp. The lane g * 4 + t
/// holds of row g, in `words`[w], the columns 8 w + 2 t and the one after. The four lanes of a row
/// exchange them, so that each stores 16 bytes in a row.
template <class Result>
__device__ __forceinline__ void store_quad(Result* c, std::uint32_t (&words)[4], int first_row,
                                           int first_column, int m, int n) {
  static_assert(sizeof(Result) == 2);
  const int lane = static_cast<int>(threadIdx.x) % 32;
#pragma unroll
  for (int round = 0; round < 2; ++round) {
#pragma unroll
    for (int pair = 0; pair < 2; ++pair) {
      // Constant indices into the registers, whatever the lane.
      const int low = round == 0 ? 2 * pair : pair;
      const int high = low | 1 << round;
      const bool upper = exchanged_word(lane, round, pair) == low;
      // Values first: a choice between two places would put the array into memory.
      const std::uint32_t low_word = words[low];
      const std::uint32_t high_word = words[high];
      const std::uint32_t received =
          __shfl_xor_sync(0xFFFFFFFFU, upper ? low_word : high_word, 1 << round);
      words[low] = upper ? received : low_word;
      words[high] = upper ? high_word : received;
    }
  }
  const int row = first_row + lane / 4;
  const int column = first_column + lane % 4 * 8;
  if (row >= m || column >= n) return;
  Result* to = c + std::int64_t{row} * n + column;
  if (n % 8 == 0) {  // rows start at multiples of 16 bytes, and all 8 columns exist
    *reinterpret_cast<uint4*>(to) = make_uint4(words[0], words[1], words[2], words[3]);
    return;
  }
  // Constant indices into the registers here too.
  const auto store = [&](int i, std::uint32_t bits) {
    if (column + i < n)
      reinterpret_cast<unsigned short*>(to)[i] = static_cast<unsigned short>(bits);
  };
  store(0, words[0]), store(1, words[0] >> 16);
  store(2, words[1]), store(3, words[1] >> 16);
  store(4, words[2]), store(5, words[2] >> 16);
  store(6, words[3]), store(7, words[3] >> 16);
}

}  // namespace microdc::kernels::cuda
