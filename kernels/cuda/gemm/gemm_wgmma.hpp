// The family of GEMM kernels on TMA and wgmma (Hopper): bf16, fp16, fp8.
#pragma once

namespace microdc::kernels::cuda {

class Registry;

void add_gemm_wgmma(Registry& registry);

}  // namespace microdc::kernels::cuda
