// Flash-style causal attention of new tokens over a context that ends with them, on mma.sync.
// A block holds a tile of query rows of one head; keys and values stream through two stages of
// shared memory each, so that the copy of the next tile runs beside the arithmetic of this one.
#pragma once

#include "kernels/cuda/attention_prefill.hpp"
#include "kernels/cuda/causal_tiles.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

/// A tile [rows][HeadDim] of bf16 in shared memory whose 16-byte chunks are permuted within each
/// row, so that eight rows of one column of chunks lie in different banks.
template <int HeadDim>
struct SwizzledTile {
  static constexpr int chunks = HeadDim / 8;
  static_assert(chunks >= 8);
  /// Elements before chunk `chunk` of a row.
  static MICRODC_HD constexpr int offset(int row, int chunk) {
    return row * HeadDim + ((chunk ^ (row & 7)) * 8);
  }
};

/// Warps x RowTiles x 16 query rows, KeyTile keys at a time.
template <int HeadDim, int Warps, int RowTiles, int KeyTile>
struct PrefillAttention {
  using Tile = SwizzledTile<HeadDim>;
  using Element = __nv_bfloat16;
  static constexpr int threads = Warps * 32;
  static constexpr int warp_rows = RowTiles * 16;
  static constexpr int block_rows = Warps * warp_rows;
  static constexpr int steps = HeadDim / 16;
  static constexpr int column_tiles = HeadDim / 8;
  static constexpr int key_tiles = KeyTile / 8;
  static constexpr int stage_elements = KeyTile * HeadDim;
  static constexpr int shared_bytes = (block_rows * HeadDim + 4 * stage_elements) * 2;

  struct State {
    float output[RowTiles][column_tiles][4];
    float maximum[RowTiles][2];  ///< of rows lane/4 and lane/4 + 8 of each row tile
    float sum[RowTiles][2];      ///< of this lane's keys only
  };

  /// Starts the copy of `Rows` rows; rows from `valid` on become zeros.
  template <int Rows>
  static __device__ __forceinline__ void start_tile(const Element* from, std::int64_t row_stride,
                                                    int valid, Element* to) {
    constexpr int chunks = Rows * Tile::chunks;
    static_assert(chunks % threads == 0);
#pragma unroll
    for (int i = 0; i < chunks / threads; ++i) {
      const int index = i * threads + static_cast<int>(threadIdx.x);
      const int row = index / Tile::chunks, chunk = index % Tile::chunks;
      const bool inside = row < valid;
      copy_async_16(to + Tile::offset(row, chunk),
                    from + (inside ? row : 0) * row_stride + chunk * 8, inside);
    }
  }

  static __device__ __forceinline__ void load_queries(const Element* queries, int row_tile,
                                                      int step, int warp, int lane,
                                                      std::uint32_t (&a)[4]) {
    const int row = warp * warp_rows + row_tile * 16 + lane % 16;
    load_matrices(a, queries + Tile::offset(row, step * 2 + lane / 16));
  }

  static __device__ __forceinline__ void multiply_keys(const Element* queries, const Element* keys,
                                                       int warp, int lane,
                                                       float (&scores)[RowTiles][key_tiles][4]) {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
      for (int tile = 0; tile < key_tiles; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) scores[r][tile][i] = 0.0f;
      }
    }
