// Decode attention of one block: its warps' walks through the plan, and the merging of what they
// found.
#pragma once

#include "kernels/cuda/attention_decode.cuh"
#include "kernels/cuda/decode_combine.cuh"

namespace microdc::kernels::cuda {

/// Starts the copies of the units that one warp reads, part after part. Units are dealt out in
/// turns that run on across parts: no warp has more than one unit more than another.
template <class Cache, int HeadDim, int Warps>
struct UnitFeed {
  using Unit = cuda::Unit<Cache, HeadDim>;

  const DecodeArguments& arguments;
  int part, end;  ///< of the plan's parts
  int unit;       ///< of the part; the next for this warp
  int lane;
  int kv_head = 0, units = 0, tokens = 0;  ///< of the part
  int first_held = 0;                      ///< unit whose pages lane 0 holds
  int pages[Unit::pages] = {};             ///< of unit first_held + lane * Warps
  const int* table = nullptr;              ///< of the part

  /// Pages of units warp + lane * Warps of the block's first part, as far as they are known.
  struct FirstPages {
    static constexpr int units = DecodeStart::known_pages / Unit::pages;
    int part, pages[Unit::pages];
  };

  __device__ __forceinline__ UnitFeed(const DecodeArguments& all, const DecodeStart* start,
                                      int warp, int this_lane, FirstPages& first)
      : arguments(all), unit(warp), lane(this_lane) {
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
      const int known = warp + lane * Warps;
      first.pages[page] = known < FirstPages::units ? start->pages[known * Unit::pages + page] : 0;
    }
    first.part = part = start->first_part, end = start->end_part;
    enter(start->part);
  }

  /// The first part from `part`, which is `next`, on that has a unit for this warp.
  __device__ __forceinline__ void enter(DecodePart next) {
    while (unit >= next.units) {
      unit -= next.units;
      if (++part == end) return;
      next = arguments.parts[part];
    }
    units = next.units, kv_head = next.kv_head, tokens = next.tokens;
    table = arguments.block_table +
            static_cast<std::int64_t>(next.sequence) * arguments.pages_per_sequence +
            next.first_page;
    hold_pages();
  }

  __device__ __forceinline__ void hold_pages() {
    first_held = unit;
#pragma unroll
    for (int page = 0; page < Unit::pages; ++page) {
      const int index = (unit + lane * Warps) * Unit::pages + page;
      pages[page] = index * page_tokens < tokens ? table[index] : 0;
    }
  }

  /// Starts the next unit, if there is one, as the warp's `i`-th.
  template <class Copies>
  __device__ __forceinline__ void start(Copies& copies, int i, unsigned char* stage,
                                        const FirstPages* first = nullptr) {
    if (part < end) {
      if (unit == first_held + 32 * Warps) hold_pages();
      UnitSource<Unit> source;
      source.keys = static_cast<const char*>(arguments.keys);
      source.values = static_cast<const char*>(arguments.values);
#pragma unroll
      for (int page = 0; page < Unit::pages; ++page) {
        const int holder = (unit - first_held) / Warps;
        const bool known = first != nullptr && part == first->part && unit < FirstPages::units;
        const int index = known ? __shfl_sync(0xffffffffu, first->pages[page], holder)
                                : __shfl_sync(0xffffffffu, pages[page], holder);
        source.offsets[page] =
            page_offset(index, kv_head, arguments.kv_heads, HeadDim) * Cache::element_bytes;
      }
      source.tokens = tokens - unit * Unit::tokens;
      copies.start(i, lane, source, stage);
      unit += Warps;
      if (unit >= units) {
        unit -= units;
        if (++part < end) enter(arguments.parts[part]);
      }
    }
    copies.commit();
  }
};

/// `ArithmeticOf` is RowArithmetic or ColumnArithmetic.
template <class Cache, int HeadDim, int Warps, int Stages, template <class, int> class Copying,
          template <class, int, bool> class ArithmeticOf = RowArithmetic>
