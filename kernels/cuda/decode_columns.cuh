// Decode attention of groups of up to 8 heads. Products with values are taken the other way round:
// 16 head dimensions of the values are the rows, heads the 8 columns, so that weights, outputs and
// products are half as many as with 16 rows of heads. Scores lie where the weights are needed.
#pragma once

#include "kernels/cuda/attention_decode.cuh"

namespace microdc::kernels::cuda {

/// As RowState: outputs of heads 2 * (lane%4) and the next, maximum and sum of head lane/4.
template <int HeadDim>
struct ColumnState {
  static constexpr int rows = 1;
  float output[HeadDim / 16][4];
  float maximum[rows];
  float sum[rows];
};

template <class Cache, int HeadDim, bool Twisted>
struct ColumnArithmetic : CacheArithmetic<Cache, HeadDim, Twisted, 8> {
  using Base = CacheArithmetic<Cache, HeadDim, Twisted, 8>;
  using Base::halves;
  using typename Base::Fragments, typename Base::Operand, typename Base::Unit;
  using State = ColumnState<HeadDim>;
  static constexpr int largest_group = 8;

  /// Turns the first two scores of each half into weights relative to the new maximum and rescales
  /// the state to it.
  static __device__ __forceinline__ void weigh(float (&scores)[halves][4], float scale, int valid,
                                               int lane, State& state) {
    if (valid < Unit::tokens) {
#pragma unroll
      for (int half = 0; half < halves; ++half) {
#pragma unroll
        for (int i = 0; i < 2; ++i) {
          if (8 * half + 2 * (lane % 4) + i >= valid) scores[half][i] = -INFINITY;
        }
      }
    }
    float largest = fmaxf(scores[0][0], scores[0][1]);
#pragma unroll
    for (int half = 1; half < halves; ++half)
      largest = fmaxf(largest, fmaxf(scores[half][0], scores[half][1]));
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, 2));
    const float maximum = fmaxf(state.maximum[0], largest * scale);
    const float factor = exp2_fast(state.maximum[0] - maximum);  // 0 in the first unit
    state.maximum[0] = maximum;
    state.sum[0] *= factor;
#pragma unroll
    for (int half = 0; half < halves; ++half) {
#pragma unroll
      for (int i = 0; i < 2; ++i) {
        scores[half][i] = exp2_fast(fmaf(scores[half][i], scale, -maximum));
        state.sum[0] += scores[half][i];
      }
    }
    // The maximum of many tokens seldom changes.
    if (!__any_sync(0xffffffffu, factor != 1.0f)) return;
    const float factors[2] = {__shfl_sync(0xffffffffu, factor, 8 * (lane % 4)),
                              __shfl_sync(0xffffffffu, factor, 8 * (lane % 4) + 4)};
#pragma unroll
    for (int tile = 0; tile < HeadDim / 16; ++tile) {
#pragma unroll
      for (int i = 0; i < 4; ++i) state.output[tile][i] *= factors[i & 1];
    }
  }

  static __device__ __forceinline__ void multiply_values(const float (&weights)[halves][4],
                                                         const unsigned char* stage, int lane,
                                                         State& state) {
    constexpr int words = Fragments::value_bytes / 4;
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
      const std::uint32_t b0 = pack_pair(weights[2 * page][0], weights[2 * page][1], Operand{});
      const std::uint32_t b1 =
          pack_pair(weights[2 * page + 1][0], weights[2 * page + 1][1], Operand{});
#pragma unroll
      for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
        std::uint32_t pieces[4][words];
        Base::load_values(stage, page, chunk, lane, pieces);
#pragma unroll
        for (int e = 0; e < Fragments::value_elements; e += 2) {
          const int word = e / Cache::elements_per_word, in_word = e % Cache::elements_per_word;
          std::uint32_t low[2], high[2];
          Cache::across_two(pieces[0][word], pieces[1][word], in_word, low);
          Cache::across_two(pieces[2][word], pieces[3][word], in_word, high);
          const std::uint32_t a[4] = {low[0], low[1], high[0], high[1]};
          multiply_add(state.output[(chunk * Fragments::value_elements + e) / 2], a, b0, b1,
                       Operand{});
        }
      }
    }
  }

  /// Place of four columns of a head of a warp's outputs: lanes that write at once, four heads 2
  /// apart and columns 8 or 16 apart, keep to different banks.
  static __device__ __forceinline__ int place(int row, int column) {
    const int four = column / 4;
    return row * HeadDim + (four ^ (row >> 1 & 3)) * 4;
  }

  static __device__ __forceinline__ void leave_outputs(const State& state, int group, int lane,
                                                       float* outputs) {
#pragma unroll
    for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
#pragma unroll
      for (int e = 0; e < Fragments::value_elements; e += 4) {
        const float(*tiles)[4] = &state.output[(chunk * Fragments::value_elements + e) / 2];
        const int column = Fragments::value_column(chunk, lane / 4) + e;
#pragma unroll
        for (int k = 0; k < 2; ++k) {
          const int head = 2 * (lane % 4) + k;
          if (head < group) {
            *reinterpret_cast<float4*>(outputs + place(head, column)) = {
                tiles[0][k], tiles[0][2 + k], tiles[1][k], tiles[1][2 + k]};
          }
        }
      }
    }
  }
};

}  // namespace microdc::kernels::cuda
