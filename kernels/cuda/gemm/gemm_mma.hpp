// The families of GEMM kernels on mma.sync.
#pragma once

namespace microdc::kernels::cuda {

class Registry;

/// bf16 and fp16.
void add_gemm_mma(Registry& registry);
/// fp8 (e4m3 operands, bf16 result), since sm_89.
void add_gemm_mma_fp8(Registry& registry);

}  // namespace microdc::kernels::cuda
