// A warp's ring of stages in shared memory, each with the keys and values of a unit of pages, and
// two ways to fill them. Every page of a head is contiguous and is copied as it lies.
#pragma once

#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/kv_formats.cuh"
#include "kernels/cuda/paging.hpp"

namespace microdc::kernels::cuda {

/// A stage: rows of the unit's keys, one per token, then rows of its values.
template <class Cache, int HeadDim>
struct Unit {
  /// As many pages as make the stage hold a warp's results too: 16 rows of fp32.
  static constexpr int pages = 2 / Cache::element_bytes;
  static constexpr int tokens = pages * page_tokens;
  static constexpr int row_bytes = HeadDim * Cache::element_bytes;
  static constexpr int page_bytes = page_tokens * row_bytes;
  static constexpr int operand_bytes = pages * page_bytes;
  static constexpr int bytes = 2 * operand_bytes;
  static_assert(row_bytes % 64 == 0 && bytes == 16 * HeadDim * 4);

  /// Where 16 bytes of a row lie. Twisted rows keep lanes that read the same column of neighbouring
  /// rows (keys), or of every second row (values), out of each other's banks.
  template <bool Twisted>
  static MICRODC_HD constexpr int place(int row, int sixteen) {
    const int twist = (row & 2) | (((row ^ (row >> 2)) & 1) << 2);
    const int column = Twisted ? sixteen ^ (twist & (row_bytes / 16 - 1)) : sixteen;
    return row * row_bytes + column * 16;
  }
};

/// The places of a unit's pages in memory.
template <class Unit>
struct UnitSource {
  const char* keys;
  const char* values;
  std::int64_t offsets[Unit::pages];  ///< [byte] of each page
  int tokens;                         ///< that count; those behind may be anything
};

/// cp.async: neighbouring lanes copy neighbouring 16 bytes. Rows that do not count become zeros.
template <class Unit, int Stages>
struct LaneCopies {
  static constexpr bool twisted = true;
  static constexpr bool fills_with_zeros = true;

  __device__ __forceinline__ LaneCopies(Barrier*, int) {}

  __device__ __forceinline__ void start(int, int lane, const UnitSource<Unit>& source,
                                        unsigned char* stage) {
#pragma unroll
    for (int operand = 0; operand < 2; ++operand) {
#pragma unroll
      for (int page = 0; page < Unit::pages; ++page) {
        const char* from = (operand == 0 ? source.keys : source.values) + source.offsets[page];
#pragma unroll
        for (int piece = 0; piece < Unit::page_bytes / 512; ++piece) {
          const int byte = piece * 512 + lane * 16;
          const int row = page * page_tokens + byte / Unit::row_bytes;
          unsigned char* to = stage + operand * Unit::operand_bytes +
                              Unit::template place<twisted>(row, byte % Unit::row_bytes / 16);
          copy_async_16(to, from + byte, row < source.tokens);
        }
      }
    }
  }
  /// After every start, or what stands for it behind the last unit.
  __device__ __forceinline__ void commit() { copy_async_commit(); }
  /// This lane's copies of unit `i` have landed; those of the others after the next __syncwarp.
  __device__ __forceinline__ void wait(int) { copy_async_wait<Stages - 2>(); }
  __device__ __forceinline__ void end() { copy_async_wait<0>(); }
  static __device__ __forceinline__ void fence_writes() {}
};

/// The bulk copy engine: one lane copies what counts of a page at once, as it lies; barriers count
/// what has landed.
template <class Unit, int Stages>
struct BulkCopies {
  static constexpr bool twisted = false;
  static constexpr bool fills_with_zeros = false;
  static_assert(Unit::pages == 1);

  Barrier* landed;  ///< of this warp, one per stage

  __device__ __forceinline__ BulkCopies(Barrier* barriers, int lane) : landed(barriers) {
    if (lane == 0) {
      for (int stage = 0; stage < Stages; ++stage) init_barrier(&landed[stage], 1);
      fence_barrier_init();
    }
    __syncwarp();
  }

  __device__ __forceinline__ void start(int i, int lane, const UnitSource<Unit>& source,
                                        unsigned char* stage) {
    if (lane != 0) return;
    Barrier* barrier = &landed[i % Stages];
    const int counting = source.tokens < Unit::tokens ? source.tokens : Unit::tokens;
    const int bytes = counting * Unit::row_bytes;
    arrive_expecting(barrier, 2 * bytes);
    copy_bulk(stage, source.keys + source.offsets[0], bytes, barrier);
    copy_bulk(stage + Unit::operand_bytes, source.values + source.offsets[0], bytes, barrier);
  }
  __device__ __forceinline__ void commit() {}
  __device__ __forceinline__ void wait(int i) {
    wait_for_phase(&landed[i % Stages], static_cast<unsigned>(i / Stages % 2));
  }
  __device__ __forceinline__ void end() {}
  /// Orders this thread's writes to a stage before copies to it.
  static __device__ __forceinline__ void fence_writes() { fence_shared_for_async(); }
};

}  // namespace microdc::kernels::cuda
