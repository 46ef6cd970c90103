#include "kernels/cuda/gemm/gemm_mma.hpp"

#include "kernels/cuda/gemm/gemm_mma_variants.cuh"

namespace microdc::kernels::cuda {

void add_gemm_mma_fp8(Registry& registry) {
  add_gemm_mma_variants<__nv_fp8_e4m3, __nv_bfloat16>(
      registry, {.format = "fp8", .formats = fp8_gemm, .target = Target::sm_89_up});
}

}  // namespace microdc::kernels::cuda