struct DecodeBlock {
  using Unit = cuda::Unit<Cache, HeadDim>;
  using Copies = Copying<Unit, Stages>;
  using Arithmetic = ArithmeticOf<Cache, HeadDim, Copies::twisted>;
  using State = typename Arithmetic::State;
  static constexpr int threads = Warps * 32;
  static constexpr int rows = Arithmetic::largest_group;
  static constexpr int shared_bytes = Warps * Stages * Unit::bytes;

  /// What the warps tell each other of a part.
  struct Findings {
    SoftmaxPart sums[Warps][rows];
    int stages[Warps];  ///< where a warp's outputs lie
    int last;           ///< of the blocks that share a pair
  };

  const DecodeArguments& arguments;
  unsigned char* ring;  ///< of all warps
  Findings& findings;
  int warp, lane;

  __device__ __forceinline__ unsigned char* stage(int of_warp, int i) const {
    return ring + (of_warp * Stages + i % Stages) * Unit::bytes;
  }

  /// Values behind the last token that counts become zeros: what lies there may be NaN.
  __device__ __forceinline__ void clear_values(unsigned char* of_stage, int valid) const {
    unsigned char* values = of_stage + Unit::operand_bytes;
#pragma unroll 1
    for (int at = valid * Unit::row_bytes + lane * 16; at < Unit::operand_bytes; at += 512) {
      const int place =
          Unit::template place<Copies::twisted>(at / Unit::row_bytes, at % Unit::row_bytes / 16);
      *reinterpret_cast<uint4*>(values + place) = {0, 0, 0, 0};
    }
    Copies::fence_writes();
  }

  /// Four columns of one row of the part, over all warps.
  __device__ __forceinline__ SoftmaxPart merge_columns(int row, int column, float (&sum)[4]) const {
    SoftmaxPart whole = {-INFINITY, 0.0f};
#pragma unroll
    for (int w = 0; w < Warps; ++w)
      whole.maximum = fmaxf(whole.maximum, findings.sums[w][row].maximum);
    sum[0] = sum[1] = sum[2] = sum[3] = 0.0f;
#pragma unroll
    for (int w = 0; w < Warps; ++w) {
      const SoftmaxPart part = findings.sums[w][row];
      if (part.sum == 0.0f) continue;  // had no unit: its stage holds anything
      const float weight = merge_weight(part, whole.maximum);
      const float4 outputs = *reinterpret_cast<const float4*>(
          reinterpret_cast<const float*>(stage(w, findings.stages[w])) +
          Arithmetic::place(row, column));
      whole.sum += weight * part.sum;
      sum[0] += weight * outputs.x, sum[1] += weight * outputs.y;
      sum[2] += weight * outputs.z, sum[3] += weight * outputs.w;
    }
    return whole;
  }

  /// The end of a part, for all warps. `i` is the unit that this one read last; copies to other
  /// stages go on.
  __device__ __forceinline__ void finish(const DecodePart& part, State& state, int i) const {
    const int group = arguments.q_heads / arguments.kv_heads;
    Arithmetic::leave_sums(state, lane, findings.sums[warp]);
    if (lane == 0) findings.stages[warp] = i;
    __syncwarp();  // all lanes are done with the stage
    if (__any_sync(0xffffffffu, state.sum[0] != 0.0f)) {
      Arithmetic::leave_outputs(state, group, lane, reinterpret_cast<float*>(stage(warp, i)));
    }
    Copies::fence_writes();
    __syncthreads();
    for (int item = threadIdx.x; item < group * HeadDim / 4; item += threads) {
      const int row = item / (HeadDim / 4), column = item % (HeadDim / 4) * 4;
      float sum[4];
      const SoftmaxPart whole = merge_columns(row, column, sum);
      if (part.slot == whole_pair) {
        const float scale = arguments.value_scale / whole.sum;
        const std::int64_t head = static_cast<std::int64_t>(part.sequence) * arguments.q_heads +
                                  part.kv_head * group + row;
        uint2 rounded;
        rounded.x = pack_pair(sum[0] * scale, sum[1] * scale, __nv_bfloat16{});
        rounded.y = pack_pair(sum[2] * scale, sum[3] * scale, __nv_bfloat16{});
        *reinterpret_cast<uint2*>(arguments.outputs + head * HeadDim + column) = rounded;
      } else {
        const std::int64_t at = static_cast<std::int64_t>(part.slot) * group + row;
        *reinterpret_cast<float4*>(arguments.slot_outputs + at * HeadDim + column) = {
            sum[0], sum[1], sum[2], sum[3]};
        if (column == 0) arguments.slot_sums[at] = whole;
      }
    }
    if (part.slot != whole_pair && arguments.arrivals != nullptr)
      combine_if_last<HeadDim, Warps>(arguments, part.split_pair, &findings.last);
    __syncthreads();
  }

