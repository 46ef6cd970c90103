// Reading, writing, copying and the triad a = b + s c through device memory, 16 bytes at a time.
#pragma once

#include "kernels/cuda/instructions.cuh"
#include "kernels/cuda/memory_values.hpp"

namespace microdc::kernels::cuda {

inline constexpr int memory_threads = 512;
/// Blocks that a multiprocessor must be able to hold: bounds what the compiler spends on registers.
template <int Unroll>
inline constexpr int resident_memory_blocks = Unroll >= 8 ? 1 : 2;

/// Accesses with or without the hint that the line will not be used again.
template <bool Streaming>
__device__ __forceinline__ uint4 load_vector(const uint4* from) {
  if constexpr (Streaming) return __ldcs(from);
  return *from;
}
template <bool Streaming>
__device__ __forceinline__ void store_vector(uint4* to, const uint4& value) {
  if constexpr (Streaming) {
    __stcs(to, value);
  } else {
    *to = value;
  }
}

/// Calls body(first, whole) for each tile of Unroll x memory_threads vectors that this block has
/// to do; thread t does first + t, first + t + memory_threads, ... below `vectors`. In a whole tile
/// all of them exist. Blocks stride over the tiles, or have one each: the grid decides.
template <int Unroll, class Body>
__device__ __forceinline__ void for_each_tile(std::int64_t vectors, const Body& body) {
  constexpr std::int64_t tile = std::int64_t{Unroll} * memory_threads;
  for (std::int64_t first = blockIdx.x * tile; first < vectors; first += gridDim.x * tile) {
    body(first + threadIdx.x, first + tile <= vectors);
  }
}

__device__ __forceinline__ std::uint32_t folded(const uint4& v) { return v.x ^ v.y ^ v.z ^ v.w; }

/// Exclusive or of all words, spread over `results[read_result_words]` so that blocks do not queue
/// for one address: the compiler cannot drop a load and the host can tell that none was dropped.
template <int Unroll, bool Streaming>
__global__ void __launch_bounds__(memory_threads, resident_memory_blocks<Unroll>)
    read_memory(const uint4* __restrict__ from, std::int64_t vectors, std::uint32_t* results) {
  __shared__ std::uint32_t of_warps[memory_threads / 32];
  std::uint32_t mix = 0;
  for_each_tile<Unroll>(vectors, [&](std::int64_t first, bool whole) {
    uint4 loaded[Unroll];
    if (whole) {
#pragma unroll
      for (int i = 0; i < Unroll; ++i)
        loaded[i] = load_vector<Streaming>(from + first + i * memory_threads);
#pragma unroll
      for (int i = 0; i < Unroll; ++i) mix ^= folded(loaded[i]);
    } else {
#pragma unroll 1
      for (std::int64_t i = first; i < vectors; i += memory_threads)
        mix ^= folded(load_vector<Streaming>(from + i));
    }
  });
#pragma unroll
  for (int lanes = 16; lanes > 0; lanes /= 2) mix ^= __shfl_xor_sync(0xffffffffu, mix, lanes);
  if (threadIdx.x % 32 == 0) of_warps[threadIdx.x / 32] = mix;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int warp = 1; warp < memory_threads / 32; ++warp) mix ^= of_warps[warp];
  atomicXor(results + blockIdx.x % read_result_words, mix);
}

template <int Unroll, bool Streaming>
__global__ void __launch_bounds__(memory_threads, resident_memory_blocks<Unroll>)
    write_memory(uint4* __restrict__ to, std::int64_t vectors, std::uint32_t seed) {
  const auto value = [&](std::int64_t index) {
    const std::uint32_t word = written_word(seed, index);
    return uint4{word, word + 1, word + 2, word + 3};
  };
  for_each_tile<Unroll>(vectors, [&](std::int64_t first, bool whole) {
    if (whole) {
#pragma unroll
      for (int i = 0; i < Unroll; ++i) {
        const std::int64_t index = first + i * memory_threads;
        store_vector<Streaming>(to + index, value(index));
      }
    } else {
#pragma unroll 1
      for (std::int64_t i = first; i < vectors; i += memory_threads)
        store_vector<Streaming>(to + i, value(i));
    }
  });
}

template <int Unroll, bool Streaming>
__global__ void __launch_bounds__(memory_threads, resident_memory_blocks<Unroll>)
    copy_memory(uint4* __restrict__ to, const uint4* __restrict__ from, std::int64_t vectors) {
  for_each_tile<Unroll>(vectors, [&](std::int64_t first, bool whole) {
    uint4 loaded[Unroll];
    if (whole) {
#pragma unroll
      for (int i = 0; i < Unroll; ++i)
        loaded[i] = load_vector<Streaming>(from + first + i * memory_threads);
#pragma unroll
      for (int i = 0; i < Unroll; ++i)
        store_vector<Streaming>(to + first + i * memory_threads, loaded[i]);
    } else {
#pragma unroll 1
      for (std::int64_t i = first; i < vectors; i += memory_threads)
        store_vector<Streaming>(to + i, load_vector<Streaming>(from + i));
    }
  });
}

__device__ __forceinline__ std::uint32_t triad_word(std::uint32_t b, std::uint32_t c) {
  return __float_as_uint(fmaf(triad_factor, __uint_as_float(c), __uint_as_float(b)));
}
__device__ __forceinline__ uint4 triad_vector(const uint4& b, const uint4& c) {
  return {triad_word(b.x, c.x), triad_word(b.y, c.y), triad_word(b.z, c.z), triad_word(b.w, c.w)};
}

template <int Unroll, bool Streaming>
__global__ void __launch_bounds__(memory_threads, resident_memory_blocks<Unroll>)
    triad_memory(uint4* __restrict__ a, const uint4* __restrict__ b, const uint4* __restrict__ c,
                 std::int64_t vectors) {
  for_each_tile<Unroll>(vectors, [&](std::int64_t first, bool whole) {
    uint4 left[Unroll], right[Unroll];
    if (whole) {
#pragma unroll
      for (int i = 0; i < Unroll; ++i) {
        left[i] = load_vector<Streaming>(b + first + i * memory_threads);
        right[i] = load_vector<Streaming>(c + first + i * memory_threads);
      }
#pragma unroll
      for (int i = 0; i < Unroll; ++i) {
        store_vector<Streaming>(a + first + i * memory_threads, triad_vector(left[i], right[i]));
      }
    } else {
#pragma unroll 1
      for (std::int64_t i = first; i < vectors; i += memory_threads) {
        store_vector<Streaming>(
            a + i, triad_vector(load_vector<Streaming>(b + i), load_vector<Streaming>(c + i)));
      }
    }
  });
}

}  // namespace microdc::kernels::cuda
