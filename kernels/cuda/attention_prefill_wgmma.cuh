// Causal attention of new tokens for Hopper, after FlashAttention-3 (Shah et al., 2024). One
// warpgroup copies (TMA): queries of a tile once, keys and values through rings of stages. The
// others hold 64 query rows each and multiply (wgmma). The scores of a tile of keys are begun
// before the values of the one before, so that the softmax runs beside a product. In ping-pong
// warpgroups begin their products in turns, so that one's softmax runs beside the products of the
// others too.
#pragma once

#include "kernels/cuda/attention_prefill.hpp"
#include "kernels/cuda/causal_tiles.hpp"
#include "kernels/cuda/gemm/gemm_store.cuh"
#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/gemm/wgmma_registers.cuh"
#include "kernels/cuda/prefill_order.hpp"

namespace microdc::kernels::cuda {

template <int HeadDim, int Consumers, int KeyTile, int Stages>
struct PrefillWgmma {
  using Element = __nv_bfloat16;
  using Position = RingPosition<Stages>;
  static constexpr int threads = (1 + Consumers) * warpgroup;
  static constexpr int block_rows = Consumers * 64;
  /// A tile is in panels of 64 columns, each [rows][128 bytes], swizzled.
  static constexpr int panels = HeadDim / 64;
  static constexpr int q_panel_bytes = block_rows * tile_row_bytes;
  static constexpr int kv_panel_bytes = KeyTile * tile_row_bytes;
  static constexpr int q_bytes = panels * q_panel_bytes;
  static constexpr int stage_bytes = panels * kv_panel_bytes;
  static constexpr int barriers = 2 + 4 * Stages;
  /// Tiles start at multiples of 1024 bytes: up to 1023 are lost. Barriers come last.
  static constexpr int shared_bytes = q_bytes + 2 * Stages * stage_bytes + barriers * 8 + 1024;
  static_assert(shared_bytes <= 227 * 1024);
  static_assert(HeadDim % 64 == 0 && KeyTile % 16 == 0 && KeyTile <= 256);
  /// Registers per thread: 65536 / threads at the start, then the producer gives most of its own.
  static constexpr int producer_registers = Consumers == 2 ? 40 : 32;
  static constexpr int consumer_registers = Consumers == 2 ? 232 : 160;
  static_assert(Consumers == 2 || Consumers == 3);

  struct Shared {
    unsigned char *queries, *keys, *values;
    Barrier *q_full, *q_empty, *k_full, *k_empty, *v_full, *v_empty;

    __device__ __forceinline__ explicit Shared(unsigned char* dynamic) {
      queries = dynamic + (1024 - shared_address(dynamic) % 1024) % 1024;
      keys = queries + q_bytes;
      values = keys + Stages * stage_bytes;
      q_full = reinterpret_cast<Barrier*>(values + Stages * stage_bytes);
      q_empty = q_full + 1;
      k_full = q_empty + 1;
      k_empty = k_full + Stages;
      v_full = k_empty + Stages;
      v_empty = v_full + Stages;
    }
    __device__ __forceinline__ void init() const {
      constexpr int readers = Consumers * warpgroup / 32;  // one arrival per warp
      init_barrier(q_full, 1);
      init_barrier(q_empty, readers);
      for (int i = 0; i < Stages; ++i) {
        init_barrier(&k_full[i], 1);
        init_barrier(&v_full[i], 1);
        init_barrier(&k_empty[i], readers);
        init_barrier(&v_empty[i], readers);
      }
      fence_barrier_init();
    }
  };

  /// Where an item lies.
  struct Place {
    int sequence, q_head, kv_head, first_row, tiles;
    __device__ __forceinline__ Place(const PrefillArguments& of, const PrefillItem& item) {
      sequence = item.head / of.q_heads;
      q_head = item.head % of.q_heads;
      kv_head = q_head / (of.q_heads / of.kv_heads);
      first_row = item.row_tile * block_rows;
      tiles = CausalTiles{of.query_count, of.context}.tiles(first_row, block_rows, KeyTile);
    }
  };

