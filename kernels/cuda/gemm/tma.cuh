// Barriers in shared memory and copies of tiles by the tensor memory accelerator (since sm_90).
#pragma once

#include <cuda.h>

#include <cstdint>

#include "kernels/cuda/gemm/gemm_instructions.cuh"

namespace microdc::kernels::cuda {

using Barrier = std::uint64_t;

#ifdef __CUDACC__

__device__ __forceinline__ void init_barrier(Barrier* barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(shared_address(barrier)),
               "r"(arrivals)
               : "memory");
}

/// Makes what this thread wrote to shared memory visible to TMA and wgmma; __syncthreads follows.
__device__ __forceinline__ void fence_shared_for_async() {
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
}

/// The same for initialised barriers.
__device__ __forceinline__ void fence_barrier_init() {
  asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  fence_shared_for_async();
}

/// Arrives; the phase ends when all have arrived and `bytes` more have been copied.
__device__ __forceinline__ void arrive_expecting(Barrier* barrier, int bytes) {
  asm volatile(
      "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)),
      "r"(bytes)
      : "memory");
}

__device__ __forceinline__ void arrive(Barrier* barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(shared_address(barrier))
               : "memory");
}

/// Waits for the end of the phase of this parity: a new barrier is in phase 0, and the phase before
/// it (parity 1) counts as over.
__device__ __forceinline__ void wait_for_phase(Barrier* barrier, unsigned parity) {
  asm volatile(
      "{\n.reg .pred done;\n"
      "waiting:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
      "@done bra finished;\n"
      "bra waiting;\n"
      "finished:\n}\n" ::"r"(shared_address(barrier)),
      "r"(parity)
      : "memory");
}

/// Starts copying the box of the tensor map at (column, row) to shared memory; `barrier` counts the
/// bytes. Elements outside the matrix arrive as zeros and count too.
__device__ __forceinline__ void copy_box(void* to, const CUtensorMap* map, int column, int row,
                                         Barrier* barrier) {
  asm volatile(
      "cp.async.bulk.tensor.2d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
      "[%0], [%1, {%2, %3}], [%4];" ::"r"(shared_address(to)),
      "l"(map), "r"(column), "r"(row), "r"(shared_address(barrier))
      : "memory");
}

__device__ __forceinline__ void prefetch_map(const CUtensorMap* map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

/// For launches with programmatic stream serialisation, otherwise without effect: the next one may
/// start where there is room, and waits in turn until all before have ended and their writes are
/// visible.
__device__ __forceinline__ void let_next_launch_start() {
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
}
__device__ __forceinline__ void wait_for_launches_before() {
  asm volatile("griddepcontrol.wait;" ::: "memory");
}

/// Gives up, or takes, registers: for all warps of a warpgroup at once.
template <int Registers>
__device__ __forceinline__ void shrink_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(Registers));
}
template <int Registers>
__device__ __forceinline__ void grow_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Registers));
}

#else  // the tests bring definitions of their own

void init_barrier(Barrier* barrier, int arrivals);
void fence_barrier_init();
void arrive_expecting(Barrier* barrier, int bytes);
void arrive(Barrier* barrier);
void wait_for_phase(Barrier* barrier, unsigned parity);
void copy_box(void* to, const CUtensorMap* map, int column, int row, Barrier* barrier);
inline void prefetch_map(const CUtensorMap*) {}
inline void let_next_launch_start() {}
inline void wait_for_launches_before() {}
template <int Registers>
void shrink_registers() {}
template <int Registers>
void grow_registers() {}

#endif

/// The stage in the ring that comes next, and the parity of its barriers' phase.
template <int Stages>
struct RingPosition {
  int stage = 0;
  unsigned parity = 0;
  __device__ __forceinline__ void advance() {
    if (++stage == Stages) {
      stage = 0;
      parity ^= 1;
    }
  }
};

}  // namespace microdc::kernels::cuda
