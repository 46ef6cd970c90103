// What a CUDA device can hold and run, without CUDA types.
#pragma once

#include <cstdint>

namespace microdc::kernels::cuda {

/// Compute capability, "9.0" as 90.
using Capability = int;

/// What a kernel was compiled for: which devices can run it (kernels/cuda/CMakeLists.txt holds the
/// compiler's side of it).
enum class Target {
  sm_80_up,  ///< any device since Ampere
  sm_89_up,  ///< since Ada: fp8 on tensor cores
  sm_90_up,  ///< since Hopper: bulk copies
  sm_90a,    ///< Hopper only: TMA and wgmma
};

/// True if a device of this compute capability runs kernels of this target.
constexpr bool runs_on(Target target, Capability capability) {
  switch (target) {
    case Target::sm_80_up: return capability >= 80;
    case Target::sm_89_up: return capability >= 89;
    case Target::sm_90_up: return capability >= 90;
    case Target::sm_90a: return capability == 90;
  }
  return false;
}

/// Shared memory that one block may ask for on the smallest device of the target [byte]
/// (CUDA C++ Programming Guide, table of technical specifications per compute capability).
constexpr int shared_bytes_of(Target target) {
  return target == Target::sm_90a ? 227 * 1024 : 163 * 1024;
}

/// Shared memory per block of sm_86, sm_89 and sm_120, which have less than sm_80.
inline constexpr int small_shared_bytes = 99 * 1024;

struct Limits {
  Capability capability = 0;
  int multiprocessors = 0;
  int shared_bytes_per_block = 0;  ///< most that one block may ask for
  std::int64_t l2_bytes = 0;
  std::int64_t memory_bytes = 0;
};

}  // namespace microdc::kernels::cuda
