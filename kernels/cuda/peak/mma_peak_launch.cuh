// mma_peak as the registry takes it.
#pragma once

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/peak/mma_peak.cuh"
#include "kernels/cuda/peak/peak.hpp"

namespace microdc::kernels::cuda {

template <class Operand, class Sum>
void launch_mma_peak(const void* left, const void* right, int steps, void* sums, int blocks,
                     cudaStream_t stream) {
  mma_peak<Operand, Sum><<<static_cast<unsigned>(blocks), mma_peak_threads, 0, stream>>>(
      static_cast<const std::uint32_t*>(left), static_cast<const std::uint32_t*>(right), steps,
      static_cast<Sum*>(sums));
  check(cudaGetLastError(), "launch of mma_peak");
}

template <class Operand, class Sum>
PeakKernel mma_peak_kernel(const char* format, Element operand, double tolerance) {
  PeakKernel kernel;
  kernel.format = format;
  kernel.name = "mma-registers";
  kernel.operand = operand;
  kernel.blocks_per_multiprocessor = 4;
  kernel.rows = mma_peak_rows;
  kernel.columns = mma_peak_columns;
  kernel.depth = static_cast<int>(32 / storage_bytes(operand, 1));
  kernel.products_per_step = mma_peak_threads / 32;
  kernel.steps = 1 << 13;
  kernel.tolerance = tolerance;
  kernel.launch = launch_mma_peak<Operand, Sum>;
  return kernel;
}

}  // namespace microdc::kernels::cuda
