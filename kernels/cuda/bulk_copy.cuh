// Copying with the bulk copy engine of sm_90 and later: one thread per block moves whole chunks
// through a ring in shared memory; no data passes through registers.
#pragma once

#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/instructions.cuh"

namespace microdc::kernels::cuda {

#ifdef __CUDACC__

/// As wait_for_phase, with a loop that the compiler sees: around the other, bulk_copy becomes twice
/// as long.
__device__ __forceinline__ void wait_loaded(Barrier* barrier, int parity) {
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

/// Starts a load, and completes the barrier's phase when it has ended.
__device__ __forceinline__ void load_chunk(void* to_shared, const void* from, int bytes,
                                           Barrier* barrier) {
  arrive_expecting(barrier, bytes);
  copy_bulk(to_shared, from, bytes, barrier);
}

/// Starts a store of contiguous bytes, as a group of its own.
__device__ __forceinline__ void store_bulk(void* to, const void* from_shared, int bytes) {
  asm volatile("cp.async.bulk.global.shared::cta.bulk_group [%0], [%1], %2;" ::"l"(to),
               "r"(shared_address(from_shared)), "r"(bytes)
               : "memory");
  asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}
/// Waits until at most `Pending` stores still read shared memory.
template <int Pending>
__device__ __forceinline__ void wait_bulk_stores_read() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(Pending) : "memory");
}
__device__ __forceinline__ void wait_bulk_stores() {
  asm volatile("cp.async.bulk.wait_group 0;" ::: "memory");
}

#endif

/// Copies `bytes` (a multiple of 16). Blocks stride over chunks of ChunkBytes; block of 32 threads.
template <int ChunkBytes, int Stages>
__global__ void __launch_bounds__(32) bulk_copy(char* to, const char* from, std::int64_t bytes) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
  MICRODC_DYNAMIC_SHARED(ring);
  __shared__ Barrier loaded[Stages];
  if (threadIdx.x != 0) return;
  for (int stage = 0; stage < Stages; ++stage) init_barrier(&loaded[stage], 1);
  fence_barrier_init();

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
    load_chunk(ring + stage * ChunkBytes, from + offset(chunk), size(chunk), &loaded[stage]);
  };
  for (std::int64_t chunk = 0; chunk < Stages - 1 && chunk < chunks; ++chunk) load(chunk);
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const int stage = static_cast<int>(chunk % Stages);
    wait_loaded(&loaded[stage], static_cast<int>(chunk / Stages % 2));
    store_bulk(to + offset(chunk), ring + stage * ChunkBytes, size(chunk));
    if (chunk + Stages - 1 < chunks) {
      wait_bulk_stores_read<1>();  // the store before this one left its stage
      load(chunk + Stages - 1);
    }
  }
  wait_bulk_stores();
#endif
}

}  // namespace microdc::kernels::cuda
