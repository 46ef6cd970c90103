// Paged split-KV decode attention with grouped queries. One block per (split, KV head, sequence)
// holds all query heads of the group as the 16 rows of the matrix unit, so that the cache is read
// once. Each warp takes every n-th page; a lane copies the very bytes that it will feed to the
// matrix unit, so the pipeline needs no barrier and has no bank conflicts.
#pragma once

#include "kernels/cuda/kv_formats.cuh"
#include "kernels/cuda/paging.hpp"
#include "kernels/cuda/softmax_merge.hpp"

namespace microdc::kernels::cuda {

struct DecodeArguments {
  const __nv_bfloat16* queries;  ///< [batch][q head][head dimension]
  const void* keys;              ///< layout of paging.hpp
  const void* values;
  const int* block_table;   ///< [batch][pages_per_sequence]
  const int* contexts;      ///< [batch], tokens
  __nv_bfloat16* outputs;   ///< [batch][q head][head dimension]
  float* split_outputs;     ///< [batch][q head][split][head dimension]; unused with one split
  SoftmaxPart* split_sums;  ///< [batch][q head][split]; unused with one split
  int q_heads;
  int kv_heads;
  int pages_per_sequence;
  int splits;
  float score_scale;  ///< of q*k, times log2(e), times the keys' scale
  float value_scale;  ///< of the stored values
};

/// How the lanes of a warp share the page [16][HeadDim] of one head, and what it takes in shared
/// memory. Lane l: row l/4 and quarter l%4 of the 8x4 grid of the matrix unit's registers.
template <class Cache, int HeadDim>
struct PageFragments {
  static constexpr int row_bytes = HeadDim * Cache::element_bytes;
  /// Keys: 64 bytes of a token by 4 lanes; two halves of 8 tokens.
  static constexpr int key_chunks = row_bytes / 64;
  static constexpr int key_elements = 16 / Cache::element_bytes;
  /// Values: 8 lanes share (part of) a row; a lane holds its piece of 4 tokens.
  static constexpr int value_bytes = row_bytes / 8 < 16 ? row_bytes / 8 : 16;
  static constexpr int value_chunks = row_bytes / (8 * value_bytes);
  static constexpr int value_elements = value_bytes / Cache::element_bytes;
  static constexpr int key_page_bytes = page_tokens * row_bytes;
  static constexpr int stage_bytes = 2 * key_page_bytes;
  static_assert(row_bytes % 64 == 0 && (value_bytes == 8 || value_bytes == 16));

  /// First head dimension of a lane's key piece.
  static MICRODC_HD constexpr int key_column(int chunk, int lane) {
    return chunk * 4 * key_elements + (lane % 4) * key_elements;
  }
  static MICRODC_HD constexpr int key_token(int half, int lane) { return 8 * half + lane / 4; }
  /// First head dimension of the value piece of the lanes with lane/4 == group.
  static MICRODC_HD constexpr int value_column(int chunk, int group) {
    return (chunk * 8 + group) * value_elements;
  }
  static MICRODC_HD constexpr int value_token(int piece, int lane) {
    return 2 * (lane % 4) + (piece & 1) + 8 * (piece >> 1);
  }
};

template <class Cache, int HeadDim, int Warps, int Stages>
struct DecodeAttention {
  using Fragments = PageFragments<Cache, HeadDim>;
  using Operand = typename Cache::Operand;
  static constexpr int threads = Warps * 32;
  static constexpr int rows = 16;
  static constexpr int column_tiles = HeadDim / 8;
  static constexpr int pipeline_bytes = Warps * Stages * Fragments::stage_bytes;
  static constexpr int merge_bytes = Warps * rows * HeadDim * 4;
  static constexpr int shared_bytes = pipeline_bytes > merge_bytes ? pipeline_bytes : merge_bytes;

  /// What one lane keeps of the group's attention over its warp's pages.
  struct State {
    float output[column_tiles][4];
    float maximum[2];  ///< of rows lane/4 and lane/4 + 8
    float sum[2];      ///< of this lane's tokens only
  };

