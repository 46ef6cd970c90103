// The families of GEMM kernels for a few tokens (decode steps): bf16 activations; bf16, fp8, int8
// and int4 weights.
#pragma once

namespace microdc::kernels::cuda {

class Registry;

/// On CUDA cores, up to 4 tokens.
void add_gemv(Registry& registry);
/// On tensor cores, up to 64 tokens.
void add_skinny(Registry& registry);

}  // namespace microdc::kernels::cuda
