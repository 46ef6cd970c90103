// Top-k and top-p sampling without a sort of the vocabulary, in two kernels.
//
// select_candidates: several blocks per row, each with a slice of the logits. Every thread takes
// the maximum of its own logits; at least k logits are as large as the k-th largest of these
// maxima, so a second reading (out of the L2 cache) keeps only logits from there on: with logits in
// no particular order hardly more than k. Should more survive than there is room for (equal logits,
// or all large ones in one thread's hands), the exact threshold is found by bisection over the
// bits. sample_candidates: one block per row sorts the slices' candidates, takes the best k, and
// draws from their nucleus.
#pragma once

#include "kernels/cuda/instructions.cuh"
#include "kernels/cuda/philox.hpp"
#include "kernels/cuda/sampling_order.hpp"

namespace microdc::kernels::cuda {

inline constexpr int sampling_threads = 1024;
inline constexpr int most_candidates = 2048;  ///< room of one block
inline constexpr int most_top_k = 1024;       ///< not above sampling_threads

struct SamplingArguments {
  const float* logits;    ///< [row][vocabulary]
  Candidate* candidates;  ///< [row][slice][top_k]; 0 where a slice has fewer
  int* tokens;            ///< [row], the result
  int vocabulary;
  int slices;
  int top_k;
  float top_p;
  float inverse_temperature;  ///< times log2(e)
  std::uint64_t seed;
};

/// Largest x such that at least `wanted` of the block's elements are >= x, if count(x) tells this
/// thread's share of them; 0 if there are fewer elements. 32 rounds.
template <class Count>
__device__ __forceinline__ std::uint32_t bisect_threshold(int wanted, int* shared_count,
                                                          const Count& count) {
  std::uint32_t threshold = 0;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint32_t trial = threshold | (1u << bit);
    if (threadIdx.x == 0) *shared_count = 0;
    __syncthreads();
    const int mine = count(trial);
    if (mine != 0) atomicAdd(shared_count, mine);
    __syncthreads();
    if (*shared_count >= wanted) threshold = trial;
    __syncthreads();
  }
  return threshold;
}

/// As bisect_threshold, with one element per thread.
__device__ __forceinline__ std::uint32_t bisect_threads(int wanted, std::uint32_t element) {
  std::uint32_t threshold = 0;
  for (int bit = 31; bit >= 0; --bit) {
    const std::uint32_t trial = threshold | (1u << bit);
    if (__syncthreads_count(element >= trial) >= wanted) threshold = trial;
  }
  return threshold;
}

/// A slice of a row and how its logits fall to the threads: in pieces of four where the alignment
/// allows it.
struct LogitSlice {
  const float* logits;
  int first;  ///< token of logits[0]
  int count;

  /// Calls body(ordered logit, index within the slice) for each logit of this thread.
  template <class Body>
  __device__ __forceinline__ void for_each(const Body& body) const {
    // Tokens before the first multiple of 16 bytes, then pieces of four, then the rest.
    const int ahead =
        static_cast<int>((4 - (reinterpret_cast<std::uintptr_t>(logits) / 4) % 4) % 4);
    const int head = ahead < count ? ahead : count;
    const int pieces = (count - head) / 4;
    const float4* vectors = reinterpret_cast<const float4*>(logits + head);
    const auto one = [&](int i) { body(ordered_bits(__float_as_uint(logits[i])), i); };
    const int thread = static_cast<int>(threadIdx.x);
    if (thread < head) one(thread);
#pragma unroll 4
    for (int piece = thread; piece < pieces; piece += sampling_threads) {
      const float4 v = vectors[piece];
      const int i = head + 4 * piece;
      body(ordered_bits(__float_as_uint(v.x)), i);
      body(ordered_bits(__float_as_uint(v.y)), i + 1);
      body(ordered_bits(__float_as_uint(v.z)), i + 2);
      body(ordered_bits(__float_as_uint(v.w)), i + 3);
    }
    const int tail = head + 4 * pieces + thread;
    if (tail < count) one(tail);
  }
};

__device__ __forceinline__ LogitSlice slice_of(const SamplingArguments& arguments) {
  const int each = (arguments.vocabulary + arguments.slices - 1) / arguments.slices;
  const int wanted = static_cast<int>(blockIdx.x) * each;
  const int first = wanted < arguments.vocabulary ? wanted : arguments.vocabulary;
  const int left = arguments.vocabulary - first;
  return {arguments.logits + static_cast<std::int64_t>(blockIdx.y) * arguments.vocabulary + first,
          first, left < each ? left : each};
}

/// The best `wanted` candidates exactly: logits above the threshold, and of those that equal it the
/// lowest tokens.
__device__ __forceinline__ void select_exactly(const LogitSlice& slice, int wanted,
                                               Candidate* found, int* count) {
  const std::uint32_t threshold = bisect_threshold(wanted, count, [&](std::uint32_t trial) {
    int mine = 0;
    slice.for_each([&](std::uint32_t logit, int) { mine += logit >= trial; });
    return mine;
  });
  // Among equals, the largest bound on ~token that still leaves enough.
  const auto better = [&](std::uint32_t logit, int i, std::uint32_t bound) {
    return logit > threshold ||
           (logit == threshold && 0xffffffffu - static_cast<std::uint32_t>(i) >= bound);
  };
  const std::uint32_t bound = bisect_threshold(wanted, count, [&](std::uint32_t trial) {
    int mine = 0;
    slice.for_each([&](std::uint32_t logit, int i) { mine += better(logit, i, trial); });
    return mine;
  });
  if (threadIdx.x == 0) *count = 0;
  __syncthreads();
  slice.for_each([&](std::uint32_t logit, int i) {
    if (better(logit, i, bound)) {
      found[atomicAdd(count, 1)] =
          make_candidate(logit, static_cast<std::uint32_t>(slice.first + i));
    }
  });
  __syncthreads();
}