  template <int Rows>
  static __device__ __forceinline__ void load(const CUtensorMap& map, int head, int row,
                                              int sequence, unsigned char* to, Barrier* full) {
    arrive_expecting(full, panels * Rows * tile_row_bytes);
#pragma unroll
    for (int panel = 0; panel < panels; ++panel) {
      copy_box(to + panel * Rows * tile_row_bytes, &map, head * HeadDim + panel * 64, row, sequence,
               full);
    }
  }

  /// The block does not end before the copies have: the multiplying warpgroups wait for all.
  static __device__ __forceinline__ void produce(const CUtensorMap& map_q, const CUtensorMap& map_k,
                                                 const CUtensorMap& map_v,
                                                 const PrefillArguments& arguments,
                                                 const PrefillOrder& order, const Shared& shared) {
    Position at;
    unsigned q_parity = 0;
    const int block = static_cast<int>(blockIdx.x), blocks = static_cast<int>(gridDim.x);
    for (int round = 0, index = block; index < order.count();
         index = snake_index(++round, block, blocks)) {
      const Place place(arguments, order.item(index));
      for (int tile = 0; tile < place.tiles; ++tile) {
        wait_for_phase(&shared.k_empty[at.stage], at.parity ^ 1);
        load<KeyTile>(map_k, place.kv_head, tile * KeyTile, place.sequence,
                      shared.keys + at.stage * stage_bytes, &shared.k_full[at.stage]);
        if (tile == 0) {
          wait_for_phase(shared.q_empty, q_parity ^ 1);
          load<block_rows>(map_q, place.q_head, place.first_row, place.sequence, shared.queries,
                           shared.q_full);
        }
        wait_for_phase(&shared.v_empty[at.stage], at.parity ^ 1);
        load<KeyTile>(map_v, place.kv_head, tile * KeyTile, place.sequence,
                      shared.values + at.stage * stage_bytes, &shared.v_full[at.stage]);
        at.advance();
      }
      q_parity ^= 1;
    }
  }

  /// Rows lane / 4 and lane / 4 + 8 of the warp.
  struct Rows {
    float maximum[2] = {-INFINITY, -INFINITY};
    float sum[2] = {0.0f, 0.0f};  ///< of this lane's keys only
    float factor[2];              ///< from the maximum before to this one
  };

  /// Begins scores = Q K^T for the 64 rows of a consumer, as a group of its own.
  static __device__ __forceinline__ void begin_scores(const unsigned char* queries,
                                                      const unsigned char* keys, int consumer,
                                                      float (&scores)[KeyTile / 2]) {
    const std::uint64_t a = tile_descriptor(queries + consumer * 64 * tile_row_bytes);
    const std::uint64_t b = tile_descriptor(keys);
    multiply_fence();
#pragma unroll
    for (int step = 0; step < HeadDim / 16; ++step) {
      const int panel = step / 4, bytes = step % 4 * 32;
      multiply_async(scores, along_k(a, panel * q_panel_bytes + bytes),
                     along_k(b, panel * kv_panel_bytes + bytes), step > 0, Element{});
    }
    multiply_commit();
  }

  /// Begins output += weights V, as a group of its own.
  static __device__ __forceinline__ void begin_output(
      const std::uint32_t (&weights)[KeyTile / 16][4], const unsigned char* values,
      float (&output)[HeadDim / 2]) {
    const std::uint64_t b = panels_descriptor(values, kv_panel_bytes);
    multiply_fence();
#pragma unroll
    for (int step = 0; step < KeyTile / 16; ++step) {
      multiply_panels_async(output, weights[step], along_k(b, step * 16 * tile_row_bytes), true);
    }
    multiply_commit();
  }

  /// Hides keys after a row's own position. `row` is this lane's first, `key` the tile's first.
  static __device__ __forceinline__ void mask(const CausalTiles& causal, int row, int key,
                                              float (&scores)[KeyTile / 2]) {
    const int first_key = key + 2 * (static_cast<int>(threadIdx.x) % 4);
#pragma unroll
    for (int i = 0; i < KeyTile / 2; ++i) {
      if (!causal.visible(row + i / 2 % 2 * 8, first_key + i / 4 * 8 + i % 2))
        scores[i] = -INFINITY;
    }
  }

