// Paged decode attention with grouped queries. Blocks walk their parts of a DecodePlan: the matrix
// unit has all query heads of the group at once, so that the cache is read once. The warps of a
// block take turns with its units, each with a ring of stages of its own that runs on across parts;
// only the end of a part needs the whole block.
//
// The arithmetic of one warp on one unit: RowArithmetic for groups of up to 16 heads, and for up to
// 8 ColumnArithmetic (decode_columns.cuh), which spends nothing on rows that no head has.
#pragma once

#include "kernels/cuda/softmax_merge.hpp"
#include "kernels/cuda/unit_copies.cuh"

namespace microdc::kernels::cuda {

/// Which bytes of a unit lane l feeds to the matrix unit: row l/4 and quarter l%4 of the 8x4 grid
/// of its registers. The order of head dimensions within a product is free and that of values'
/// columns too, so a lane takes whole vectors.
template <class Cache, int HeadDim>
struct Fragments {
  static constexpr int row_bytes = HeadDim * Cache::element_bytes;
  /// Keys: 64 bytes of a token by 4 lanes.
  static constexpr int key_chunks = row_bytes / 64;
  static constexpr int key_elements = 16 / Cache::element_bytes;
  /// Values: 8 groups of lanes share (part of) a row; a lane takes its piece of 4 tokens.
  static constexpr int value_bytes = row_bytes / 8 < 16 ? row_bytes / 8 : 16;
  static constexpr int value_chunks = row_bytes / (8 * value_bytes);
  static constexpr int value_elements = value_bytes / Cache::element_bytes;

  /// First head dimension of a lane's key piece.
  static MICRODC_HD constexpr int key_column(int chunk, int lane) {
    return (chunk * 4 + lane % 4) * key_elements;
  }
  /// First head dimension of the value piece of the lanes with lane/4 == group.
  static MICRODC_HD constexpr int value_column(int chunk, int group) {
    return (chunk * 8 + group) * value_elements;
  }
  static MICRODC_HD constexpr int value_token(int piece, int lane) {
    return 2 * (lane % 4) + (piece & 1) + 8 * (piece >> 1);
  }
};

/// What all arithmetic has in common: queries, keys and values on their way to registers. Queries
/// have lane/4 as their row; with 16 `Rows` also lane/4 + 8.
template <class Cache, int HeadDim, bool Twisted, int Rows>
struct CacheArithmetic {
  using Unit = cuda::Unit<Cache, HeadDim>;
  using Fragments = cuda::Fragments<Cache, HeadDim>;
  using Operand = typename Cache::Operand;
  static constexpr int halves = 2 * Unit::pages;                   ///< of pages: 8 tokens each
  static constexpr int chunk_steps = Fragments::key_elements / 4;  ///< products of 16 dimensions

  /// A lane's share of the group's queries as they lie in memory.
  struct LoadedQueries {
    uint4 vectors[Rows / 8][HeadDim / 32];  // 8 elements each
  };

  static __device__ __forceinline__ LoadedQueries load_queries(const __nv_bfloat16* queries,
                                                               int group, int lane) {
    LoadedQueries loaded;
#pragma unroll
    for (int upper = 0; upper < Rows / 8; ++upper) {
      const int row = lane / 4 + 8 * upper;
#pragma unroll
      for (int vector = 0; vector < HeadDim / 32; ++vector) {
        constexpr int per_chunk = Fragments::key_elements / 8;
        const int column = Fragments::key_column(vector / per_chunk, lane) + vector % per_chunk * 8;
        loaded.vectors[upper][vector] = {0, 0, 0, 0};
        if (row < group) {
          loaded.vectors[upper][vector] =
              *reinterpret_cast<const uint4*>(queries + row * HeadDim + column);
        }
      }
    }
    return loaded;
  }

  /// Pairs of what a lane loaded, each for half a product: register `upper` of step `step`.
  static __device__ __forceinline__ std::uint32_t query_pair(const LoadedQueries& loaded, int row,
                                                             int step, int upper) {
    const uint4& vector = loaded.vectors[row][step / 2];
    const std::uint32_t words[4] = {vector.x, vector.y, vector.z, vector.w};
    const std::uint32_t pair = words[step % 2 * 2 + upper];
    return pack_pair(low_bf16(pair), high_bf16(pair), Operand{});
  }