  __device__ __forceinline__ typename Arithmetic::LoadedQueries load_queries(
      const DecodePart& part) const {
    const int group = arguments.q_heads / arguments.kv_heads;
    const std::int64_t head =
        static_cast<std::int64_t>(part.sequence) * arguments.q_heads + part.kv_head * group;
    return Arithmetic::load_queries(arguments.queries + head * HeadDim, group, lane);
  }

  __device__ __forceinline__ void run(const DecodeStart* start, Barrier* barriers) const {
    using Feed = UnitFeed<Cache, HeadDim, Warps>;
    Copies copies(barriers + warp * Stages, lane);
    typename Feed::FirstPages first;
    Feed feed(arguments, start, warp, lane, first);
#pragma unroll
    for (int i = 0; i < Stages - 1; ++i) feed.start(copies, i, stage(warp, i), &first);
    const int end_part = start->end_part;
    DecodePart part = start->part;
    typename Arithmetic::LoadedQueries loaded = load_queries(part);
    int unit = warp, i = 0;
    for (int p = start->first_part; p < end_part; ++p) {
      const DecodePart next = arguments.parts[p + 1 < end_part ? p + 1 : p];
      typename Arithmetic::Queries queries;
      Arithmetic::pack_queries(loaded, queries);
      State state = {};
      for (; unit < part.units; unit += Warps, ++i) {
        const int valid = part.tokens - unit * Unit::tokens;
        copies.wait(i);
        if (!Copies::fills_with_zeros && valid < Unit::tokens) clear_values(stage(warp, i), valid);
        __syncwarp();  // and all lanes are done with the stage that is filled next
        feed.start(copies, i + Stages - 1, stage(warp, i + Stages - 1));
        typename Arithmetic::Scores scores;
        Arithmetic::multiply_keys(queries, stage(warp, i), lane, scores);
        Arithmetic::weigh(scores, arguments.score_scale, valid, lane, state);
        Arithmetic::multiply_values(scores, stage(warp, i), lane, state);
      }
      unit -= part.units;
      loaded = load_queries(next);  // on their way while the part ends
      finish(part, state, i + Stages - 1);
      part = next;
    }
    copies.end();
  }
};

/// Grid: the blocks of the plan; a multiprocessor is to hold `Blocks` of them.
template <class Cache, int HeadDim, int Warps, int Stages, template <class, int> class Copying,
          template <class, int, bool> class ArithmeticOf = RowArithmetic, int Blocks = 8 / Warps>
__global__ void __launch_bounds__(Warps * 32, Blocks)
    decode_attention(const __grid_constant__ DecodeArguments arguments) {
  using Block = DecodeBlock<Cache, HeadDim, Warps, Stages, Copying, ArithmeticOf>;
  MICRODC_DYNAMIC_SHARED(ring);
  __shared__ typename Block::Findings findings;
  __shared__ Barrier barriers[Warps * Stages];
  const Block block{arguments, ring, findings, static_cast<int>(threadIdx.x / 32),
                    static_cast<int>(threadIdx.x % 32)};
  block.run(arguments.starts + blockIdx.x, barriers);
}

}  // namespace microdc::kernels::cuda
