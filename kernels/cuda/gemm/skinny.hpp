// The families of GEMM kernels for a few tokens (decode steps): bf16 activations, weights of fewer
// bits; for one token, bf16 weights; fp8 by fp8.
#pragma once

namespace microdc::kernels::cuda {

class Registry;

/// On CUDA cores, one token: bf16 and fp8 weights.
void add_gemv(Registry& registry);
/// On tensor cores, up to 64 tokens: fp8, int8 and int4 weights.
void add_skinny(Registry& registry);
/// The same on Hopper's asynchronous ones; fp8 weights by fp8 activations.
void add_skinny_wgmma(Registry& registry);

}  // namespace microdc::kernels::cuda