  static __device__ __forceinline__ void load_queries(const __nv_bfloat16* queries, int group,
                                                      int lane,
                                                      std::uint32_t (&fragments)[HeadDim / 16][4]) {
#pragma unroll
    for (int chunk = 0; chunk < Fragments::key_chunks; ++chunk) {
#pragma unroll
      for (int pair = 0; pair < Fragments::key_elements / 2; ++pair) {
        const int column = Fragments::key_column(chunk, lane) + 2 * pair;
        const int step = chunk * Fragments::key_elements / 4 + pair / 2;
#pragma unroll
        for (int upper = 0; upper < 2; ++upper) {
          const int row = lane / 4 + 8 * upper;
          float low = 0.0f, high = 0.0f;
          if (row < group) {
            low = __bfloat162float(queries[row * HeadDim + column]);
            high = __bfloat162float(queries[row * HeadDim + column + 1]);
          }
          fragments[step][2 * (pair & 1) + upper] = pack_pair(low, high, Operand{});
        }
      }
    }
  }

  /// Starts the copies of this lane's pieces of one page. Tokens from `valid` on become zeros.
  static __device__ __forceinline__ void start_page(const DecodeArguments& arguments, int page,
                                                    int kv_head, int valid, int lane,
                                                    unsigned char* stage) {
    const std::int64_t first =
        page_offset(page, kv_head, arguments.kv_heads, HeadDim) * Cache::element_bytes;
    const char* keys = static_cast<const char*>(arguments.keys) + first;
    const char* values = static_cast<const char*>(arguments.values) + first;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int token = Fragments::key_token(half, lane);
#pragma unroll
      for (int chunk = 0; chunk < Fragments::key_chunks; ++chunk) {
        copy_async_16(stage + ((half * Fragments::key_chunks + chunk) * 32 + lane) * 16,
                      keys + token * Fragments::row_bytes +
                          Fragments::key_column(chunk, lane) * Cache::element_bytes,
                      token < valid);
      }
    }
    unsigned char* value_stage = stage + Fragments::key_page_bytes;
#pragma unroll
    for (int piece = 0; piece < 4; ++piece) {
      const int token = Fragments::value_token(piece, lane);
#pragma unroll
      for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
        unsigned char* to = value_stage + ((piece * Fragments::value_chunks + chunk) * 32 + lane) *
                                              Fragments::value_bytes;
        const char* from = values + token * Fragments::row_bytes +
                           Fragments::value_column(chunk, lane / 4) * Cache::element_bytes;
        if constexpr (Fragments::value_bytes == 16) {
          copy_async_16(to, from, token < valid);
        } else {
          copy_async_8(to, from, token < valid);
        }
      }
    }
  }

  /// scores[half] of the group's rows with the 8 tokens of that half.
  static __device__ __forceinline__ void multiply_keys(
      const std::uint32_t (&queries)[HeadDim / 16][4], const unsigned char* stage, int lane,
      float (&scores)[2][4]) {
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int i = 0; i < 4; ++i) scores[half][i] = 0.0f;
#pragma unroll
      for (int chunk = 0; chunk < Fragments::key_chunks; ++chunk) {
        const uint4 piece = *reinterpret_cast<const uint4*>(
            stage + ((half * Fragments::key_chunks + chunk) * 32 + lane) * 16);
        const std::uint32_t words[4] = {piece.x, piece.y, piece.z, piece.w};
#pragma unroll
        for (int j = 0; j < Fragments::key_elements / 4; ++j) {
          constexpr int per_word = Cache::elements_per_word / 2;
          const std::uint32_t b0 = Cache::neighbours(words[2 * j / per_word], (2 * j) % per_word);
          const std::uint32_t b1 =
              Cache::neighbours(words[(2 * j + 1) / per_word], (2 * j + 1) % per_word);
          multiply_add(scores[half], queries[chunk * Fragments::key_elements / 4 + j], b0, b1,
                       Operand{});
        }
      }
    }
  }

  /// Turns scores into weights relative to the new maximum and rescales the state to it.
  static __device__ __forceinline__ void weigh(float (&scores)[2][4], float scale, int valid,
                                               int lane, State& state) {
    float maximum[2] = {state.maximum[0], state.maximum[1]};
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int token = 8 * half + 2 * (lane % 4) + (i & 1);
        scores[half][i] = token < valid ? scores[half][i] * scale : -INFINITY;
        maximum[i >> 1] = fmaxf(maximum[i >> 1], scores[half][i]);
      }
    }
    float factor[2];
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      maximum[row] = fmaxf(maximum[row], __shfl_xor_sync(0xffffffffu, maximum[row], 1));
      maximum[row] = fmaxf(maximum[row], __shfl_xor_sync(0xffffffffu, maximum[row], 2));
      factor[row] = exp2_fast(state.maximum[row] - maximum[row]);  // 0 on the first page
      state.maximum[row] = maximum[row];
      state.sum[row] *= factor[row];
    }
