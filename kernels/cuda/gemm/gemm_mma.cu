#include "kernels/cuda/gemm/gemm_mma.hpp"

#include "kernels/cuda/gemm/gemm_mma_variants.cuh"

namespace microdc::kernels::cuda {

void add_gemm_mma(Registry& registry) {
  add_gemm_mma_variants<__nv_bfloat16, __nv_bfloat16>(registry,
                                                      {.format = "bf16", .formats = bf16_gemm});
  add_gemm_mma_variants<__half, __half>(registry, {.format = "fp16", .formats = fp16_gemm});
}

}  // namespace microdc::kernels::cuda