  /// Turns scores into weights relative to the new maximum. Rescales the sums, not the output.
  static __device__ __forceinline__ void weigh(float (&scores)[KeyTile / 2], float scale,
                                               Rows& rows) {
    float offset[2];
#pragma unroll
    for (int row = 0; row < 2; ++row) {
      float maximum = rows.maximum[row];
#pragma unroll
      for (int i = 2 * row; i < KeyTile / 2; i += 4)
        maximum = fmaxf(maximum, fmaxf(scores[i], scores[i + 1]));
      maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 1));
      maximum = fmaxf(maximum, __shfl_xor_sync(0xffffffffu, maximum, 2));
      rows.factor[row] = exp2_fast((rows.maximum[row] - maximum) * scale);
      offset[row] = maximum * scale;
      rows.maximum[row] = maximum;
      rows.sum[row] *= rows.factor[row];
    }
#pragma unroll
    for (int i = 0; i < KeyTile / 2; ++i) {
      scores[i] = exp2_fast(fmaf(scores[i], scale, -offset[i / 2 % 2]));
      rows.sum[i / 2 % 2] += scores[i];
    }
  }

  /// A product's sums are laid out as the next one's left matrix.
  static __device__ __forceinline__ void pack_weights(const float (&scores)[KeyTile / 2],
                                                      std::uint32_t (&weights)[KeyTile / 16][4]) {
#pragma unroll
    for (int i = 0; i < KeyTile / 4; ++i)
      weights[i / 4][i % 4] = pack_pair(scores[2 * i], scores[2 * i + 1], Element{});
  }

  static __device__ __forceinline__ void store(const float (&output)[HeadDim / 2], Rows& rows,
                                               const PrefillArguments& arguments,
                                               const Place& place, int first_row) {
    const int stride = arguments.q_heads * HeadDim;
    Element* to = arguments.outputs +
                  std::int64_t{place.sequence} * arguments.query_count * stride +
                  place.q_head * HeadDim;
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float sum = rows.sum[half];
      sum += __shfl_xor_sync(0xffffffffu, sum, 1);
      sum += __shfl_xor_sync(0xffffffffu, sum, 2);
      const float factor = 1.0f / sum;
#pragma unroll
      for (int j = 0; j < HeadDim / 8; j += 4) {
        std::uint32_t words[4];
#pragma unroll
        for (int w = 0; w < 4; ++w) {
          const int i = 4 * (j + w) + 2 * half;
          words[w] = pack_pair(output[i] * factor, output[i + 1] * factor, Element{});
        }
        store_quad(to, words, first_row + half * 8, j * 8, arguments.query_count, stride);
      }
    }
  }

  /// Ping-pong: a warpgroup begins its products when the one before has begun its own.
  static __device__ __forceinline__ void wait_for_turn(int consumer) {
    wait_at_named(1 + consumer, 2 * warpgroup);
  }
  static __device__ __forceinline__ void pass_turn(int consumer) {
    arrive_at_named(1 + (consumer + 1) % Consumers, 2 * warpgroup);
  }

  template <bool PingPong>
  static __device__ __forceinline__ void consume(const PrefillArguments& arguments,
                                                 const PrefillOrder& order, const Shared& shared,
                                                 int consumer) {
    const CausalTiles causal{arguments.query_count, arguments.context};
    const int lane = static_cast<int>(threadIdx.x) % 32;
    const int warp = static_cast<int>(threadIdx.x) % warpgroup / 32;
    const auto release = [lane](Barrier* barrier) {
      if (lane == 0) arrive(barrier);
    };
    Position keys_at, values_at;
    unsigned q_parity = 0;
    if (PingPong && consumer == Consumers - 1) pass_turn(consumer);
    const int block = static_cast<int>(blockIdx.x), blocks = static_cast<int>(gridDim.x);
    for (int round = 0, index = block; index < order.count();
         index = snake_index(++round, block, blocks)) {
      const Place place(arguments, order.item(index));
      const int warp_row = place.first_row + consumer * 64 + warp * 16;
      float scores[KeyTile / 2];
      float output[HeadDim / 2];
      std::uint32_t weights[KeyTile / 16][4];
      Rows rows;
      const auto weigh_tile = [&](int tile) {
        if (!causal.complete(warp_row, tile, KeyTile))
          mask(causal, warp_row + lane / 4, tile * KeyTile, scores);
        weigh(scores, arguments.score_scale, rows);
      };
#pragma unroll
      for (int i = 0; i < HeadDim / 2; ++i) output[i] = 0.0f;

      wait_for_phase(shared.q_full, q_parity);
      wait_for_phase(&shared.k_full[keys_at.stage], keys_at.parity);
      begin_scores(shared.queries, shared.keys + keys_at.stage * stage_bytes, consumer, scores);
      multiply_wait<0>();
      use_only_from_here(scores);
      release(&shared.k_empty[keys_at.stage]);
      keys_at.advance();
      weigh_tile(0);
      pack_weights(scores, weights);
      for (int tile = 1; tile < place.tiles; ++tile) {
        wait_for_phase(&shared.k_full[keys_at.stage], keys_at.parity);
        if (PingPong) wait_for_turn(consumer);
        begin_scores(shared.queries, shared.keys + keys_at.stage * stage_bytes, consumer, scores);
        wait_for_phase(&shared.v_full[values_at.stage], values_at.parity);
        begin_output(weights, shared.values + values_at.stage * stage_bytes, output);
        if (PingPong) pass_turn(consumer);
        multiply_wait<1>();
        use_only_from_here(scores);
        release(&shared.k_empty[keys_at.stage]);
        keys_at.advance();
        weigh_tile(tile);
        multiply_wait<0>();
        use_only_from_here(output);
        use_only_from_here(weights);
        release(&shared.v_empty[values_at.stage]);
        values_at.advance();
#pragma unroll
        for (int i = 0; i < HeadDim / 2; ++i) output[i] *= rows.factor[i / 2 % 2];
        pack_weights(scores, weights);
      }
      release(shared.q_empty);
      q_parity ^= 1;
      wait_for_phase(&shared.v_full[values_at.stage], values_at.parity);
      begin_output(weights, shared.values + values_at.stage * stage_bytes, output);
      multiply_wait<0>();
      use_only_from_here(output);
      release(&shared.v_empty[values_at.stage]);
      values_at.advance();
      store(output, rows, arguments, place, warp_row);
    }
    if (PingPong && consumer == 0) wait_for_turn(consumer);  // takes the turn that is left
  }
};