#pragma unroll
    for (int half = 0; half < 2; ++half) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        scores[half][i] = exp2_fast(scores[half][i] - maximum[i >> 1]);
        state.sum[i >> 1] += scores[half][i];
      }
    }
#pragma unroll
    for (int tile = 0; tile < column_tiles; ++tile) {
#pragma unroll
      for (int i = 0; i < 4; ++i) state.output[tile][i] *= factor[i >> 1];
    }
  }

  static __device__ __forceinline__ void multiply_values(const float (&weights)[2][4],
                                                         const unsigned char* stage, int lane,
                                                         State& state) {
    const std::uint32_t a[4] = {pack_pair(weights[0][0], weights[0][1], Operand{}),
                                pack_pair(weights[0][2], weights[0][3], Operand{}),
                                pack_pair(weights[1][0], weights[1][1], Operand{}),
                                pack_pair(weights[1][2], weights[1][3], Operand{})};
    constexpr int words = Fragments::value_bytes / 4;
#pragma unroll
    for (int chunk = 0; chunk < Fragments::value_chunks; ++chunk) {
      std::uint32_t pieces[4][words];
#pragma unroll
      for (int piece = 0; piece < 4; ++piece) {
        const unsigned char* from =
            stage + Fragments::key_page_bytes +
            ((piece * Fragments::value_chunks + chunk) * 32 + lane) * Fragments::value_bytes;
        if constexpr (words == 4) {
          const uint4 loaded = *reinterpret_cast<const uint4*>(from);
          pieces[piece][0] = loaded.x, pieces[piece][1] = loaded.y;
          pieces[piece][2] = loaded.z, pieces[piece][3] = loaded.w;
        } else {
          const uint2 loaded = *reinterpret_cast<const uint2*>(from);
          pieces[piece][0] = loaded.x, pieces[piece][1] = loaded.y;
        }
      }
#pragma unroll
      for (int e = 0; e < Fragments::value_elements; ++e) {
        const int word = e / Cache::elements_per_word, in_word = e % Cache::elements_per_word;
        const std::uint32_t b0 = Cache::across(pieces[0][word], pieces[1][word], in_word);
        const std::uint32_t b1 = Cache::across(pieces[2][word], pieces[3][word], in_word);
        multiply_add(state.output[chunk * Fragments::value_elements + e], a, b0, b1, Operand{});
      }
    }
  }

  /// All pages of one warp through its part of the pipeline.
  static __device__ __forceinline__ void attend(const DecodeArguments& arguments, int sequence,
                                                int kv_head, const PageRange& range, int warp,
                                                int lane, unsigned char* pipeline, State& state) {
    const int* table = arguments.block_table +
                       static_cast<std::int64_t>(sequence) * arguments.pages_per_sequence +
                       range.first + warp;
    const int context = arguments.contexts[sequence];
    const int count = pages_of_warp(range, warp, Warps);
    const auto valid_tokens = [&](int i) {
      return context - (range.first + warp + i * Warps) * page_tokens;  // may exceed the page
    };
    const auto table_entry = [&](int i) { return i < count ? table[i * Warps] : 0; };
    // Lane l holds entries 32 n + l of the block table, and those of the next 32.
    int pages = 0, next_pages = table_entry(lane);
    const auto start = [&](int i) {
      if (i % 32 == 0) {
        pages = next_pages;
        next_pages = table_entry(i + 32 + lane);
      }
      const int page = __shfl_sync(0xffffffffu, pages, i % 32);
      if (i < count) {
        start_page(arguments, page, kv_head, valid_tokens(i), lane,
                   pipeline + (i % Stages) * Fragments::stage_bytes);
      }
      copy_async_commit();
    };
    for (int i = 0; i < Stages - 1; ++i) start(i);
    const int group = arguments.q_heads / arguments.kv_heads;
    std::uint32_t queries[HeadDim / 16][4];
    load_queries(arguments.queries + (static_cast<std::int64_t>(sequence) * arguments.q_heads +
                                      static_cast<std::int64_t>(kv_head) * group) *
                                         HeadDim,
                 group, lane, queries);
    for (int i = 0; i < count; ++i) {
      copy_async_wait<Stages - 2>();
      const unsigned char* stage = pipeline + (i % Stages) * Fragments::stage_bytes;
      start(i + Stages - 1);  // into the stage that this lane finished reading before
      float scores[2][4];
      multiply_keys(queries, stage, lane, scores);
      weigh(scores, arguments.score_scale, valid_tokens(i), lane, state);
      multiply_values(scores, stage, lane, state);
    }
    copy_async_wait<0>();
  }

  /// Merges the warps' states and writes the block's rows.
  static __device__ __forceinline__ void finish(const DecodeArguments& arguments, int sequence,
                                                int kv_head, int split, int warp, int lane,
                                                float* outputs, State& state) {
    __shared__ SoftmaxPart parts[Warps][rows];
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      state.sum[row] += __shfl_xor_sync(0xffffffffu, state.sum[row], 1);
      state.sum[row] += __shfl_xor_sync(0xffffffffu, state.sum[row], 2);
      if (lane % 4 == 0) parts[warp][lane / 4 + 8 * row] = {state.maximum[row], state.sum[row]};
    }
    __syncthreads();  // also: every warp is done with its stages, which `outputs` lies over
