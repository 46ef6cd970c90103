// The float64 reference of the GEMM kernels, at sampled elements of the result.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/cuda/gemm/gemm_problem.hpp"

namespace microdc::kernels::cuda {

/// Compares the rows and columns that sampled_indices gives, and looks for elements that were not
/// written: C must have been poisoned before. Waits for the stream.
Verification compare_gemm(const GemmOperands& operands, const GemmFormats& formats,
                          std::uint64_t seed, cudaStream_t stream);

/// a [m][k] times w [n][k] transposed, all of it, in float64; both in `element`. Waits for the
/// stream.
std::vector<double> full_product(const void* a, const void* w, Element element, int m, int n, int k,
                                 cudaStream_t stream);

}  // namespace microdc::kernels::cuda