/// Grid: as many blocks as are to share the items of `order`. Maps: of stacks of a matrix [tokens]
/// [heads * HeadDim] per sequence, boxes of block_rows and KeyTile rows.
template <int HeadDim, int Consumers, int KeyTile, int Stages, bool PingPong>
__global__ void __launch_bounds__((1 + Consumers) * warpgroup, 1)
    prefill_attention_wgmma(const __grid_constant__ CUtensorMap map_q,
                            const __grid_constant__ CUtensorMap map_k,
                            const __grid_constant__ CUtensorMap map_v,
                            const __grid_constant__ PrefillArguments arguments,
                            const __grid_constant__ PrefillOrder order) {
  using Kernel = PrefillWgmma<HeadDim, Consumers, KeyTile, Stages>;
  MICRODC_DYNAMIC_SHARED(dynamic);
  const typename Kernel::Shared shared(dynamic);
  if (threadIdx.x == 0) {
    prefetch_map(&map_q);
    prefetch_map(&map_k);
    prefetch_map(&map_v);
    shared.init();
  }
  __syncthreads();
  // By way of a shuffle the compiler knows it to be one number per warp: descriptors stay in
  // uniform registers.
  const int group = __shfl_sync(0xffffffffu, static_cast<int>(threadIdx.x) / warpgroup, 0);
  if (group == 0) {
    shrink_registers<Kernel::producer_registers>();
    if (threadIdx.x == 0) Kernel::produce(map_q, map_k, map_v, arguments, order, shared);
  } else {
    grow_registers<Kernel::consumer_registers>();
    Kernel::template consume<PingPong>(arguments, order, shared, group - 1);
  }
}

}  // namespace microdc::kernels::cuda