#pragma unroll
    for (int tile = 0; tile < column_tiles; ++tile) {
      const int chunk = tile / Fragments::value_elements, e = tile % Fragments::value_elements;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int column = Fragments::value_column(chunk, 2 * (lane % 4) + (i & 1)) + e;
        outputs[(warp * rows + lane / 4 + 8 * (i >> 1)) * HeadDim + column] = state.output[tile][i];
      }
    }
    __syncthreads();
    const int group = arguments.q_heads / arguments.kv_heads;
    for (int i = threadIdx.x; i < group * HeadDim; i += threads) {
      const int row = i / HeadDim, column = i % HeadDim;
      SoftmaxPart whole = parts[0][row];
      for (int w = 1; w < Warps; ++w) whole = merge(whole, parts[w][row]);
      float output = 0.0f;
      for (int w = 0; w < Warps; ++w) {
        output += outputs[(w * rows + row) * HeadDim + column] *
                  merge_weight(parts[w][row], whole.maximum);
      }
      const std::int64_t head =
          static_cast<std::int64_t>(sequence) * arguments.q_heads + kv_head * group + row;
      output *= arguments.value_scale;
      if (arguments.splits == 1) {
        arguments.outputs[head * HeadDim + column] =
            __float2bfloat16_rn(whole.sum == 0.0f ? 0.0f : output / whole.sum);
      } else {
        const std::int64_t part = head * arguments.splits + split;
        arguments.split_outputs[part * HeadDim + column] = output;
        if (column == 0) arguments.split_sums[part] = whole;
      }
    }
  }
};

/// Grid: (splits, KV heads, sequences). q_heads / kv_heads is at most 16.
template <class Cache, int HeadDim, int Warps, int Stages>
__global__ void __launch_bounds__(Warps * 32, 1)
    decode_attention(const __grid_constant__ DecodeArguments arguments) {
  using Kernel = DecodeAttention<Cache, HeadDim, Warps, Stages>;
  MICRODC_DYNAMIC_SHARED(shared);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int split = blockIdx.x, kv_head = blockIdx.y, sequence = blockIdx.z;
  typename Kernel::State state = {};
  state.maximum[0] = state.maximum[1] = -INFINITY;
  const PageRange range = pages_of_split(arguments.contexts[sequence], split, arguments.splits);
  Kernel::attend(arguments, sequence, kv_head, range, warp, lane,
                 shared + warp * Stages * Kernel::Fragments::stage_bytes, state);
  Kernel::finish(arguments, sequence, kv_head, split, warp, lane, reinterpret_cast<float*>(shared),
                 state);
}

/// Grid: (q heads, sequences), a thread per head dimension.
template <int HeadDim>
__global__ void __launch_bounds__(HeadDim)
    combine_splits(const __grid_constant__ DecodeArguments arguments) {
  const std::int64_t head = static_cast<std::int64_t>(blockIdx.y) * arguments.q_heads + blockIdx.x;
  const SoftmaxPart* parts = arguments.split_sums + head * arguments.splits;
  const float* outputs = arguments.split_outputs + head * arguments.splits * HeadDim;
  SoftmaxPart whole = parts[0];
  for (int split = 1; split < arguments.splits; ++split) whole = merge(whole, parts[split]);
  float output = 0.0f;
  for (int split = 0; split < arguments.splits; ++split) {
    output += outputs[static_cast<std::int64_t>(split) * HeadDim + threadIdx.x] *
              merge_weight(parts[split], whole.maximum);
  }
  arguments.outputs[head * HeadDim + threadIdx.x] =
      __float2bfloat16_rn(whole.sum == 0.0f ? 0.0f : output / whole.sum);
}

}  // namespace microdc::kernels::cuda