/// Sorts a power of two of candidates, best first.
__device__ __forceinline__ void sort_candidates(Candidate* candidates, int count) {
  for (int size = 2; size <= count; size *= 2) {
    for (int stride = size / 2; stride > 0; stride /= 2) {
      for (int pair = threadIdx.x; pair < count / 2; pair += blockDim.x) {
        const int low = 2 * stride * (pair / stride) + pair % stride, high = low + stride;
        const bool best_first = (low & size) == 0;
        const Candidate a = candidates[low], b = candidates[high];
        if ((a < b) == best_first) {
          candidates[low] = b;
          candidates[high] = a;
        }
      }
      __syncthreads();
    }
  }
}

/// Grid: (slices, rows).
__global__ void __launch_bounds__(sampling_threads, 1)
    select_candidates(const __grid_constant__ SamplingArguments arguments) {
  __shared__ Candidate found[most_candidates];
  __shared__ int count;
  const LogitSlice slice = slice_of(arguments);
  const int wanted = arguments.top_k < slice.count ? arguments.top_k : slice.count;
  if (threadIdx.x == 0) count = 0;
  std::uint32_t largest = 0;  // below every finite logit
  slice.for_each([&](std::uint32_t logit, int) { largest = logit > largest ? logit : largest; });
  const std::uint32_t floor = bisect_threads(wanted, largest);  // holds barriers
  slice.for_each([&](std::uint32_t logit, int i) {
    if (logit >= floor) {
      const int place = atomicAdd(&count, 1);
      if (place < most_candidates)
        found[place] = make_candidate(logit, static_cast<std::uint32_t>(slice.first + i));
    }
  });
  __syncthreads();
  int candidates = count;
  __syncthreads();
  if (candidates > most_candidates) {
    select_exactly(slice, wanted, found, &count);
    candidates = wanted;
  }
  const int padded = power_of_two_from(candidates);
  for (int i = candidates + static_cast<int>(threadIdx.x); i < padded; i += sampling_threads)
    found[i] = 0;
  __syncthreads();
  sort_candidates(found, padded);
  Candidate* to =
      arguments.candidates +
      (static_cast<std::int64_t>(blockIdx.y) * arguments.slices + blockIdx.x) * arguments.top_k;
  for (int i = threadIdx.x; i < arguments.top_k; i += sampling_threads)
    to[i] = i < wanted ? found[i] : 0;
}

/// Running sums of values[0, count), in place; count is at most the block's threads.
__device__ __forceinline__ void running_sums(float* values, int count) {
  const int i = static_cast<int>(threadIdx.x);
  for (int step = 1; step < count; step *= 2) {
    const float before = i >= step && i < count ? values[i - step] : 0.0f;
    __syncthreads();
    if (i < count) values[i] += before;
    __syncthreads();
  }
}

/// The number in [0, 1) that decides a row's draw.
MICRODC_HD inline float uniform_of_row(std::uint64_t seed, std::uint32_t row) {
  const PhiloxWords words = philox({{row, 0, 0, 0}}, static_cast<std::uint32_t>(seed),
                                   static_cast<std::uint32_t>(seed >> 32));
  return static_cast<float>(words.word[0] >> 8) * 0x1p-24f;
}

/// Grid: rows; dynamic shared memory for slices x top_k candidates, padded to
/// a power of two.
__global__ void __launch_bounds__(sampling_threads, 1)
    sample_candidates(const __grid_constant__ SamplingArguments arguments) {
  MICRODC_DYNAMIC_SHARED(shared);
  __shared__ float weights[most_top_k];
  Candidate* candidates = reinterpret_cast<Candidate*>(shared);
  const int given = arguments.slices * arguments.top_k;
  const int padded = power_of_two_from(given);
  const Candidate* from = arguments.candidates + static_cast<std::int64_t>(blockIdx.x) * given;
  for (int i = threadIdx.x; i < padded; i += sampling_threads)
    candidates[i] = i < given ? from[i] : 0;
  __syncthreads();
  if (arguments.slices > 1) sort_candidates(candidates, padded);
  const int count = arguments.top_k < arguments.vocabulary ? arguments.top_k : arguments.vocabulary;
  const float best = __uint_as_float(float_bits_of(ordered_logit_of(candidates[0])));
  const int i = static_cast<int>(threadIdx.x);
  if (i < count) {
    const float logit = __uint_as_float(float_bits_of(ordered_logit_of(candidates[i])));
    weights[i] = exp2_fast((logit - best) * arguments.inverse_temperature);
  }
  __syncthreads();
  running_sums(weights, count);
  if (i == 0) {
    const int chosen =
        draw(weights, count, arguments.top_p, uniform_of_row(arguments.seed, blockIdx.x));
    arguments.tokens[blockIdx.x] = static_cast<int>(token_of(candidates[chosen]));
  }
}

}  // namespace microdc::kernels::cuda