#pragma unroll
    for (int step = 0; step < steps; ++step) {
      std::uint32_t a[RowTiles][4];
#pragma unroll
      for (int r = 0; r < RowTiles; ++r) load_queries(queries, r, step, warp, lane, a[r]);
#pragma unroll
      for (int pair = 0; pair < key_tiles / 2; ++pair) {
        // Matrices: keys 0-7 and 8-15 of the pair, each with both halves of the step's columns.
        const int row = pair * 16 + (lane / 16) * 8 + lane % 8;
        std::uint32_t b[4];
        load_matrices(b, keys + Tile::offset(row, step * 2 + (lane / 8) % 2));
#pragma unroll
        for (int r = 0; r < RowTiles; ++r) {
          multiply_add(scores[r][2 * pair], a[r], b[0], b[1], Element{});
          multiply_add(scores[r][2 * pair + 1], a[r], b[2], b[3], Element{});
        }
      }
    }
  }

  /// Hides keys after a row's own position. `row` is the warp's first, `key` the tile's first.
  static __device__ __forceinline__ void mask(const CausalTiles& causal, int row, int key, int lane,
                                              float (&scores)[RowTiles][key_tiles][4]) {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
      for (int tile = 0; tile < key_tiles; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          const int this_row = row + r * 16 + lane / 4 + 8 * (i >> 1);
          const int this_key = key + tile * 8 + 2 * (lane % 4) + (i & 1);
          if (!causal.visible(this_row, this_key)) scores[r][tile][i] = -INFINITY;
        }
      }
    }
  }

  /// Turns scores into weights relative to the new maximum and rescales the state to it.
  static __device__ __forceinline__ void weigh(float (&scores)[RowTiles][key_tiles][4], float scale,
                                               State& state) {
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
      float factor[2], offset[2];
#pragma unroll
      for (int row = 0; row < 2; ++row) {
        float maximum = state.maximum[r][row];
#pragma unroll
        for (int tile = 0; tile < key_tiles; ++tile) {
          maximum = fmaxf(maximum, fmaxf(scores[r][tile][2 * row], scores[r][tile][2 * row + 1]));
        }
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 1));
        maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 2));
        factor[row] = exp2_fast((state.maximum[r][row] - maximum) * scale);
        offset[row] = maximum * scale;
        state.maximum[r][row] = maximum;
        state.sum[r][row] *= factor[row];
      }
#pragma unroll
      for (int tile = 0; tile < key_tiles; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) {
          scores[r][tile][i] = exp2_fast(fmaf(scores[r][tile][i], scale, -offset[i >> 1]));
          state.sum[r][i >> 1] += scores[r][tile][i];
        }
      }
#pragma unroll
      for (int tile = 0; tile < column_tiles; ++tile) {
#pragma unroll
        for (int i = 0; i < 4; ++i) state.output[r][tile][i] *= factor[i >> 1];
      }
    }
  }

  static __device__ __forceinline__ void multiply_values(
      const float (&weights)[RowTiles][key_tiles][4], const Element* values, int lane,
      State& state) {
#pragma unroll
    for (int step = 0; step < KeyTile / 16; ++step) {
      std::uint32_t a[RowTiles][4];
#pragma unroll
      for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
        for (int half = 0; half < 2; ++half) {
          const float(&w)[4] = weights[r][2 * step + half];
          a[r][2 * half] = pack_pair(w[0], w[1], Element{});
          a[r][2 * half + 1] = pack_pair(w[2], w[3], Element{});
        }
      }
#pragma unroll
      for (int pair = 0; pair < column_tiles / 2; ++pair) {
        // Matrices: keys 0-7 and 8-15 of the step, each with two neighbouring column tiles.
        const int row = step * 16 + lane % 16;
        std::uint32_t b[4];
        load_matrices_transposed(b, values + Tile::offset(row, 2 * pair + lane / 16));
#pragma unroll
        for (int r = 0; r < RowTiles; ++r) {
          multiply_add(state.output[r][2 * pair], a[r], b[0], b[1], Element{});
          multiply_add(state.output[r][2 * pair + 1], a[r], b[2], b[3], Element{});
        }
      }
    }
  }

  /// Writes the warp's rows by way of its own part of the queries' tile, in pieces of 16 bytes.
  static __device__ __forceinline__ void finish(State& state, int warp, int lane, int rows_left,
                                                std::int64_t row_stride, Element* staging,
                                                Element* outputs) {
    __syncwarp();
#pragma unroll
    for (int r = 0; r < RowTiles; ++r) {
#pragma unroll
      for (int upper = 0; upper < 2; ++upper) {
        float sum = state.sum[r][upper];
        sum += __shfl_xor_sync(0xffffffffu, sum, 1);
        sum += __shfl_xor_sync(0xffffffffu, sum, 2);
        const float factor = 1.0f / sum;
        const int row = warp * warp_rows + r * 16 + lane / 4 + 8 * upper;
#pragma unroll
        for (int tile = 0; tile < column_tiles; ++tile) {
          *reinterpret_cast<std::uint32_t*>(staging + Tile::offset(row, tile) + 2 * (lane % 4)) =
              pack_pair(state.output[r][tile][2 * upper] * factor,
                        state.output[r][tile][2 * upper + 1] * factor, Element{});
        }
      }
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < warp_rows * Tile::chunks / 32; ++i) {
      const int index = i * 32 + lane;
      const int row = warp * warp_rows + index / Tile::chunks, chunk = index % Tile::chunks;
      if (row < rows_left) {
        *reinterpret_cast<uint4*>(outputs + row * row_stride + chunk * 8) =
            *reinterpret_cast<const uint4*>(staging + Tile::offset(row, chunk));
      }
    }
  }
};

