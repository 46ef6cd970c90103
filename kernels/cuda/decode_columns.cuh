// Decode attention of groups of up to 8 heads: tokens, then head dimensions of values, are the 16
// rows of the matrix unit and heads its 8 columns, so that products, weights and outputs are half
// as many as with heads as rows.
#pragma once

#include "kernels/cuda/attention_decode.cuh"

namespace microdc::kernels::cuda {

/// What one lane keeps: of heads 2 * (lane%4) and the next.
template <int HeadDim>
struct ColumnState {
  float output[HeadDim / 16][4];
  float maximum[2] = {-INFINITY, -INFINITY};  ///< as of the last time that it was looked for
  float sum[2];                               ///< of this lane's tokens only
};

template <class Cache, int HeadDim, bool Twisted>
struct ColumnArithmetic : CacheArithmetic<Cache, HeadDim, Twisted, 8> {
  using Base = CacheArithmetic<Cache, HeadDim, Twisted, 8>;
  using Base::chunk_steps;
  using typename Base::Fragments, typename Base::Operand, typename Base::Unit;
  using typename Base::LoadedQueries;
  using State = ColumnState<HeadDim>;
  using Queries = std::uint32_t[HeadDim / 16][2];
  using Scores = float[Unit::pages][4];  ///< tokens lane/4 and lane/4 + 8, two heads of each
  static constexpr int largest_group = 8;
  static constexpr bool combines = true;

  static __device__ __forceinline__ void pack_queries(const LoadedQueries& loaded,
                                                      Queries& queries) {
#pragma unroll
    for (int step = 0; step < HeadDim / 16; ++step) {
#pragma unroll
      for (int i = 0; i < 2; ++i) queries[step][i] = Base::query_pair(loaded, 0, step, i);
    }
  }

  static __device__ __forceinline__ void multiply_keys(const Queries& queries,
                                                       const unsigned char* stage, int lane,
                                                       Scores& scores) {
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
#pragma unroll
      for (int i = 0; i < 4; ++i) scores[page][i] = 0.0f;
#pragma unroll
      for (int chunk = 0; chunk < Fragments::key_chunks; ++chunk) {
        std::uint32_t low[chunk_steps][2], high[chunk_steps][2];
        Base::load_keys(stage, 2 * page, chunk, lane, low);
        Base::load_keys(stage, 2 * page + 1, chunk, lane, high);
#pragma unroll
        for (int j = 0; j < chunk_steps; ++j) {
          const std::uint32_t a[4] = {low[j][0], high[j][0], low[j][1], high[j][1]};
          const auto& b = queries[chunk * chunk_steps + j];
          multiply_add(scores[page], a, b[0], b[1], Operand{});
        }
      }
    }
  }

  /// Turns scores into weights relative to the state's maximum.
  static __device__ __forceinline__ void weigh(Scores& scores, float scale, int valid, int lane,
                                               State& state) {
    if (valid < Unit::tokens) {
#pragma unroll
      for (int page = 0; page < Unit::pages; ++page) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          if (page * page_tokens + lane / 4 + i / 2 * 8 >= valid) scores[page][i] = -INFINITY;
        }
      }
    }
    raise_maximum(scores, scale, state);
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        scores[page][i] = exp2_fast(fmaf(scores[page][i], scale, -state.maximum[i % 2]));
        state.sum[i % 2] += scores[page][i];
      }
    }
  }

  /// Rescales the state to the maximum with these scores, unless all weights stay below 2^8 without
  /// that: fp16 and bf16 hold these as well, and the maximum of many tokens seldom grows.
  static __device__ __forceinline__ void raise_maximum(const Scores& scores, float scale,
                                                       State& state) {
    float largest[2];
#pragma unroll
    for (int head = 0; head < 2; ++head) {
      largest[head] = fmaxf(scores[0][head], scores[0][2 + head]);
#pragma unroll
      for (int page = 1; page < Unit::pages; ++page)
        largest[head] = fmaxf(largest[head], fmaxf(scores[page][head], scores[page][2 + head]));
      largest[head] *= scale;
    }
    const bool grows = largest[0] > state.maximum[0] + 8.0f || largest[1] > state.maximum[1] + 8.0f;
    if (!__any_sync(0xffffffffu, grows)) return;
#pragma unroll
    for (int head = 0; head < 2; ++head) {
#pragma unroll
      for (int lanes = 4; lanes < 32; lanes *= 2)
        largest[head] = fmaxf(largest[head], __shfl_xor_sync(0xffffffffu, largest[head], lanes));
      const float maximum = fmaxf(state.maximum[head], largest[head]);
      const float factor = exp2_fast(state.maximum[head] - maximum);  // 0 in the first unit
      state.maximum[head] = maximum;
      state.sum[head] *= factor;
#pragma unroll
      for (int tile = 0; tile < HeadDim / 16; ++tile)
        state.output[tile][head] *= factor, state.output[tile][2 + head] *= factor;
    }
  }

  static __device__ __forceinline__ void multiply_values(const Scores& weights,
                                                         const unsigned char* stage, int lane,
                                                         State& state) {
    constexpr int words = Fragments::value_bytes / 4;
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
      const float(&of)[4] = weights[page];
      const std::uint32_t b0 = transpose_matrix(pack_pair(of[0], of[1], Operand{}));
      const std::uint32_t b1 = transpose_matrix(pack_pair(of[2], of[3], Operand{}));
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

  /// What the warp knows of each head, over all its lanes.
  static __device__ __forceinline__ void leave_sums(State& state, int lane, SoftmaxPart* sums) {
#pragma unroll
    for (int head = 0; head < 2; ++head) {
#pragma unroll
      for (int lanes = 4; lanes < 32; lanes *= 2)
        state.sum[head] += __shfl_xor_sync(0xffffffffu, state.sum[head], lanes);
      if (lane < 4) sums[2 * lane + head] = {state.maximum[head], state.sum[head]};
    }
  }

  /// Place of four columns of a head of a warp's outputs: lanes that write at once, four heads 2
  /// apart and columns 16 apart, keep to different banks; with columns 8 apart (head dimension 64)
  /// two lanes share each.
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
