// Runs CUDA kernels on the host, one fiber per thread, so that tests see their results without a
// GPU. Include before the kernel's header. It finds wrong indices, missing waits and barriers
// (threads run in the order asked for, asynchronous copies land as early or as late as they may),
// divergent collectives and accesses past buffers (with address sanitizer); it tells nothing about
// speed. What nvcc knows as instructions is defined here with the meaning that the PTX manual
// gives.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>
#include <cuda_runtime.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#undef __global__
#undef __device__
#undef __host__
#undef __shared__
#undef __launch_bounds__
#undef __forceinline__
#undef __grid_constant__
#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(...)
#define __forceinline__ inline
#define __grid_constant__
#define threadIdx (::microdc::testing::host_device::current_thread().thread)
#define blockIdx (::microdc::testing::host_device::current_thread().block)
#define blockDim (::microdc::testing::host_device::current_thread().block_size)
#define gridDim (::microdc::testing::host_device::current_thread().grid_size)

namespace microdc::testing::host_device {

struct Place {
  uint3 thread, block;
  dim3 block_size, grid_size;
};

/// Of the fiber that runs. Only to be called by kernels.
const Place& current_thread();

enum class ThreadOrder { ascending, descending, shuffled };
enum class CopiesLand { at_once, when_waited_for };

/// How to run a grid; every combination must give the same results.
struct Schedule {
  ThreadOrder order = ThreadOrder::ascending;
  CopiesLand copies = CopiesLand::when_waited_for;
};
/// The schedules that a kernel is to be tested under.
std::vector<Schedule> schedules();

struct Launch {
  dim3 grid, block;
  int shared_bytes = 0;          ///< filled with 0xFF before each block
  std::function<void()> thread;  ///< the kernel's call with its arguments
};

/// Runs the blocks one after the other. Throws std::runtime_error if threads wait for each other
/// for ever.
void run(const Launch& launch, const Schedule& schedule = {});
/// Runs all blocks of all launches at the same time: kernels that wait for each other. None may
/// have static shared memory.
void run_together(const std::vector<Launch>& launches, const Schedule& schedule = {});

/// Collectives: every lane of the warp (every thread of the block) that has not ended takes part.
std::uint32_t shuffle(std::uint32_t value, int source_lane);
int count_in_block(bool predicate);
void wait_for_block();
void wait_for_warp();
int lane();

}  // namespace microdc::testing::host_device

inline void __syncthreads() { microdc::testing::host_device::wait_for_block(); }
inline void __syncwarp(unsigned = 0xffffffffU) { microdc::testing::host_device::wait_for_warp(); }
inline int __syncthreads_count(int predicate) {
  return microdc::testing::host_device::count_in_block(predicate != 0);
}
template <class T>
T __shfl_sync(unsigned, T value, int source) {
  static_assert(sizeof(T) == 4);
  return std::bit_cast<T>(
      microdc::testing::host_device::shuffle(std::bit_cast<std::uint32_t>(value), source));
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lanes) {
  return __shfl_sync(mask, value, microdc::testing::host_device::lane() ^ lanes);
}

inline int __any_sync(unsigned mask, int predicate) {
  int any = predicate != 0 ? 1 : 0;
  for (int lanes = 1; lanes < 32; lanes *= 2) any |= __shfl_xor_sync(mask, any, lanes);
  return any;
}

inline std::uint32_t __float_as_uint(float x) { return std::bit_cast<std::uint32_t>(x); }
inline float __uint_as_float(std::uint32_t x) { return std::bit_cast<float>(x); }
inline float rsqrtf(float x) { return 1.0F / std::sqrt(x); }
inline std::uint32_t __byte_perm(std::uint32_t low, std::uint32_t high, std::uint32_t selector) {
  const std::uint64_t bytes = (static_cast<std::uint64_t>(high) << 32) | low;
  std::uint32_t result = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t source = (selector >> (4 * i)) & 7;
    result |= static_cast<std::uint32_t>((bytes >> (8 * source)) & 0xff) << (8 * i);
  }
  return result;
}
template <class T>
T __ldcs(const T* from) {
  return *from;
}
template <class T>
T __ldcg(const T* from) {
  return *from;
}
template <class T>
void __stcs(T* to, const T& value) {
  *to = value;
}
template <class T>
T atomicAdd(T* to, T value) {
  const T before = *to;
  *to += value;
  return before;
}
template <class T>
T atomicXor(T* to, T value) {
  const T before = *to;
  *to ^= value;
  return before;
}
