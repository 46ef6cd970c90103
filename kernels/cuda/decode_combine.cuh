// The results of pairs that several blocks of decode attention shared: combined by the last of
// them, or by a kernel of their own.
#pragma once

#include "kernels/cuda/decode_arguments.hpp"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

/// A row of a split pair: what one warp gathers of its slots.
template <int HeadDim>
struct GatheredRow {
  static constexpr int width = HeadDim / 32;  ///< columns of a lane: lane, lane + 32, ...
  SoftmaxPart part = {-INFINITY, 0.0f};
  float output[width] = {};

  __device__ __forceinline__ void add(const SoftmaxPart& other, const float (&from)[width]) {
    const SoftmaxPart both = merge(part, other);
    const float keep = merge_weight(part, both.maximum);
    const float weight = merge_weight(other, both.maximum);
    part = both;
#pragma unroll
    for (int d = 0; d < width; ++d) output[d] = output[d] * keep + from[d] * weight;
  }

  /// Slots first, first + step, ... before `end`; several loads are under way at once.
  __device__ __forceinline__ void add_slots(const DecodeArguments& arguments, int first, int end,
                                            int step, int group, int row, int lane) {
    constexpr int at_once = 8;
    for (int slot = first; slot < end; slot += at_once * step) {
      SoftmaxPart parts[at_once];
      float from[at_once][width];
#pragma unroll
      for (int k = 0; k < at_once; ++k) {
        const bool exists = slot + k * step < end;
        const std::int64_t at = static_cast<std::int64_t>(slot + k * step) * group + row;
        parts[k] = {-INFINITY, 0.0f};
        if (exists) {
          const float2 known = __ldcg(reinterpret_cast<const float2*>(arguments.slot_sums + at));
          parts[k] = {known.x, known.y};
        }
#pragma unroll
        for (int d = 0; d < width; ++d)
          from[k][d] =
              exists ? __ldcg(arguments.slot_outputs + at * HeadDim + d * 32 + lane) : 0.0f;
      }
#pragma unroll
      for (int k = 0; k < at_once; ++k) add(parts[k], from[k]);
    }
  }

  __device__ __forceinline__ void store(const DecodeArguments& arguments, const SplitPair& pair,
                                        int group, int row, int lane) const {
    const std::int64_t head =
        static_cast<std::int64_t>(pair.sequence) * arguments.q_heads + pair.kv_head * group + row;
    const float scale = arguments.value_scale / part.sum;
#pragma unroll
    for (int d = 0; d < width; ++d)
      arguments.outputs[head * HeadDim + d * 32 + lane] = __float2bfloat16_rn(output[d] * scale);
  }
};

/// For all threads of a block, behind its writes to a slot of the pair: if all other parts of it
/// are done too, this block combines them. `last` is in shared memory.
template <int HeadDim, int Warps>
__device__ __forceinline__ void combine_if_last(const DecodeArguments& arguments, int split_pair,
                                                int* last) {
  const SplitPair pair = arguments.split_pairs[split_pair];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int group = arguments.q_heads / arguments.kv_heads;
  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    const unsigned others = atomicAdd(&arguments.arrivals[split_pair], 1u);
    *last = others == static_cast<unsigned>(pair.slots) - 1 ? 1 : 0;
  }
  __syncthreads();
  if (*last == 0) return;
  __threadfence();
  if (threadIdx.x == 0) arguments.arrivals[split_pair] = 0;
  for (int row = warp; row < group; row += Warps) {
    GatheredRow<HeadDim> gathered;
    gathered.add_slots(arguments, pair.first_slot, pair.first_slot + pair.slots, 1, group, row,
                       lane);
    gathered.store(arguments, pair, group, row, lane);
  }
}

/// Grid: (rows of a group in blocks of `8 / slices`, split pairs); a warp per row and slice of its
/// slots. `slices` is a power of two up to 8.
template <int HeadDim>
__global__ void __launch_bounds__(256)
    combine_parts(const __grid_constant__ DecodeArguments arguments, int slices) {
  using Row = GatheredRow<HeadDim>;
  constexpr int warps = 8;
  __shared__ float outputs[warps][HeadDim];
  __shared__ SoftmaxPart parts[warps];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int group = arguments.q_heads / arguments.kv_heads;
  const int row = static_cast<int>(blockIdx.x) * (warps / slices) + warp / slices;
  const SplitPair pair = arguments.split_pairs[blockIdx.y];
  Row gathered;
  if (row < group) {
    gathered.add_slots(arguments, pair.first_slot + warp % slices, pair.first_slot + pair.slots,
                       slices, group, row, lane);
  }
#pragma unroll
  for (int d = 0; d < Row::width; ++d) outputs[warp][d * 32 + lane] = gathered.output[d];
  if (lane == 0) parts[warp] = gathered.part;
  __syncthreads();
  if (row >= group || warp % slices != 0) return;
  for (int w = warp + 1; w < warp + slices; ++w) {
    float from[Row::width];
#pragma unroll
    for (int d = 0; d < Row::width; ++d) from[d] = outputs[w][d * 32 + lane];
    gathered.add(parts[w], from);
  }
  gathered.store(arguments, pair, group, row, lane);
}

}  // namespace microdc::kernels::cuda
