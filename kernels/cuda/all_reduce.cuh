// One-shot all-reduce of bf16 over peer memory: every rank reads all ranks' messages and adds them
// itself. For small messages, where latency counts and the links do not.
#pragma once

#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

inline constexpr int most_ranks = 8;
inline constexpr int all_reduce_threads = 512;
inline constexpr int most_all_reduce_blocks = 64;

/// Flags of one rank, in its memory, written by the others: round numbers per block and sender.
struct AllReduceFlags {
  std::uint32_t arrived[most_all_reduce_blocks][most_ranks];
  std::uint32_t done[most_all_reduce_blocks][most_ranks];
  std::uint32_t
      round[most_all_reduce_blocks];  ///< of this rank's own blocks; zero before the first
};

struct AllReduceArguments {
  const uint4* messages[most_ranks];
  AllReduceFlags* flags[most_ranks];
  uint4* result;  ///< this rank's
  int rank;
  int ranks;
  int vectors;  ///< of 16 bytes per message
};

/// Block b of every rank waits for block b of all others: each tells the others `round`.
template <class Flags>
__device__ __forceinline__ void meet(const AllReduceArguments& arguments, std::uint32_t round,
                                     const Flags& flags) {
  if (threadIdx.x < static_cast<unsigned>(arguments.ranks)) {
    const int peer = static_cast<int>(threadIdx.x);
    store_release_system(&flags(*arguments.flags[peer])[blockIdx.x][arguments.rank], round);
    const std::uint32_t* own = &flags(*arguments.flags[arguments.rank])[blockIdx.x][peer];
    // A peer may already be in the next round; numbers wrap.
    while (static_cast<std::int32_t>(load_acquire_system(own) - round) < 0) {
    }
  }
  __syncthreads();
}

/// The same grid on every rank, all blocks resident at once (at most most_all_reduce_blocks).
/// Messages may be overwritten after the kernel, since no rank leaves before all have read.
template <int Ranks>
__global__ void __launch_bounds__(all_reduce_threads)
    all_reduce_one_shot(const __grid_constant__ AllReduceArguments arguments) {
  std::uint32_t* own_round = &arguments.flags[arguments.rank]->round[blockIdx.x];
  const std::uint32_t round = *own_round + 1;
  __syncthreads();  // all have read it
  if (threadIdx.x == 0) *own_round = round;
  meet(
      arguments, round, [](AllReduceFlags & flags) -> auto& { return flags.arrived; });
  const int stride = static_cast<int>(gridDim.x) * all_reduce_threads;
  for (int i = static_cast<int>(blockIdx.x) * all_reduce_threads + static_cast<int>(threadIdx.x);
       i < arguments.vectors; i += stride) {
    uint4 loaded[Ranks];
#pragma unroll
    for (int rank = 0; rank < Ranks; ++rank) loaded[rank] = arguments.messages[rank][i];
    float sum[8] = {};
#pragma unroll
    for (int rank = 0; rank < Ranks; ++rank) {
      float values[8];
      unpack_bf16(loaded[rank], values);
#pragma unroll
      for (int e = 0; e < 8; ++e) sum[e] += values[e];
    }
    arguments.result[i] = pack_bf16(sum);
  }
  __syncthreads();
  meet(
      arguments, round, [](AllReduceFlags & flags) -> auto& { return flags.done; });
}

}  // namespace microdc::kernels::cuda