  /// Keys of the token lane/4 of a half, two operands for each step.
  static __device__ __forceinline__ void load_keys(const unsigned char* stage, int half, int chunk,
                                                   int lane,
                                                   std::uint32_t (&operands)[chunk_steps][2]) {
    const uint4 piece = *reinterpret_cast<const uint4*>(
        stage + Unit::template place<Twisted>(8 * half + lane / 4, chunk * 4 + lane % 4));
    const std::uint32_t words[4] = {piece.x, piece.y, piece.z, piece.w};
    constexpr int word_pairs = Cache::word_pairs;
#pragma unroll
    for (int word = 0; word < 4; ++word) {
      std::uint32_t pairs[word_pairs];
      Cache::neighbours(words[word], pairs);
#pragma unroll
      for (int i = 0; i < word_pairs; ++i) {
        const int pair = word * word_pairs + i;
        operands[pair / 2][pair % 2] = pairs[i];
      }
    }
  }

  /// The lane's pieces of 4 of a page's tokens.
  template <int Words>
  static __device__ __forceinline__ void load_values(const unsigned char* stage, int page,
                                                     int chunk, int lane,
                                                     std::uint32_t (&pieces)[4][Words]) {
#pragma unroll
    for (int piece = 0; piece < 4; ++piece) {
      const int byte = (chunk * 8 + lane / 4) * Fragments::value_bytes;
      const int row = page * page_tokens + Fragments::value_token(piece, lane);
      const unsigned char* from =
          stage + Unit::operand_bytes + Unit::template place<Twisted>(row, byte / 16) + byte % 16;
      if constexpr (Words == 4) {
        const uint4 loaded = *reinterpret_cast<const uint4*>(from);
        pieces[piece][0] = loaded.x, pieces[piece][1] = loaded.y;
        pieces[piece][2] = loaded.z, pieces[piece][3] = loaded.w;
      } else {
        const uint2 loaded = *reinterpret_cast<const uint2*>(from);
        pieces[piece][0] = loaded.x, pieces[piece][1] = loaded.y;
      }
    }
  }
};

/// What one lane keeps of the group's attention over its warp's units of a part.
template <int HeadDim>
struct RowState {
  float output[HeadDim / 8][4];
  float maximum[2] = {-INFINITY, -INFINITY};  ///< of rows lane/4 and lane/4 + 8
  float sum[2];                               ///< of this lane's tokens only
};

/// Weights are the left operand, values the right one.
template <class Cache, int HeadDim, bool Twisted>
struct RowArithmetic : CacheArithmetic<Cache, HeadDim, Twisted, 16> {
  using Base = CacheArithmetic<Cache, HeadDim, Twisted, 16>;
  using Base::chunk_steps;
  using Base::halves;
  using typename Base::Fragments, typename Base::Operand, typename Base::Unit;
  using typename Base::LoadedQueries;
  using State = RowState<HeadDim>;
  using Queries = std::uint32_t[HeadDim / 16][4];
  using Scores = float[halves][4];  ///< of the group's rows with the 8 tokens of a half
  static constexpr int largest_group = 16;
  static constexpr bool combines = false;  ///< see DecodeVariant

  static __device__ __forceinline__ void pack_queries(const LoadedQueries& loaded,
                                                      Queries& queries) {
#pragma unroll
    for (int step = 0; step < HeadDim / 16; ++step) {
#pragma unroll
      for (int i = 0; i < 4; ++i) queries[step][i] = Base::query_pair(loaded, i % 2, step, i / 2);
    }
  }

  static __device__ __forceinline__ void multiply_keys(const Queries& queries,
                                                       const unsigned char* stage, int lane,
                                                       Scores& scores) {
#pragma unroll
    for (int half = 0; half < halves; ++half) {
#pragma unroll
      for (int i = 0; i < 4; ++i) scores[half][i] = 0.0f;
#pragma unroll
      for (int chunk = 0; chunk < Fragments::key_chunks; ++chunk) {
        std::uint32_t keys[chunk_steps][2];
        Base::load_keys(stage, half, chunk, lane, keys);
#pragma unroll
        for (int j = 0; j < chunk_steps; ++j) {
          multiply_add(scores[half], queries[chunk * chunk_steps + j], keys[j][0], keys[j][1],
                       Operand{});
        }
      }
    }
  }