/// Grid: (tiles of queries, q heads, sequences).
template <int HeadDim, int Warps, int RowTiles, int KeyTile>
__global__ void __launch_bounds__(Warps * 32, 1)
    prefill_attention(const __grid_constant__ PrefillArguments arguments) {
  using Kernel = PrefillAttention<HeadDim, Warps, RowTiles, KeyTile>;
  MICRODC_DYNAMIC_SHARED(shared);
  __nv_bfloat16* query_tile = reinterpret_cast<__nv_bfloat16*>(shared);
  __nv_bfloat16* key_stages = query_tile + Kernel::block_rows * HeadDim;
  __nv_bfloat16* value_stages = key_stages + 2 * Kernel::stage_elements;

  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int q_head = blockIdx.y, kv_head = q_head / (arguments.q_heads / arguments.kv_heads);
  // Late rows see the most keys: start them first, so that short blocks fill the end.
  const int first_row = static_cast<int>(gridDim.x - 1 - blockIdx.x) * Kernel::block_rows;
  const CausalTiles causal{arguments.query_count, arguments.context};

  const std::int64_t q_stride = static_cast<std::int64_t>(arguments.q_heads) * HeadDim;
  const std::int64_t kv_stride = static_cast<std::int64_t>(arguments.kv_heads) * HeadDim;
  const std::int64_t sequence = blockIdx.z;
  const std::int64_t q_offset =
      (sequence * arguments.query_count + first_row) * q_stride + q_head * HeadDim;
  const std::int64_t kv_offset = sequence * arguments.context * kv_stride + kv_head * HeadDim;
  const int rows_left = arguments.query_count - first_row;

  const auto start = [&](const __nv_bfloat16* from, int tile, __nv_bfloat16* stages) {
    Kernel::template start_tile<KeyTile>(
        from + kv_offset + static_cast<std::int64_t>(tile) * KeyTile * kv_stride, kv_stride,
        arguments.context - tile * KeyTile, stages + (tile & 1) * Kernel::stage_elements);
  };
  const int tiles = causal.tiles(first_row, Kernel::block_rows, KeyTile);
  Kernel::template start_tile<Kernel::block_rows>(arguments.queries + q_offset, q_stride, rows_left,
                                                  query_tile);
  start(arguments.keys, 0, key_stages);
  copy_async_commit();
  start(arguments.values, 0, value_stages);
  copy_async_commit();

  typename Kernel::State state = {};
#pragma unroll
  for (int r = 0; r < RowTiles; ++r) state.maximum[r][0] = state.maximum[r][1] = -INFINITY;
  const int warp_row = first_row + warp * Kernel::warp_rows;
  for (int tile = 0; tile < tiles; ++tile) {
    copy_async_wait<1>();  // the keys of this tile are there; its values may be under way
    __syncthreads();       // for everyone; and everyone is done with the keys before
    if (tile + 1 < tiles) start(arguments.keys, tile + 1, key_stages);
    copy_async_commit();
    float scores[RowTiles][Kernel::key_tiles][4];
    Kernel::multiply_keys(query_tile, key_stages + (tile & 1) * Kernel::stage_elements, warp, lane,
                          scores);
    if (!causal.complete(warp_row, tile, KeyTile)) {
      Kernel::mask(causal, warp_row, tile * KeyTile, lane, scores);
    }
    Kernel::weigh(scores, arguments.score_scale, state);
    copy_async_wait<1>();  // the values of this tile are there
    __syncthreads();       // for everyone; and everyone is done with the values before
    if (tile + 1 < tiles) start(arguments.values, tile + 1, value_stages);
    copy_async_commit();
    Kernel::multiply_values(scores, value_stages + (tile & 1) * Kernel::stage_elements, lane,
                            state);
  }
  copy_async_wait<0>();
  Kernel::finish(state, warp, lane, rows_left, q_stride, query_tile, arguments.outputs + q_offset);
}

}  // namespace microdc::kernels::cuda
