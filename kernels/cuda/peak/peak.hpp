// The families that measure what the arithmetic units give at most (Operation::arithmetic_peak).
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

#include "kernels/cuda/fill.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

/// Of sums of few products, relative to the rms of all sums; tensor cores keep less of the sums of
/// fp8 products (gemm_problem.hpp).
inline constexpr double peak_tolerance = 1.0 / 4096, fp8_peak_tolerance = 1.0 / 64;

/// A kernel that multiplies the same two matrices again and again; all blocks do the same.
struct PeakKernel {
  std::string format, name;
  Target target = Target::sm_80_up;
  Capability left_out = 0;  ///< of the target, but has no such instruction: it would time others
  Element operand = Element::bf16;
  int shared_bytes = 0;
  int blocks_per_multiprocessor = 1;
  int rows = 0, columns = 0, depth = 0;  ///< left matrix [rows][depth], right one [columns][depth]
  /// How often a block forms the product in one step; in each copy of its sums once.
  int products_per_step = 1;
  int steps = 0;  ///< of one timed call
  double tolerance = 0;
  /// Leaves `steps` times the product in `sums`, [block][rows][columns], fp32 or, of int8, int32.
  void (*launch)(const void* left, const void* right, int steps, void* sums, int blocks,
                 cudaStream_t stream) = nullptr;
};

void add_peak(Registry& registry, const PeakKernel& kernel);

/// bf16, fp16, int8 on mma.sync.
void add_mma_peak(Registry& registry);
void add_mma_peak_fp8(Registry& registry);
/// bf16, fp16, fp8 on wgmma (Hopper).
void add_wgmma_peak(Registry& registry);

}  // namespace microdc::kernels::cuda
