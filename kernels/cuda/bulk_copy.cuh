// Copying with the bulk copy engine of sm_90 and later: one thread per block moves whole chunks
// through a ring in shared memory; no data passes through registers.
#pragma once

#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

struct BulkCopyEngine {
  /// Prepares a barrier for one arrival per phase.
  static __device__ __forceinline__ void prepare(std::uint64_t* barrier) {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" ::"r"(shared_address(barrier))
                 : "memory");
  }
  /// Makes prepared barriers known to the engine.
  static __device__ __forceinline__ void fence_prepared() {
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  }
  /// Starts a load, and completes the barrier's phase when it has ended.
  static __device__ __forceinline__ void load(void* to_shared, const void* from, int bytes,
                                              std::uint64_t* barrier) {
    asm volatile(
        "mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(shared_address(barrier)),
        "r"(bytes)
        : "memory");
    asm volatile(
        "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::
            "r"(shared_address(to_shared)),
        "l"(from), "r"(bytes), "r"(shared_address(barrier))
        : "memory");
  }
  static __device__ __forceinline__ void wait_loaded(std::uint64_t* barrier, int parity) {
    std::uint32_t done = 0;
    while (done == 0) {
      asm volatile(
          "{\n\t.reg .pred p;\n\t"
          "mbarrier.try_wait.parity.shared::cta.b64 p, [%1], %2;\n\t"
          "selp.u32 %0, 1, 0, p;\n\t}"
          : "=r"(done)
          : "r"(shared_address(barrier)), "r"(parity)
          : "memory");
    }
  }
  /// Starts a store, as a group of its own.
  static __device__ __forceinline__ void store(void* to, const void* from_shared, int bytes) {
    asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to),
                 "r"(shared_address(from_shared)), "r"(bytes)
                 : "memory");
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
  }
  /// Waits until at most `Pending` stores still read shared memory.
  template <int Pending>
  static __device__ __forceinline__ void wait_stores_read() {
    asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(Pending) : "memory");
  }
  static __device__ __forceinline__ void wait_stores() {
    asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
  }
};

#endif

/// Copies `bytes` (a multiple of 16). Blocks stride over chunks of ChunkBytes; block of 32 threads.
template <int ChunkBytes, int Stages>
__global__ void __launch_bounds__(32) bulk_copy(char* to, const char* from, std::int64_t bytes) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  MICRODC_DYNAMIC_SHARED(ring);
  __shared__ std::uint64_t loaded[Stages];
  if (threadIdx.x != 0) return;
  using Engine = BulkCopyEngine;
  for (int stage = 0; stage < Stages; ++stage) Engine::prepare(&loaded[stage]);
  Engine::fence_prepared();

  const std::int64_t stride = static_cast<std::int64_t>(gridDim.x) * ChunkBytes;
  const std::int64_t start = static_cast<std::int64_t>(blockIdx.x) * ChunkBytes;
  const std::int64_t chunks = start < bytes ? (bytes - start + stride - 1) / stride : 0;
  const auto offset = [&](std::int64_t chunk) { return start + chunk * stride; };
  const auto size = [&](std::int64_t chunk) {
    const std::int64_t left = bytes - offset(chunk);
    return static_cast<int>(left < ChunkBytes ? left : ChunkBytes);
  };
  const auto load = [&](std::int64_t chunk) {
    const int stage = static_cast<int>(chunk % Stages);
    Engine::load(ring + stage * ChunkBytes, from + offset(chunk), size(chunk), &loaded[stage]);
  };
  for (std::int64_t chunk = 0; chunk < Stages - 1 && chunk < chunks; ++chunk) load(chunk);
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const int stage = static_cast<int>(chunk % Stages);
    Engine::wait_loaded(&loaded[stage], static_cast<int>(chunk / Stages % 2));
    Engine::store(to + offset(chunk), ring + stage * ChunkBytes, size(chunk));
    if (chunk + Stages - 1 < chunks) {
      Engine::template wait_stores_read<1>();  // the store before this one left its stage
      load(chunk + Stages - 1);
    }
  }
  Engine::wait_stores();
#endif
}

}  // namespace microdc::kernels::cuda