  /// Turns scores into weights relative to the new maximum and rescales the state to it.
  static __device__ __forceinline__ void weigh(Scores& scores, float scale, int valid, int lane,
                                               State& state) {
    if (valid < Unit::tokens) {
#pragma unroll
      for (int half = 0; half < halves; ++half) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          if (8 * half + 2 * (lane % 4) + (i & 1) >= valid) scores[half][i] = -INFINITY;
        }
      }
    }
    float factor[2];
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      float largest = fmaxf(scores[0][2 * row], scores[0][2 * row + 1]);
#pragma unroll
      for (int half = 1; half < halves; ++half)
        largest = fmaxf(largest, fmaxf(scores[half][2 * row], scores[half][2 * row + 1]));
      largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, 1));
      largest = fmaxf(largest, __shfl_xor_sync(0xffffffffu, largest, 2));
      const float maximum = fmaxf(state.maximum[row], largest * scale);
      factor[row] = exp2_fast(state.maximum[row] - maximum);  // 0 in the first unit
      state.maximum[row] = maximum;
      state.sum[row] *= factor[row];
    }
#pragma unroll
    for (int half = 0; half < halves; ++half) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        scores[half][i] = exp2_fast(fmaf(scores[half][i], scale, -state.maximum[i >> 1]));
        state.sum[i >> 1] += scores[half][i];
      }
    }
    // The maximum of many tokens seldom changes.
    if (!__any_sync(0xffffffffu, factor[0] != 1.0f || factor[1] != 1.0f)) return;
#pragma unroll
    for (int tile = 0; tile < HeadDim / 8; ++tile) {
#pragma unroll
      for (int i = 0; i < 4; ++i) state.output[tile][i] *= factor[i >> 1];
    }
  }

  static __device__ __forceinline__ void multiply_values(const Scores& weights,
                                                         const unsigned char* stage, int lane,
                                                         State& state) {
    constexpr int words = Fragments::value_bytes / 4;
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
      const float(&low)[4] = weights[2 * page];
      const float(&high)[4] = weights[2 * page + 1];
      const std::uint32_t a[4] = {
          pack_pair(low[0], low[1], Operand{}), pack_pair(low[2], low[3], Operand{}),
          pack_pair(high[0], high[1], Operand{}), pack_pair(high[2], high[3], Operand{})};
#pragma unroll
      for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
        std::uint32_t pieces[4][words];
        Base::load_values(stage, page, chunk, lane, pieces);
#pragma unroll
        for (int e = 0; e < Fragments::value_elements; ++e) {
          const int word = e / Cache::elements_per_word, in_word = e % Cache::elements_per_word;
          const std::uint32_t b0 = Cache::across(pieces[0][word], pieces[1][word], in_word);
          const std::uint32_t b1 = Cache::across(pieces[2][word], pieces[3][word], in_word);
          multiply_add(state.output[chunk * Fragments::value_elements + e], a, b0, b1, Operand{});
        }
      }
    }
  }

  /// What the warp knows of each row, over all its lanes.
  static __device__ __forceinline__ void leave_sums(State& state, int lane, SoftmaxPart* sums) {
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      state.sum[row] += __shfl_xor_sync(0xffffffffu, state.sum[row], 1);
      state.sum[row] += __shfl_xor_sync(0xffffffffu, state.sum[row], 2);
      if (lane % 4 == 0) sums[lane / 4 + 8 * row] = {state.maximum[row], state.sum[row]};
    }
  }

  /// Place of four columns of a row of a warp's outputs: lanes that write at once, in 2 rows and
  /// columns 16 or 32 apart, keep to different banks.
  static __device__ __forceinline__ int place(int row, int column) {
    const int four = column / 4;
    return row * HeadDim + (four ^ (four >> 2 & 6) ^ (row & 1)) * 4;
  }

  static __device__ __forceinline__ void leave_outputs(const State& state, int group, int lane,
                                                       float* outputs) {
#pragma unroll
    for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
#pragma unroll
      for (int e = 0; e < Fragments::value_elements; e += 4) {
        const float(*tiles)[4] = &state.output[chunk * Fragments::value_elements + e];
#pragma unroll
        for (int k = 0; k < 4; ++k) {
          const int row = lane / 4 + 8 * (k >> 1);
          const int column = Fragments::value_column(chunk, 2 * (lane % 4) + (k & 1)) + e;
          if (row < group) {
            *reinterpret_cast<float4*>(outputs + place(row, column)) = {tiles[0][k], tiles[1][k],
                                                                        tiles[2][k], tiles[3][k]};
          }
        }
      }
    }
  }
};

}  // namespace microdc::kernels::cuda
